//! A filter as conditions of SQL. Every value is a parameter; the comparisons are core's own
//! functions, called on the dictionaries, which are small.

use crate::{
    codes::{Coded, DIRECTION_BIT, PROTOCOL_BIT},
    erase::Hidden,
};
use rusqlite::types::Value;
use tapmap_core::{AddressScope, Filter, Pattern, Term, Test, Timestamp};

/// A condition and its parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Condition {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
    /// The column whose index finds the rows, when there is one.
    pub(crate) indexed: Option<&'static str>,
    /// Whether a folded row has what it needs.
    pub(crate) of_folds: bool,
}

/// A whole filter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) conditions: Vec<Condition>,
}

impl Compiled {
    /// The conditions of a filter, and those that hide what is to be forgotten.
    pub(crate) fn of(filter: &Filter, now: Timestamp, hidden: &Hidden) -> Self {
        let mut conditions: Vec<Condition> =
            filter.terms.iter().map(|term| term_condition(term, now)).collect();
        for app in &hidden.apps {
            let values = vec![Value::Text(app.to_string())];
            let sql = "app IS NOT (SELECT id FROM word WHERE text = ?)".to_owned();
            conditions.push(Condition { sql, values, indexed: None, of_folds: true });
        }
        Self { conditions }
    }
}

fn term_condition(term: &Term, now: Timestamp) -> Condition {
    let condition = test_condition(&term.test, now);
    if !term.negated {
        return condition;
    }
    let sql = format!("NOT coalesce({}, 0)", condition.sql);
    Condition { sql, indexed: None, ..condition }
}

fn test_condition(test: &Test, now: Timestamp) -> Condition {
    match test {
        Test::App(patterns) => of_dictionary(
            "app",
            "SELECT program.app FROM program JOIN word ON word.id = program.app WHERE",
            "fits(?, word.text)",
            patterns,
        ),
        Test::Name(patterns) => {
            of_dictionary("name", "SELECT id FROM name WHERE", "name_fits(?, names)", patterns)
        }
        Test::User(patterns) => {
            let select = "SELECT owner.id FROM owner JOIN program ON program.id = owner.program WHERE";
            let found = of_dictionary("owner", select, "fits(?, program.user)", patterns);
            Condition { indexed: None, of_folds: false, ..found }
        }
        Test::Country(patterns) => of_remote("fits(?, country)", patterns, 1),
        Test::City(patterns) => of_remote("fits(?, city)", patterns, 1),
        Test::Operator(patterns) => of_remote("fits(?, operator) OR fits(?, organisation)", patterns, 2),
        Test::Asn(numbers) => {
            let values = numbers.iter().map(|asn| Value::Integer(asn.0.into())).collect();
            among_remotes(&repeated("asn = ?", numbers.len()), values)
        }
        Test::Address(blocks) => {
            let values = blocks.iter().map(|block| Value::Text(block.to_string())).collect();
            among_remotes(&repeated("in_block(?, address)", blocks.len()), values)
        }
        Test::Scope(patterns) => {
            let fits = |scope: &AddressScope| patterns.iter().any(|it| it.fits(Some(scope.word())));
            let codes: Vec<Value> =
                AddressScope::ALL.iter().filter(|it| fits(it)).map(|it| Value::Integer(it.code())).collect();
            among_remotes(&repeated("scope = ?", codes.len()), codes)
        }
        Test::Port(ports) => {
            let ends =
                |ports: &tapmap_core::Ports| [ports.first, ports.last].map(|it| Value::Integer(it.into()));
            Condition {
                sql: format!("({})", repeated("port BETWEEN ? AND ?", ports.len())),
                values: ports.iter().flat_map(ends).collect(),
                indexed: Some("port"),
                of_folds: true,
            }
        }
        Test::Protocol(protocol) => of_kind(PROTOCOL_BIT, protocol.code()),
        Test::Direction(direction) => of_kind(DIRECTION_BIT, direction.code() << 1),
        Test::Since(time) => {
            let since = now.as_millis().saturating_sub(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
            Condition {
                sql: "(open = 1 OR (id >> 20) + lasted >= ?)".to_owned(),
                values: vec![Value::Integer(since)],
                indexed: None,
                of_folds: false,
            }
        }
        Test::Text(pattern) => {
            let sql = "(coalesce(app IN (SELECT program.app FROM program JOIN word ON word.id = program.app
                     WHERE is_within(?, word.text)), 0)
                 OR coalesce(name IN (SELECT id FROM name WHERE name_within(?, names)), 0)
                 OR remote IN (SELECT id FROM remote
                     WHERE is_within(?, operator) OR is_within(?, city) OR is_within(?, address)))";
            let values = vec![Value::Text(pattern.written().to_owned()); 5];
            Condition { sql: sql.to_owned(), values, indexed: None, of_folds: true }
        }
    }
}

/// A column that names a row of a dictionary, or none when that is not known.
fn of_dictionary(column: &'static str, select: &str, test: &str, patterns: &[Pattern]) -> Condition {
    let fits = repeated(test, patterns.len());
    let none = patterns.iter().any(|pattern| pattern.fits(None));
    let or_none = if none { format!(" OR {column} IS NULL") } else { String::new() };
    Condition {
        sql: format!("({column} IN ({select} {fits}){or_none})"),
        values: patterns.iter().map(|pattern| Value::Text(pattern.written().to_owned())).collect(),
        indexed: (!none).then_some(column),
        of_folds: true,
    }
}

/// Something of the far address; each pattern is used `times` over.
fn of_remote(test: &str, patterns: &[Pattern], times: usize) -> Condition {
    let values = patterns.iter().flat_map(|it| vec![Value::Text(it.written().to_owned()); times]).collect();
    among_remotes(&repeated(test, patterns.len()), values)
}

fn among_remotes(test: &str, values: Vec<Value>) -> Condition {
    let sql = format!("remote IN (SELECT id FROM remote WHERE {test})");
    Condition { sql, values, indexed: Some("remote"), of_folds: true }
}

fn of_kind(bit: i64, value: i64) -> Condition {
    let sql = format!("(kind & {bit}) = {value}");
    Condition { sql, values: Vec::new(), indexed: None, of_folds: true }
}

/// One of so many; nothing is one of none.
fn repeated(test: &str, times: usize) -> String {
    if times == 0 { "0".to_owned() } else { vec![test; times].join(" OR ") }
}

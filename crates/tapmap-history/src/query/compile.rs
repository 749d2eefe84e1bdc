//! A filter as tests of a row's numbers. What it says in words is looked up once, in the dictionaries,
//! which are small, by core's own comparisons; after that a row is tested without them.

use crate::{
    codes::{Coded, DIRECTION_BIT, PROTOCOL_BIT},
    erase::Hidden,
};
use rusqlite::{Connection, Result, Row, params_from_iter, types::Value};
use std::collections::HashSet;
use tapmap_core::{AddressScope, Filter, Pattern, Ports, Term, Test, Timestamp};

/// A range of ports no larger is looked up port by port.
const FEW_PORTS: i64 = 64;

/// A column that filters look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Owner,
    App,
    Remote,
    Port,
    Name,
}

impl Column {
    /// Its place in the columns that are read.
    fn place(self) -> usize {
        match self {
            Self::Owner => 3,
            Self::App => 4,
            Self::Remote => 5,
            Self::Port => 6,
            Self::Name => 9,
        }
    }

    /// The name that its index ends with, when it has one.
    pub(crate) fn index(self) -> Option<&'static str> {
        match self {
            Self::Owner => None,
            Self::App => Some("app"),
            Self::Remote => Some("remote"),
            Self::Port => Some("port"),
            Self::Name => Some("name"),
        }
    }
}

/// The numbers in a column that fit.
#[derive(Clone, Debug)]
struct Among {
    column: Column,
    numbers: HashSet<i64>,
    /// Whether a row that has none fits too.
    or_none: bool,
}

#[derive(Clone, Debug)]
enum Check {
    /// One of these.
    Among(Vec<Among>),
    Ports(Vec<Ports>),
    /// Some bits of the kind.
    Kind {
        bit: i64,
        value: i64,
    },
    /// Open, or seen at this moment or later.
    Since(i64),
}

/// Something that a row must be, or must not.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    check: Check,
    negated: bool,
}

/// A whole filter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) conditions: Vec<Condition>,
}

impl Compiled {
    /// The conditions of a filter, and those that hide what is to be forgotten.
    pub(crate) fn of(
        connection: &Connection,
        filter: &Filter,
        now: Timestamp,
        hidden: &Hidden,
    ) -> Result<Self> {
        let of_term = |Term { negated, test }: &Term| {
            Ok(Condition { check: check(connection, test, now)?, negated: *negated })
        };
        let mut conditions: Vec<Condition> = filter.terms.iter().map(of_term).collect::<Result<_>>()?;
        for app in &hidden.apps {
            let values = vec![Value::Text(app.to_string())];
            let numbers = find(connection, "SELECT id FROM word WHERE text = ?", values)?;
            let check = Check::Among(vec![Among { column: Column::App, numbers, or_none: false }]);
            conditions.push(Condition { check, negated: true });
        }
        Ok(Self { conditions })
    }
}

impl Condition {
    /// Whether a row can be it; columns are those of [`super::plan`].
    pub(crate) fn fits(&self, row: &Row<'_>) -> Result<bool> {
        let fits = match &self.check {
            Check::Among(among) => {
                let mut any = false;
                for one in among {
                    any = any || one.holds(row)?;
                }
                any
            }
            Check::Ports(ports) => {
                let port = row.get(Column::Port.place())?;
                ports.iter().any(|ports| ports.hold(port))
            }
            Check::Kind { bit, value } => row.get::<_, i64>(10)? & bit == *value,
            Check::Since(since) => {
                row.get(1)? || super::millis(row.get(0)?).saturating_add(row.get(2)?) >= *since
            }
        };
        Ok(fits != self.negated)
    }

    /// Whether a folded row has what it needs.
    pub(crate) fn is_of_folds(&self) -> bool {
        match &self.check {
            Check::Among(among) => among.iter().all(|it| it.column != Column::Owner),
            Check::Ports(_) | Check::Kind { .. } => true,
            Check::Since(_) => false,
        }
    }

    /// Whether no row at all can be it.
    pub(crate) fn is_impossible(&self) -> bool {
        let nothing = |among: &Among| among.numbers.is_empty() && !among.or_none;
        !self.negated && matches!(&self.check, Check::Among(among) if among.iter().all(nothing))
    }

    /// The values of indexes under which all its rows are found, when there are such.
    pub(crate) fn entries(&self) -> Option<Vec<(Column, i64)>> {
        if self.negated {
            return None;
        }
        match &self.check {
            Check::Among(among) if among.iter().all(|it| !it.or_none && it.column.index().is_some()) => {
                let entries = |it: &Among| it.numbers.iter().map(|id| (it.column, *id)).collect::<Vec<_>>();
                Some(among.iter().flat_map(entries).collect())
            }
            Check::Ports(ports) => {
                let count: i64 = ports.iter().map(|it| i64::from(it.last) - i64::from(it.first) + 1).sum();
                let each = |it: &Ports| i64::from(it.first)..=i64::from(it.last);
                (count <= FEW_PORTS)
                    .then(|| ports.iter().flat_map(each).map(|port| (Column::Port, port)).collect())
            }
            Check::Among(_) | Check::Kind { .. } | Check::Since(_) => None,
        }
    }
}

impl Among {
    fn holds(&self, row: &Row<'_>) -> Result<bool> {
        let number: Option<i64> = row.get(self.column.place())?;
        Ok(number.map_or(self.or_none, |number| self.numbers.contains(&number)))
    }
}

fn check(connection: &Connection, test: &Test, now: Timestamp) -> Result<Check> {
    let texts = |patterns: &[Pattern], times: usize| -> Vec<Value> {
        patterns.iter().flat_map(|it| vec![Value::Text(it.written().to_owned()); times]).collect()
    };
    let remotes = |test: String, values| among(connection, Column::Remote, &test, values);
    let of_dictionary = |column, test: &str, patterns: &[Pattern]| {
        let mut found = among(connection, column, &repeated(test, patterns.len()), texts(patterns, 1))?;
        found.or_none = patterns.iter().any(|pattern| pattern.fits(None));
        Ok::<_, rusqlite::Error>(found)
    };
    Ok(Check::Among(vec![match test {
        Test::App(patterns) => of_dictionary(Column::App, "fits(?, word.text)", patterns)?,
        Test::Name(patterns) => of_dictionary(Column::Name, "name_fits(?, names)", patterns)?,
        Test::User(patterns) => of_dictionary(Column::Owner, "fits(?, program.user)", patterns)?,
        Test::Country(patterns) => remotes(repeated("fits(?, country)", patterns.len()), texts(patterns, 1))?,
        Test::City(patterns) => remotes(repeated("fits(?, city)", patterns.len()), texts(patterns, 1))?,
        Test::Operator(patterns) => {
            let test = "fits(?, operator) OR fits(?, organisation)";
            remotes(repeated(test, patterns.len()), texts(patterns, 2))?
        }
        Test::Asn(numbers) => {
            let values = numbers.iter().map(|asn| Value::Integer(asn.0.into())).collect();
            remotes(repeated("asn = ?", numbers.len()), values)?
        }
        Test::Address(blocks) => {
            let values = blocks.iter().map(|block| Value::Text(block.to_string())).collect();
            remotes(repeated("in_block(?, address)", blocks.len()), values)?
        }
        Test::Scope(patterns) => {
            let fits = |scope: &AddressScope| patterns.iter().any(|it| it.fits(Some(scope.word())));
            let codes: Vec<Value> =
                AddressScope::ALL.iter().filter(|it| fits(it)).map(|it| Value::Integer(it.code())).collect();
            remotes(repeated("scope = ?", codes.len()), codes)?
        }
        Test::Port(ports) => return Ok(Check::Ports(ports.clone())),
        Test::Protocol(protocol) => return Ok(Check::Kind { bit: PROTOCOL_BIT, value: protocol.code() }),
        Test::Direction(direction) => {
            return Ok(Check::Kind { bit: DIRECTION_BIT, value: direction.code() << 1 });
        }
        Test::Since(time) => {
            let time = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
            return Ok(Check::Since(now.as_millis().saturating_sub(time)));
        }
        Test::Text(pattern) => return text(connection, pattern),
    }]))
}

/// A text within the app, a name, the operator, the city or the address.
fn text(connection: &Connection, pattern: &Pattern) -> Result<Check> {
    let tests = [
        (Column::App, "is_within(?1, word.text)"),
        (Column::Name, "name_within(?1, names)"),
        (Column::Remote, "is_within(?1, operator) OR is_within(?1, city) OR is_within(?1, address)"),
    ];
    let values = || vec![Value::Text(pattern.written().to_owned())];
    let found = tests.into_iter().map(|(column, test)| among(connection, column, test, values()));
    found.collect::<Result<_>>().map(Check::Among)
}

/// The numbers whose rows in a dictionary fit.
fn among(connection: &Connection, column: Column, test: &str, values: Vec<Value>) -> Result<Among> {
    let select = match column {
        Column::App => "SELECT program.app FROM program JOIN word ON word.id = program.app",
        Column::Owner => "SELECT owner.id FROM owner JOIN program ON program.id = owner.program",
        Column::Name => "SELECT id FROM name",
        Column::Remote | Column::Port => "SELECT id FROM remote",
    };
    let numbers = find(connection, &format!("{select} WHERE {test}"), values)?;
    Ok(Among { column, numbers, or_none: false })
}

fn find(connection: &Connection, sql: &str, values: Vec<Value>) -> Result<HashSet<i64>> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map(params_from_iter(values), |row| row.get(0))?.collect()
}

/// One of so many; nothing is one of none.
fn repeated(test: &str, times: usize) -> String {
    if times == 0 { "0".to_owned() } else { vec![test; times].join(" OR ") }
}

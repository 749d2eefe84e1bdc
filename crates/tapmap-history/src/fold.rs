//! Folding: after two days, short repeated flows of one app to one endpoint become one row per hour.
//! The row still holds each flow, so that nothing is lost to a question.

mod members;

use crate::{
    codes::Kind,
    query::{ID_BITS, lowest_id},
};
use rusqlite::{Connection, Result, Row, params};
use std::collections::BTreeMap;

pub(crate) use members::{Member, fold, unfold};

/// The longest flow that is folded, in milliseconds.
const SHORT: i64 = 300_000;
/// The fewest flows that a folded row is worth.
const FEWEST: usize = 3;
/// The most flows in one row; more make another.
const MOST: usize = 1000;
const HOUR: i64 = 3_600_000;

/// What flows must have in common: all but their members' own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Common {
    app: Option<i64>,
    remote: i64,
    port: i64,
    local: i64,
    name: Option<i64>,
    kind: i64,
    possibly: Option<i64>,
    namespace: i64,
}

/// Folds the flows that began in one hour (UTC, counted from 1970).
pub(crate) fn fold_hour(connection: &Connection, hour: i64) -> Result<()> {
    let begin = hour.saturating_mul(HOUR);
    let mut groups: BTreeMap<Common, Vec<Member>> = BTreeMap::new();
    let mut statement = connection.prepare_cached(
        "SELECT app, remote, port, local, name, kind, possibly, namespace, id, lasted, other_port, owner, sent,
             received, sum = row_sum(id, open, lasted, owner, app, remote, port, other_port, local, name, kind,
                 sent, received, possibly, namespace)
         FROM flow NOT INDEXED WHERE id >= ?1 AND id < ?2 AND open = 0 AND lasted <= ?3",
    )?;
    let range = params![lowest_id(begin), lowest_id(begin + HOUR), SHORT];
    let mut rows = statement.query(range)?;
    while let Some(row) = rows.next()? {
        // A damaged row is left as it is, to be found as such. What carries an end that is not known
        // as a number cannot be packed.
        let (common, member) = read(row)?;
        if row.get(14)? && Kind::of_code(common.kind).is_some() {
            groups.entry(common).or_default().push(member);
        }
    }
    let mut id = last_fold(connection, begin)?.map_or(lowest_id(begin), |last| last + 1);
    for (common, members) in groups.into_iter().filter(|(_, members)| members.len() >= FEWEST) {
        for members in members.chunks(MOST) {
            write(connection, id, &common, members, begin)?;
            id += 1;
        }
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<(Common, Member)> {
    let common = Common {
        app: row.get(0)?,
        remote: row.get(1)?,
        port: row.get(2)?,
        local: row.get(3)?,
        name: row.get(4)?,
        kind: row.get(5)?,
        possibly: row.get(6)?,
        namespace: row.get(7)?,
    };
    let member = Member {
        id: row.get(8)?,
        lasted: row.get(9)?,
        other_port: row.get(10)?,
        owner: row.get(11)?,
        sent: row.get(12)?,
        received: row.get(13)?,
    };
    Ok((common, member))
}

/// The last folded row of an hour, when some of it was folded before.
fn last_fold(connection: &Connection, begin: i64) -> Result<Option<i64>> {
    let sql = "SELECT max(id) FROM fold WHERE id BETWEEN ?1 AND ?2";
    let range = [lowest_id(begin), lowest_id(begin) | ((1 << ID_BITS) - 1)];
    connection.prepare_cached(sql)?.query_row(range, |row| row.get(0))
}

fn write(connection: &Connection, id: i64, common: &Common, members: &[Member], begin: i64) -> Result<()> {
    let count = i64::try_from(members.len()).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "INSERT INTO fold (id, count, app, remote, port, local, name, kind, possibly, namespace, members, sum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
                 row_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11))",
        )?
        .execute(params![
            id,
            count,
            common.app,
            common.remote,
            common.port,
            common.local,
            common.name,
            common.kind,
            common.possibly,
            common.namespace,
            fold(members, begin),
        ])?;
    let mut delete = connection.prepare_cached("DELETE FROM flow WHERE id = ?1")?;
    for member in members {
        delete.execute([member.id])?;
    }
    Ok(())
}

//! Whether what is kept is sound: the file's own structure, and every row's check sum.

use crate::{codes::Kind, fold, query::millis, reader::has_table};
use rusqlite::{Connection, Result};

/// How many findings of one kind are told.
const TOLD: usize = 10;

/// Tables whose rows carry a check sum, and what it is of.
const SUMS: [(&str, &str); 16] = [
    ("session", "sum = row_sum(started_at, alive_at, zone, version, data_version)"),
    ("word", "print = row_print(text)"),
    ("program", "print = row_print(app, evidence, process, executable, user, own)"),
    ("owner", "print = row_print(program, pid, start)"),
    ("local", "print = row_print(address)"),
    (
        "remote",
        "print = row_print(address, scope, country, city, latitude, longitude, accuracy_km, precision, place_source,
             asn, organisation, operator, anycast, role)",
    ),
    ("name", "print = row_print(names, source)"),
    (
        "flow",
        "sum = row_sum(id, open, lasted, owner, app, remote, port, other_port, local, name, kind, sent, received,
             possibly, namespace)",
    ),
    ("fold", "sum = row_sum(id, count, app, remote, port, local, name, kind, possibly, namespace, members)"),
    (
        "day_use",
        "sum = row_sum(facet, day, value, app, imported, flows, mapped, sent, received, first_seen, last_seen)",
    ),
    (
        "day_total",
        "sum = row_sum(facet, day, value, imported, flows, mapped, sent, received, first_seen, last_seen)",
    ),
    ("slot_use", "sum = row_sum(slot, app, flows, sent, received)"),
    ("slot_total", "sum = row_sum(slot, flows, sent, received)"),
    ("program_file", "print = row_print(app, path, inode, size, modified) AND sum = row_sum(first_seen)"),
    ("gap", "sum = row_sum(since, until, why, lost)"),
    ("away", "sum = row_sum(since, until, why)"),
];

/// References from one table to another.
const REFERENCES: [(&str, &str, &str); 14] = [
    ("flow", "app", "word"),
    ("flow", "owner", "owner"),
    ("flow", "remote", "remote"),
    ("flow", "local", "local"),
    ("flow", "name", "name"),
    ("flow", "possibly", "word"),
    ("fold", "app", "word"),
    ("fold", "remote", "remote"),
    ("fold", "local", "local"),
    ("fold", "name", "name"),
    ("fold", "possibly", "word"),
    ("owner", "program", "program"),
    ("listener", "owner", "owner"),
    ("listener", "local", "local"),
];

/// What is wrong, in sentences.
pub(crate) fn verify(connection: &Connection, thoroughly: bool) -> Result<Vec<String>> {
    let mut findings = structure(connection, if thoroughly { "integrity_check" } else { "quick_check" })?;
    if !thoroughly || !findings.is_empty() {
        return Ok(findings);
    }
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    for (table, sound) in SUMS {
        if !has_table(connection, table)? {
            continue;
        }
        let wrong = count(&format!("SELECT count(*) FROM {table} WHERE NOT ({sound})"))?;
        if wrong > 0 {
            findings.push(format!("{wrong} rows of the table {table} are not what was written"));
        }
    }
    let listeners = "SELECT count(*) FROM listener
        WHERE NOT (sum = row_sum(id, first_seen, last_seen, open, protocol, local, port, owner))";
    if count(listeners)? > 0 {
        findings.push("rows of the table listener are not what was written".to_owned());
    }
    for (table, column, target) in REFERENCES {
        let lost = count(&format!(
            "SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {target})"
        ))?;
        if lost > 0 {
            findings.push(format!("{lost} rows of the table {table} refer to a {target} that is not there"));
        }
    }
    findings.extend(folded(connection)?);
    Ok(findings)
}

fn structure(connection: &Connection, check: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("PRAGMA {check}({TOLD})"))?;
    let lines: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

/// Every folded row can be taken apart.
fn folded(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT id, count, kind, members FROM fold")?;
    let mut rows = statement.query([])?;
    let mut wrong = 0;
    while let Some(row) = rows.next()? {
        let hour = millis(row.get(0)?).div_euclid(3_600_000) * 3_600_000;
        let members = fold::unfold(row.get_ref(3)?.as_blob()?, hour);
        let count = members.and_then(|members| i64::try_from(members.len()).ok());
        wrong += i64::from(count != Some(row.get(1)?) || Kind::of_code(row.get(2)?).is_none());
    }
    Ok((wrong > 0).then(|| format!("{wrong} folded rows cannot be taken apart")).into_iter().collect())
}

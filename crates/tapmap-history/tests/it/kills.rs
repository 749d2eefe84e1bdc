//! Killed in the middle of writing, again and again: a second is lost at most, and no row is torn.

use crate::support::*;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};
use tapmap_core::{FlowQuery, HistoryStore};
use tapmap_history::SqliteStore;

/// How many times the writer is killed.
const KILLS: u64 = 200;
/// How many flows are in one of its batches.
const BATCH: u64 = 50;
/// Tells the test that it is the writer, and where to write.
const WRITES_TO: &str = "TAPMAP_TEST_WRITES_TO";

/// What the child does: writes batches without end and says after each that it is written. Flow
/// number n began n milliseconds after noon; every batch leaves one flow open.
#[test]
#[expect(clippy::disallowed_methods, reason = "tells the test from its child")]
fn writer() {
    let Some(path) = std::env::var_os(WRITES_TO) else { return };
    let mut store = SqliteStore::open(Path::new(&path), at(NOON)).unwrap().store;
    let stats = store.reader().unwrap().stats().unwrap();
    store.begin(&session(NOON, "")).unwrap();
    let mut next = stats.flows;
    for _ in 0..10_000 {
        let begin = |number: u64| NOON + i64::try_from(number).unwrap();
        let flows: Vec<_> = (next..next + BATCH)
            .map(|number| {
                let mut flow = flow(
                    number,
                    app("Firefox", 5),
                    &format!("8.8.8.{}", number % 200),
                    begin(number),
                    begin(number),
                );
                flow.counters.bytes_sent = Some(number);
                flow
            })
            .collect();
        let mut batch = ended(begin(next + BATCH), &flows[1..]);
        batch.flows.extend(open(0, &flows[..1]).flows);
        store.append(&batch).unwrap();
        next += BATCH;
        println!("written {next}");
    }
}

fn start(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::writer", "--nocapture"])
        .env(WRITES_TO, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn two_hundred_kills_lose_nothing_that_was_said_to_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let (mut lost, mut torn, mut written) = (0_u64, 0_u64, 0_u64);
    for kill in 0..KILLS {
        let mut child = start(&path);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut batches = 0;
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("written ") {
                written = number.parse().unwrap();
                batches += 1;
                // Killed after another number of batches each time, while it writes the next one.
                if batches > kill % 7 {
                    break;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let store = SqliteStore::open(&path, at(NOON)).unwrap();
        assert_eq!(store.set_aside, None, "after kill {kill}");
        let flows = store.store.reader().unwrap().stats().unwrap().flows;
        lost += written.saturating_sub(flows);
        torn += flows % BATCH;
    }
    let store = SqliteStore::open(&path, at(NOON)).unwrap().store;
    let reader = store.reader().unwrap();
    assert_eq!(reader.verify(true).unwrap(), Vec::<String>::new());
    let mut wrong = 0;
    let visit = &mut |record: tapmap_core::FlowRecord| {
        let number = record.span.first_seen.as_millis() - NOON;
        wrong += u64::from(record.sent.map(u64::cast_signed) != Some(number));
        std::ops::ControlFlow::Continue(())
    };
    reader.each_flow(&FlowQuery::default(), at(NOON), visit).unwrap();
    println!("{KILLS} kills, {written} flows: {lost} lost, {torn} in torn batches, {wrong} wrong");
    assert_eq!((lost, torn, wrong), (0, 0, 0));
    assert!(written >= KILLS * BATCH);
}

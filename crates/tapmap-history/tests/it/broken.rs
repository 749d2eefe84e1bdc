//! Damage and a full disk: an error, a finding or a file kept aside; never a panic, and never a wrong
//! answer in silence.

use crate::support::*;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tapmap_core::{
    Day, Facet, Filter, FlowQuery, FlowRecord, HistoryReader, HistoryStore, Retention, StoreErrorKind,
};
use tapmap_history::{Opened, SqliteReader, SqliteStore};

/// SQLite's pages, in bytes.
const PAGE: usize = 4096;

/// A small history with something in every table.
fn small(folder: &Path) -> PathBuf {
    let path = folder.join("history.db");
    let mut store = SqliteStore::open(&path, at(NOON)).unwrap().store;
    store.begin(&session(NOON, "")).unwrap();
    for hour in 0..3_i64 {
        let begin = NOON + hour * HOUR;
        let flows: Vec<_> = (0..40_i64)
            .map(|number| {
                let id = u64::try_from(hour * 100 + number).unwrap();
                let owner = if number % 2 == 0 { app("Firefox", 5) } else { app("Mail", 6) };
                let begin = begin + number * MINUTE;
                named(
                    flow(id, owner, &format!("8.8.8.{}", number % 7), begin, begin + 300),
                    &["www.example.org"],
                )
            })
            .collect();
        store.append(&ended(begin + HOUR, &flows)).unwrap();
    }
    while store.tidy(at(NOON + 2 * DAY + 2 * HOUR), Retention { days: 30, bytes: 1 << 40 }).unwrap() {}
    store.compact().unwrap();
    drop(store);
    path
}

/// What a person would be told, by three ways through the file.
fn answers(reader: &dyn HistoryReader) -> Result<(Vec<FlowRecord>, Vec<FlowRecord>, usize), StoreErrorKind> {
    let page = |filter: &str| {
        let filter = Filter::parse(filter).unwrap();
        let query = FlowQuery { filter, limit: 1000, ..FlowQuery::default() };
        reader.flows(&query, at(NOON)).map(|page| page.flows).map_err(|error| error.kind)
    };
    let days = reader.days(Facet::Country, Day(0), Day(i32::MAX)).map_err(|error| error.kind)?;
    Ok((page("")?, page("app:mail")?, days.len()))
}

#[test]
fn every_page_damaged_once_is_noticed_or_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read(small(folder.path())).unwrap();
    let reader = SqliteReader::open(&folder.path().join("history.db")).unwrap();
    let expected = answers(&reader).unwrap();
    assert_eq!(expected.0.len(), 120);
    let pages = good.len() / PAGE;
    let mut outcomes = [0_u32; 4];
    // Three bytes of each page: in its head, in the middle, and near its end, where rows lie.
    let places = (0..pages).flat_map(|page| [5, PAGE / 2, PAGE - 30].map(|place| page * PAGE + place));
    for place in places {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut damaged = good.clone();
        damaged[place] ^= 0x55;
        fs::write(&path, &damaged).unwrap();
        outcomes[outcome(&path, &expected)] += 1;
    }
    println!(
        "{pages} pages, three bytes each: {} kept aside, {} errors, {} found by a check, {} without effect",
        outcomes[0], outcomes[1], outcomes[2], outcomes[3]
    );
    assert!(outcomes[0] + outcomes[1] + outcomes[2] > 0);
}

/// 0: kept aside at the start. 1: an error instead of an answer. 2: the check finds it. 3: no effect.
fn outcome(path: &Path, expected: &(Vec<FlowRecord>, Vec<FlowRecord>, usize)) -> usize {
    let opened = SqliteStore::open(path, at(NOON));
    let Ok(Opened { mut store, set_aside }) = opened else { return 1 };
    if set_aside.is_some() {
        assert_eq!(everything(&store, NOON), [], "a fresh one is begun");
        return 0;
    }
    let reader = store.reader().unwrap();
    let answered = answers(&*reader);
    let findings = reader.verify(true);
    // Writing on must not panic either.
    let _written = store.begin(&session(NOON + DAY, "")).and_then(|()| {
        store.append(&ended(NOON + DAY, &[flow(900, app("Firefox", 5), "8.8.8.4", NOON + DAY, NOON + DAY)]))
    });
    match (answered, findings) {
        (Err(_), _) => 1,
        (Ok(_), Err(_)) => 2,
        (Ok(_), Ok(findings)) if !findings.is_empty() => 2,
        (Ok(answers), Ok(_)) => {
            assert_eq!(answers, *expected, "a sound history answers right");
            3
        }
    }
}

#[test]
fn a_file_cut_off_anywhere_does_not_panic() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read(small(folder.path())).unwrap();
    for length in [0, 1, 15, 16, 99, 100, 4095, 4096, good.len() / 2, good.len() - 1] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        fs::write(&path, &good[..length]).unwrap();
        let Ok(opened) = SqliteStore::open(&path, at(NOON)) else { continue };
        let reader = opened.store.reader().unwrap();
        let answered = answers(&*reader);
        if opened.set_aside.is_none() && length > 0 {
            let found = answered.is_err() || reader.verify(false).is_ok_and(|it| !it.is_empty());
            assert!(found, "{length} bytes of {}", good.len());
        }
    }
}

/// A file system of its own, as small as it is said; gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(bytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = std::ffi::CString::new(format!("size={bytes}")).unwrap();
        rustix::mount::mount(
            "tmpfs",
            folder.path(),
            "tmpfs",
            rustix::mount::MountFlags::empty(),
            Some(options.as_c_str()),
        )
        .expect("a test that runs as root can mount");
        Self(folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        rustix::mount::unmount(self.0.path(), rustix::mount::UnmountFlags::DETACH).unwrap();
    }
}

#[test]
fn a_full_disk_is_an_error_and_what_was_written_stays() {
    let disk = SmallDisk::new(1 << 20);
    let path = disk.0.path().join("history.db");
    let mut store = SqliteStore::open(&path, at(NOON)).unwrap().store;
    store.begin(&session(NOON, "")).unwrap();
    let mut kept = 0;
    let batch = |round: u64| {
        let begin = NOON + i64::try_from(round).unwrap() * 1000;
        let number = |number: u64| flow(round * 100 + number, app("Firefox", 5), "8.8.8.4", begin, begin + 1);
        ended(begin + 1000, &(0..100).map(number).collect::<Vec<_>>())
    };
    let error = loop {
        match store.append(&batch(kept)) {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 1000, "the disk gets full");
    };
    assert_eq!(error.kind, StoreErrorKind::Full, "{}", error.in_full());
    let flows = |store: &SqliteStore| store.reader().unwrap().stats().unwrap().flows;
    assert_eq!(flows(&store), kept * 100, "a batch is there wholly or not at all");
    assert!(store.append(&batch(kept)).is_err(), "and it goes on to say so");

    // Room is made: the same batch is taken, and nothing is there twice.
    rustix::mount::mount_remount(
        disk.0.path(),
        rustix::mount::MountFlags::empty(),
        std::ffi::CString::new("size=33554432").unwrap().as_c_str(),
    )
    .unwrap();
    store.append(&batch(kept)).unwrap();
    assert_eq!(flows(&store), (kept + 1) * 100);
    assert_eq!(store.reader().unwrap().verify(true).unwrap(), Vec::<String>::new());
}

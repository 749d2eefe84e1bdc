//! The form of the file: released ones are read for ever, foreign and newer ones are kept aside.

use crate::support::*;
use std::path::{Path, PathBuf};
use tapmap_core::{HistoryReader as _, HistoryStore, StoreErrorKind};
use tapmap_history::{SqliteReader, SqliteStore};

/// Makes a file that is no history of this version.
type Maker = fn(&Path);

/// A history of each released form, with the flows of [`sample`] in it.
fn released() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/history");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "db"));
    files.sort();
    files
}

fn sample(store: &mut dyn HistoryStore) {
    store.begin(&session(NOON, "Europe/Vienna")).unwrap();
    let web = named(flow(1, app("Firefox", 5), "8.8.8.4", NOON + 1, NOON + 500), &["www.example.org"]);
    let lan = flow(2, nobody(), "10.0.0.9", NOON + 2, NOON + 3);
    store.append(&ended(NOON + 1000, &[web, lan])).unwrap();
    store
        .append(&open(NOON + 2000, &[flow(3, app("ssh", 6), "2001:db9::7", NOON + 1500, NOON + 1500)]))
        .unwrap();
}

/// Writes the sample of the present form anew: only while it has not been released.
#[test]
#[expect(clippy::disallowed_methods, reason = "UPDATE=1 writes the file anew")]
fn every_released_form_is_read() {
    if std::env::var_os("UPDATE").is_some() {
        let (folder, mut store) = sqlite();
        sample(&mut store);
        store.compact().unwrap();
        drop(store);
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/history/0003.db");
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(folder.path().join("history.db"), target).unwrap();
    }
    let files = released();
    assert_eq!(files.len(), 3, "one for each migration");
    for file in files {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        std::fs::copy(&file, &path).unwrap();
        // Also before a writer has brought it to the newest form.
        let reader = SqliteReader::open(&path).unwrap();
        assert_eq!(reader.programs().unwrap(), []);
        assert_eq!(reader.verify(true).unwrap(), [""; 0]);
        drop(reader);
        let opened = SqliteStore::open(&path, at(NOON)).unwrap();
        assert_eq!(opened.set_aside, None);
        let mut store = opened.store;
        let records = everything(&store, NOON + 2000);
        let (_other, mut fresh) = sqlite();
        sample(&mut fresh);
        assert_eq!(records, everything(&fresh, NOON + 2000), "{}", file.display());
        assert_eq!(store.reader().unwrap().verify(true).unwrap(), Vec::<String>::new());
        store.begin(&session(NOON + HOUR, "")).unwrap();
        store.append(&ended(NOON + HOUR, &[flow(9, nobody(), "8.8.8.4", NOON, NOON)])).unwrap();
        assert_eq!(everything(&store, NOON + HOUR).len(), 4);
    }
}

#[test]
fn two_never_write_one_file_and_a_reader_reads_beside_the_writer() {
    let (folder, mut store) = sqlite();
    sample(&mut store);
    let path = folder.path().join("history.db");
    let error = SqliteStore::open(&path, at(NOON)).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Busy);
    let reader = SqliteReader::open(&path).unwrap();
    assert_eq!(all(&reader, &tapmap_core::FlowQuery::default(), NOON).len(), 3);
    drop(store);
    assert!(SqliteStore::open(&path, at(NOON)).is_ok());
    assert_eq!(all(&reader, &tapmap_core::FlowQuery::default(), NOON).len(), 3);
}

#[test]
fn what_cannot_be_used_is_kept_aside_under_a_dated_name() {
    let newer = |path: &Path| {
        let (folder, store) = sqlite();
        drop(store);
        let connection = rusqlite::Connection::open(folder.path().join("history.db")).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        std::fs::copy(folder.path().join("history.db"), path).unwrap();
    };
    let foreign = |path: &Path| {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute_batch("CREATE TABLE note (text)").unwrap();
    };
    let text = |path: &Path| {
        std::fs::write(path, "this is not a database, and it is long enough to be none".repeat(20)).unwrap();
    };
    let makers: [(Maker, &str); 3] = [(newer, "newer"), (foreign, "damaged"), (text, "damaged")];
    for (make, word) in makers {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        make(&path);
        let content = std::fs::read(&path).unwrap();
        let opened = SqliteStore::open(&path, at(NOON)).unwrap();
        let aside = opened.set_aside.unwrap();
        let expected = folder.path().join(format!("history-2026-11-25T120000-{word}.db"));
        assert_eq!(aside.path, expected, "{}", aside.why);
        assert!(std::fs::read(expected).unwrap() == content, "nothing of the {word} file is changed");
        let mut store = opened.store;
        sample(&mut store);
        assert_eq!(everything(&store, NOON).len(), 3);
    }
}

#[test]
fn a_reader_finds_no_history_where_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    assert!(SqliteReader::open(&folder.path().join("history.db")).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and makes none");
}

#[test]
fn a_history_begun_anew_answers_at_once() {
    let (folder, mut store) = sqlite();
    sample(&mut store);
    let reader = store.reader().unwrap();
    assert_eq!(all(&*reader, &tapmap_core::FlowQuery::default(), NOON).len(), 3);
    let place = store.begin_anew("a test says so", at(NOON + HOUR)).unwrap();
    assert!(Path::new(&place).exists() && place.ends_with("-damaged.db"), "{place}");
    assert_eq!(all(&*reader, &tapmap_core::FlowQuery::default(), NOON).len(), 0);
    store.append(&ended(NOON + HOUR, &[flow(9, nobody(), "8.8.8.4", NOON, NOON)])).unwrap();
    assert_eq!(all(&*reader, &tapmap_core::FlowQuery::default(), NOON).len(), 1);
    assert!(folder.path().join("history.db").exists());
}

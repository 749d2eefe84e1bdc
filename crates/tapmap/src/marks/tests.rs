//! Facts about the file of marks.

use super::*;
use tapmap_core::NewMark;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn put(app: &str, files: Vec<ProgramFile>) -> MarkChange {
    let subject = tapmap_core::MarkSubject::App(app.into());
    MarkChange::Put(NewMark { subject, kind: tapmap_core::MarkKind::Known, note: "nightly".into(), files })
}

#[test]
fn marks_and_their_undo_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    fs::write(&program, "one").unwrap();
    let file = program_file(program.to_str().unwrap()).unwrap();
    let marks = MarkFile::open(folder.path(), NOW);
    let made = marks.change(put("rclone", vec![file]), NOW).unwrap();
    let again = MarkFile::open(folder.path(), NOW);
    assert_eq!(again.marks(NOW), (made, None));
    again.change(MarkChange::Undo(None), NOW).unwrap();
    assert_eq!(MarkFile::open(folder.path(), NOW).marks(NOW).0.marks, []);
}

#[test]
fn a_changed_program_file_is_noticed_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    fs::write(&program, "one").unwrap();
    let marks = MarkFile::open(folder.path(), NOW);
    let file = program_file(program.to_str().unwrap()).unwrap();
    marks.change(put("rclone", vec![file]), NOW).unwrap();
    assert!(marks.marks(NOW).0.marks[0].holds());
    fs::write(&program, "another").unwrap();
    assert_eq!(marks.marks(NOW).0.marks[0].expired, Some(NOW));
    let later = Timestamp::from_millis(NOW.as_millis() + 1);
    assert_eq!(MarkFile::open(folder.path(), later).marks(later).0.marks[0].expired, Some(NOW));
}

#[test]
fn a_damaged_file_is_kept_aside() {
    for damage in
        ["", "{", "{\"version\":1}", "[]", "{\"version\":1,\"revision\":0,\"marks\":[1],\"before\":[]}"]
    {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(folders::MARKS), damage).unwrap();
        let marks = MarkFile::open(folder.path(), NOW);
        let problem = marks.marks(NOW).1.unwrap();
        assert!(problem.contains("-damaged.json"), "{problem}");
        marks.change(put("a", Vec::new()), NOW).unwrap();
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let aside = names.filter(|name| name != folders::MARKS).collect::<Vec<_>>();
        assert_eq!(fs::read_to_string(folder.path().join(&aside[0])).unwrap(), damage);
    }
}

#[test]
fn the_file_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(folders::MARKS);
    fs::write(&path, "{\"version\":2,\"stars\":[]}").unwrap();
    let marks = MarkFile::open(folder.path(), NOW);
    assert!(marks.marks(NOW).1.unwrap().starts_with("A newer TapMap wrote"));
    assert!(matches!(marks.change(put("a", Vec::new()), NOW), Err(MarksRefusal::NotKept(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"version\":2,\"stars\":[]}");
}

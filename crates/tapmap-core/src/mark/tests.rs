//! Facts about marks.

use super::*;
use crate::{Day, FileIdentity};

const NOW: Timestamp = Timestamp::from_millis(1_000);
const LATER: Timestamp = Timestamp::from_millis(9_000);

fn file(size: u64) -> ProgramFile {
    ProgramFile { path: "/usr/bin/rclone".into(), identity: FileIdentity { inode: 7, size, modified: NOW } }
}

fn app(name: &str) -> MarkSubject {
    MarkSubject::App(name.into())
}

fn put(subject: MarkSubject, kind: MarkKind) -> MarkChange {
    MarkChange::Put(NewMark { subject, kind, note: "".into(), files: vec![file(1)] })
}

fn marked(subjects: &[(MarkSubject, MarkKind)]) -> Marks {
    let mut marks = Marks::default();
    for (subject, kind) in subjects {
        marks.change(put(subject.clone(), *kind), NOW).unwrap();
    }
    marks
}

fn reason(kind: ReasonKind, facet: Facet, value: &str) -> Reason {
    Reason { kind, facet, value: value.into(), returned_after: None, flows: 1 }
}

fn event(app: Option<&str>, reasons: Vec<Reason>) -> Event {
    Event { day: Day(20_000), at: Some(NOW), app: app.map(Into::into), reasons }
}

fn kind_of(marks: &Marks, event: &Event) -> Option<MarkKind> {
    marks.of_event(event).map(|mark| mark.kind)
}

#[test]
fn a_mark_expires_when_the_program_file_changes_and_says_when() {
    let mut marks = marked(&[(app("rclone"), MarkKind::Known)]);
    assert!(!marks.check(LATER, |_| FileNow::There(file(1))));
    assert!(!marks.check(LATER, |_| FileNow::NotKnown), "what is not known is no change");
    assert!(marks.of_app(&"rclone".into()).is_some());
    assert!(marks.check(LATER, |_| FileNow::There(file(2))));
    assert_eq!(marks.of_app(&"rclone".into()), None);
    assert_eq!(marks.marks[0].expired, Some(LATER), "it is kept, to be shown");
    assert!(!marks.check(LATER, |_| FileNow::There(file(3))), "it expires once");
    marks.change(put(app("rclone"), MarkKind::Muted), LATER).unwrap();
    assert_eq!(marks.marks.len(), 1, "marked anew it holds again");
    assert!(marks.of_app(&"rclone".into()).is_some());
    assert!(marks.check(LATER, |_| FileNow::Gone));
}

#[test]
fn each_subject_fits_what_it_is_about_and_nothing_else() {
    let firefox: Arc<str> = "Firefox".into();
    let provider = MarkSubject::Provider { app: "Firefox".into(), operator: "Mozilla".into() };
    let listener = MarkSubject::Listener { app: "sshd".into(), protocol: Protocol::Tcp, port: 22 };
    let subjects = [provider, listener, MarkSubject::Port(443), MarkSubject::Country("NO".into())];
    let marks = marked(&subjects.map(|subject| (subject, MarkKind::Known)));
    assert!(marks.of_provider(&firefox, &"Mozilla".into()).is_some());
    assert!(marks.of_provider(&firefox, &"Google".into()).is_none());
    assert!(marks.of_provider(&"curl".into(), &"Mozilla".into()).is_none());
    assert!(marks.of_app(&firefox).is_none());
    assert!(marks.of_listener(Some(&"sshd".into()), Protocol::Tcp, 22).is_some());
    assert!(marks.of_listener(Some(&"sshd".into()), Protocol::Udp, 22).is_none());
    assert!(marks.of_listener(None, Protocol::Tcp, 22).is_none());
    assert!(marks.of_listener(None, Protocol::Tcp, 443).is_some());
    assert!(marks.of_value(Facet::Port, &"443".into()).is_some());
    assert!(marks.of_value(Facet::Country, &"NO".into()).is_some());
    assert!(marks.of_value(Facet::Operator, &"Mozilla".into()).is_none());
    assert!(marks.of_value(Facet::Name, &"NO".into()).is_none());
    let all = marked(&[(app("sshd"), MarkKind::Muted)]);
    assert!(all.of_provider(&"sshd".into(), &"Mozilla".into()).is_some(), "an app is all that it does");
    assert!(all.of_listener(Some(&"sshd".into()), Protocol::Udp, 9).is_some());
}

#[test]
fn an_event_is_marked_when_all_of_it_is() {
    let country = reason(ReasonKind::Used, Facet::Country, "NO");
    let port = reason(ReasonKind::Used, Facet::Port, "873");
    let both = event(Some("rsync"), vec![country.clone(), port]);
    let one = event(Some("rsync"), vec![country]);
    let norway = (MarkSubject::Country("NO".into()), MarkKind::Muted);
    let marks = marked(std::slice::from_ref(&norway));
    assert_eq!(kind_of(&marks, &one), Some(MarkKind::Muted));
    assert_eq!(kind_of(&marks, &both), None);
    let marks = marked(&[norway, (MarkSubject::Port(873), MarkKind::Known)]);
    assert_eq!(kind_of(&marks, &both), Some(MarkKind::Known), "half of it muted is not folded away");
    let marks = marked(&[(app("rsync"), MarkKind::Muted)]);
    assert_eq!(kind_of(&marks, &both), Some(MarkKind::Muted));
    let waits = event(Some("sshd"), vec![reason(ReasonKind::Listening(Protocol::Tcp), Facet::Port, "22")]);
    let reached = event(Some("sshd"), vec![reason(ReasonKind::Inbound, Facet::Port, "22")]);
    let listener = MarkSubject::Listener { app: "sshd".into(), protocol: Protocol::Tcp, port: 22 };
    let marks = marked(&[(listener, MarkKind::Known)]);
    assert_eq!(kind_of(&marks, &waits), Some(MarkKind::Known));
    assert_eq!(kind_of(&marks, &reached), Some(MarkKind::Known));
    assert_eq!(kind_of(&marks, &event(None, waits.reasons)), None);
}

#[test]
fn changes_are_taken_back_one_by_one_and_only_the_last() {
    let mut marks = marked(&[(app("a"), MarkKind::Known), (app("b"), MarkKind::Known)]);
    let names = |marks: &Marks| marks.marks.iter().map(|mark| mark.id).collect::<Vec<_>>();
    assert_eq!((names(&marks), marks.revision), (vec![1, 2], 2));
    assert_eq!(marks.change(MarkChange::Undo(Some(1)), NOW), Err(NotMarked::NothingToUndo));
    marks.change(MarkChange::Remove(1), NOW).unwrap();
    assert_eq!(names(&marks), [2]);
    assert_eq!(marks.change(MarkChange::Remove(1), NOW), Err(NotMarked::NoSuchMark));
    marks.change(MarkChange::Undo(Some(3)), NOW).unwrap();
    assert_eq!(names(&marks), [1, 2]);
    marks.change(MarkChange::Undo(None), NOW).unwrap();
    assert_eq!(names(&marks), [1]);
    marks.change(put(app("c"), MarkKind::Known), NOW).unwrap();
    assert_eq!(names(&marks), [1, 6], "an identity is never used again");
    marks.change(MarkChange::Clear, NOW).unwrap();
    marks.change(MarkChange::Undo(None), NOW).unwrap();
    assert_eq!(names(&marks), [1, 6]);
    let mut fresh = Marks::default();
    assert_eq!(fresh.change(MarkChange::Undo(None), NOW), Err(NotMarked::NothingToUndo));
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut marks = Marks::default();
    for subject in [app(""), app(&"x".repeat(401)), MarkSubject::Country("Norway".into())] {
        assert_eq!(marks.change(put(subject, MarkKind::Known), NOW), Err(NotMarked::NotUnderstood));
    }
    let long =
        NewMark {
            subject: app("a"), kind: MarkKind::Known, note: "ä".repeat(201).into(), files: Vec::new()
        };
    assert_eq!(marks.change(MarkChange::Put(long), NOW), Err(NotMarked::NoteTooLong));
    assert_eq!(marks, Marks::default());
    for port in 0..500 {
        marks.change(put(MarkSubject::Port(port), MarkKind::Known), NOW).unwrap();
    }
    assert_eq!(marks.change(put(app("a"), MarkKind::Known), NOW), Err(NotMarked::TooMany));
    marks.change(put(MarkSubject::Port(7), MarkKind::Muted), NOW).unwrap();
    assert_eq!(marks.before.len(), 8);
}

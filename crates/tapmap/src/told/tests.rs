//! A recorder that goes on, ends, is killed, or says what makes no sense.

use super::*;
use std::{io::Write, os::unix::net::UnixStream, thread};
use tapmap_capture::frames::FrameWriter;
use tapmap_core::SocketTable;
use tapmap_engine::{Stop, SystemClock};

fn table(millis: i64) -> Observation {
    Observation { at: Timestamp::from_millis(millis), sighting: Sighting::Table(SocketTable::default()) }
}

fn frames(observations: impl IntoIterator<Item = Observation>) -> Vec<u8> {
    let mut frames = Vec::new();
    let mut writer = FrameWriter::begin(&mut frames).unwrap();
    observations.into_iter().for_each(|observation| writer.write(observation, &mut frames).unwrap());
    frames
}

/// What is understood of bytes after which the recorder is gone.
fn understood(bytes: &[u8]) -> Vec<Observation> {
    let (server, recorder) = UnixStream::pair().unwrap();
    let told = thread::spawn(move || Told::new(server, Vec::new(), SystemClock::default()).collect());
    // The server may have stopped listening before all of it is written.
    (&recorder).write_all(bytes).unwrap_or_default();
    drop(recorder);
    told.join().unwrap()
}

/// The sentence at the end, after a gap from the last observation on.
fn trouble(told: &[Observation], last: Option<i64>) -> String {
    let [.., gap, trouble] = told else { panic!("{told:?}") };
    let (Sighting::Lost(gap), Sighting::Trouble(Some(trouble))) = (&gap.sighting, &trouble.sighting) else {
        panic!("{told:?}")
    };
    assert_eq!(gap.reason, GapReason::SourceFailed);
    assert_eq!(gap.from.as_millis(), last.unwrap_or(gap.until.as_millis()));
    trouble.to_string()
}

#[test]
fn a_recorder_that_ends_is_said_to_have_ended() {
    let told = understood(&frames([table(1), table(2)]));
    assert_eq!(told[..2], [table(1), table(2)]);
    let expected = "The recorder has ended: nothing new is seen. Start TapMap again.";
    assert_eq!((trouble(&told, Some(2)).as_str(), told.len()), (expected, 4));
}

#[test]
fn a_recorder_that_is_killed_in_the_midst_of_a_frame_is_no_different() {
    let mut bytes = frames([table(1), table(2)]);
    bytes.pop();
    let told = understood(&bytes);
    assert_eq!(told[0], table(1));
    assert!(trouble(&told, Some(1)).starts_with("The recorder has ended: "));
}

#[test]
fn one_that_never_says_anything_is_said_to_have_ended() {
    let said = trouble(&understood(&[]), None);
    let expected = "The recorder has ended (read what the recorder tells: it ended before it said anything): \
                    nothing new is seen. Start TapMap again.";
    assert_eq!(said, expected);
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_more_is_read() {
    let mut bytes = frames([table(1)]);
    bytes.extend_from_slice(&[0xff; 1000]);
    let told = understood(&bytes);
    assert_eq!((&told[0], told.len()), (&table(1), 3));
    let said = trouble(&told, Some(1));
    assert!(
        said.starts_with("TapMap failed to read what the recorder tells: there are no frames of"),
        "{said}"
    );
    let said = trouble(&understood(b"GET / HTTP/1.1\r\n\r\n"), None);
    assert!(said.contains("failed to read what the recorder tells"), "{said}");
    let said = trouble(&understood(&frames([table(-1)])), None);
    assert!(said.contains("a moment is out of range"), "{said}");
}

#[test]
fn an_end_that_was_asked_for_is_no_trouble() {
    let stop = Stop::default();
    let mut told = Told::new(&[][..], Vec::new(), SystemClock::new(stop.clone()));
    stop.stop();
    assert_eq!(told.next(), None);
}

//! A replay gives what the file holds, whichever kind of file it is.

use tapmap_core::{SourceErrorKind, Timestamp};

use super::Replay;

const RECORDING: &[u8] =
    b"{\"format\":\"tapmap-recording\",\"version\":1,\"started_at\":5,\"boot\":\"b\",\"host\":\"desk\",\
    \"interval_ms\":1000,\"demo\":false}\n{\"at\":5,\"table\":{}}\n{\"at\":6,\"table\":{}}\n{\"at\":7,";

const SCENARIO: &[u8] = b"title = \"t\"\n[[at]]\ntime = \"00:00:01\"\nsee = []\n[expect]\nchanges = []\n";

#[test]
fn a_recording_is_played_to_its_end() {
    let mut replay = Replay::embedded(RECORDING).unwrap();
    assert_eq!(replay.header().host, "desk");
    let mut times = Vec::new();
    while let Some(observation) = replay.next().unwrap() {
        times.push(observation.at.as_millis());
    }
    assert_eq!(times, [5, 6]);
    assert!(replay.cut_off());
    assert!(replay.coverage().lines[0].reason.contains("made on desk"));
}

#[test]
fn a_scenario_is_played_too() {
    let mut replay = Replay::embedded(SCENARIO).unwrap();
    assert_eq!(
        replay.next().unwrap().unwrap().at,
        Timestamp::from_millis(super::super::scenario::MIDNIGHT + 1000)
    );
    assert_eq!(replay.next().unwrap(), None);
}

#[test]
fn anything_else_is_refused() {
    let kind = |bytes| Replay::embedded(bytes).unwrap_err().kind;
    assert_eq!(kind(b"hello"), SourceErrorKind::Invalid);
    assert_eq!(kind(b"\xff\xfe"), SourceErrorKind::Invalid);
    let other = Replay::embedded(b"{\"format\":\"tapmap-recording\",\"version\":9}\n").unwrap_err();
    assert!(other.to_string().contains("version 9"));
    assert!(
        Replay::open(std::path::Path::new("/nowhere/at/all")).unwrap_err().to_string().contains("/nowhere")
    );
}

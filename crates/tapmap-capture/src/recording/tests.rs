//! A recording gives back what was written; anything else is refused with a line number.

use std::{net::SocketAddr, time::Duration};

use proptest::prelude::*;
use tapmap_core::{
    Attribution, Counters, Evidence, Heard, HeardKind, Namespace, Observation, Protocol, Sighting, SocketId,
    SocketRow, SocketState, SocketTable, SourceErrorKind, Timestamp, UnknownOwner,
};

use super::{RecordingHeader, RecordingReader, RecordingWriter, check, is_recording};
use crate::made_up::{observations, sorted};

fn header() -> RecordingHeader {
    RecordingHeader {
        started_at: Timestamp::from_millis(1_764_064_800_000),
        boot: "b0".to_owned(),
        host: "desk".to_owned(),
        interval: Duration::from_secs(1),
        demo: false,
    }
}

fn written(observations: &[Observation], owners_before_restart: usize) -> Vec<u8> {
    let mut writer =
        RecordingWriter::new(Vec::new(), &header()).unwrap().restarting_after(owners_before_restart);
    writer = writer.with_names();
    for observation in observations {
        writer.write(observation).unwrap();
    }
    writer.finish().unwrap()
}

/// The error's own words and its cause's.
fn refusal(recording: &str) -> String {
    let error = check(recording.as_bytes()).unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Invalid);
    error.cause.as_ref().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(observations in observations(), restart in 1_usize..8) {
        let file = written(&observations, restart);
        let read: Vec<_> =
            RecordingReader::new(&*file).unwrap().map(|observation| sorted(observation.unwrap())).collect();
        prop_assert_eq!(read, observations.into_iter().map(sorted).collect::<Vec<_>>());
    }

    #[test]
    fn a_cut_recording_gives_its_whole_lines(observations in observations(), cut in any::<prop::sample::Index>()) {
        let mut file = written(&observations, 100);
        let first = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        file.truncate(first + cut.index(file.len() - first + 1));
        let whole = file.split(|byte| *byte == b'\n').count() - 2;
        let mut reader = RecordingReader::new(&*file).unwrap();
        let read = reader.by_ref().map(Result::unwrap).count();
        // A line that lacks nothing but its end counts as whole.
        prop_assert_eq!(read, whole + usize::from(!file.ends_with(b"\n") && !reader.cut_off()));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), line in ".{0,100}") {
        let _anything = check(&bytes);
        let mut file = written(&[], 1);
        file.extend_from_slice(line.as_bytes());
        let _anything = check(&file);
    }
}

const HEAD: &str = "{\"format\":\"tapmap-recording\",\"version\":1,\"started_at\":0,\"boot\":\"\",\"host\":\"\",\
                    \"interval_ms\":1000,\"demo\":false}\n";

#[test]
fn the_header_comes_back() {
    let file = written(&[], 1);
    assert!(is_recording(&file));
    assert!(file.starts_with(
        b"{\"format\":\"tapmap-recording\",\"version\":2,\"started_at\":1764064800000,\"boot\":\"b0\","
    ));
    assert_eq!(*RecordingReader::new(&*file).unwrap().header(), header());
}

#[test]
fn other_formats_and_versions_are_refused() {
    assert_eq!(refusal(""), "failed to read the recording: it is empty");
    assert_eq!(
        refusal("{\"format\":\"tapmap-recording\",\"version\":3,\"more\":1}\n"),
        "failed to read the recording: it has version 3, and this program reads versions 1 to 2"
    );
    assert_eq!(
        refusal("{\"format\":\"other\",\"version\":1}\n"),
        "failed to read the recording: its format is \"other\", not \"tapmap-recording\""
    );
    assert!(refusal("title = \"a scenario\"\n").starts_with("failed to read the recording's first line: "));
    assert!(!is_recording(b"title = \"a scenario\"\n"));
}

#[test]
fn corrupt_lines_are_refused_by_number() {
    let check = |line: &str, expected: &str| {
        let said = refusal(&format!("{HEAD}{{\"at\":1,\"table\":{{}}}}\n{line}\n"));
        assert!(said.starts_with(expected), "{said}");
    };
    check("{\"at\":2,", "failed to read line 3 of the recording: EOF");
    check("{\"at\":2}", "failed to read line 3 of the recording: it must hold one of");
    check("{\"at\":2,\"tabel\":{}}", "failed to read line 3 of the recording: unknown field `tabel`");
    check(
        "{\"at\":2,\"table\":{\"closed\":[9]}}",
        "failed to read line 3 of the recording: socket 9 is not open",
    );
    check(
        "{\"at\":2,\"table\":{\"count\":[[9,1,1,1]]}}",
        "failed to read line 3 of the recording: socket 9 is not open",
    );
    check(
        "{\"at\":2,\"socket\":[1,\"tcp\",\"10.0.0.5:1\",null,\"listen\",0,null,null,null]}",
        "failed to read line 3 of the recording: owner 0 was not introduced",
    );
    check(
        "{\"at\":2,\"owners\":[{\"word\":\"kernel\"}],\"socket\":[1,\"tcp\",\"ten\",null,\"listen\",0,null,null,null]}",
        "failed to read line 3 of the recording: \"ten\" is not an address and a port",
    );
    check(
        "{\"at\":2,\"owners\":[{\"word\":\"guess\"}],\"table\":{}}",
        "failed to read line 3 of the recording: the word \"guess\" is not known here",
    );
}

#[test]
fn a_recording_of_version_1_is_read() {
    let file = format!(
        "{HEAD}{{\"at\":5,\"owners\":[{{\"word\":\"kernel\"}}],\"table\":{{\"set\":[[7,\"tcp\",\"10.0.0.5:1\",\
         \"192.0.2.7:443\",\"established\",0,1,2,3]]}}}}\n"
    );
    let read: Vec<_> = RecordingReader::new(file.as_bytes()).unwrap().map(Result::unwrap).collect();
    let [Observation { sighting: Sighting::Table(table), .. }] = &read[..] else { panic!("{read:?}") };
    let row = &table.sockets[0];
    assert_eq!((row.namespace, row.evidence), (Namespace::OWN, Evidence::List));
    assert_eq!(row.owner, Attribution::Unknown { reason: UnknownOwner::Kernel, app: None });
}

#[test]
fn names_are_left_out_unless_they_are_wanted() {
    let bytes = b"example.com".as_slice().into();
    let heard = Heard { kind: HeardKind::Packet, bytes, process: None };
    let heard = Observation { at: Timestamp::from_millis(1), sighting: Sighting::Heard(heard) };
    let mut writer = RecordingWriter::new(Vec::new(), &header()).unwrap();
    writer.write(&heard).unwrap();
    assert_eq!(check(&writer.finish().unwrap()).unwrap(), 0);
    let file = String::from_utf8(written(&[heard], 9)).unwrap();
    assert!(
        file.ends_with("{\"at\":1,\"heard\":{\"kind\":\"packet\",\"bytes\":\"ZXhhbXBsZS5jb20\"}}\n"),
        "{file}"
    );
}

#[test]
fn a_cut_off_last_line_ends_the_recording_and_is_told() {
    let file = format!("{HEAD}{{\"at\":1,\"table\":{{}}}}\n{{\"at\":2,\"tab");
    let mut reader = RecordingReader::new(file.as_bytes()).unwrap();
    assert_eq!(reader.by_ref().map(Result::unwrap).count(), 1);
    assert!(reader.cut_off());
}

#[test]
fn only_what_changed_is_written() {
    let row = |sent| SocketRow {
        id: SocketId(7),
        protocol: Protocol::Tcp,
        local: "10.0.0.5:50000".parse::<SocketAddr>().unwrap().into(),
        remote: Some("192.0.2.7:443".parse::<SocketAddr>().unwrap().into()),
        state: SocketState::Established,
        owner: Attribution::Unknown { reason: UnknownOwner::Pending, app: None },
        counters: Counters { bytes_sent: Some(sent), bytes_received: None, round_trip: None },
        namespace: tapmap_core::Namespace::OWN,
        evidence: tapmap_core::Evidence::List,
    };
    let table = |at, sockets| Observation {
        at: Timestamp::from_millis(at),
        sighting: Sighting::Table(SocketTable { sockets }),
    };
    let file = written(
        &[table(1, vec![row(5)]), table(2, vec![row(5)]), table(3, vec![row(6)]), table(4, vec![])],
        9,
    );
    let text = String::from_utf8(file).unwrap();
    assert_eq!(
        text.lines().skip(1).collect::<Vec<_>>(),
        [
            "{\"at\":1,\"owners\":[{\"word\":\"pending\"}],\"table\":{\"set\":[[7,\"tcp\",\"10.0.0.5:50000\",\
             \"192.0.2.7:443\",\"established\",0,5,null,null,0,\"list\"]]}}",
            "{\"at\":2,\"table\":{}}",
            "{\"at\":3,\"table\":{\"count\":[[7,6,null,null]]}}",
            "{\"at\":4,\"table\":{\"closed\":[7]}}",
        ]
    );
}

//! A recording gives back what was written; anything else is refused with a line number.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use proptest::prelude::*;
use tapmap_core::{
    App, AppEvidence, Attribution, Counters, Endpoint, Gap, GapReason, MatchQuality, Observation, Process,
    ProcessKey, Protocol, Sighting, SocketId, SocketRow, SocketState, SocketTable, SourceErrorKind,
    Timestamp, UnknownOwner,
};

use super::{RecordingHeader, RecordingReader, RecordingWriter, check, is_recording, rows};

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

/// Tables have no order.
fn sorted(mut observation: Observation) -> Observation {
    if let Sighting::Table(table) = &mut observation.sighting {
        table.sockets.sort_by_key(|row| row.id);
    }
    observation
}

fn endpoints() -> impl Strategy<Value = Endpoint> {
    (any::<std::net::IpAddr>(), any::<u16>()).prop_map(|(address, port)| Endpoint::new(address, port))
}

fn counters() -> impl Strategy<Value = Counters> {
    (any::<Option<u64>>(), any::<Option<u64>>(), any::<Option<u32>>()).prop_map(
        |(bytes_sent, bytes_received, micros)| Counters {
            bytes_sent,
            bytes_received,
            round_trip: micros.map(|micros| Duration::from_micros(micros.into())),
        },
    )
}

fn processes() -> impl Strategy<Value = Arc<Process>> {
    (0_u32..4, any::<u64>(), ".{0,8}", any::<Option<i64>>(), any::<bool>()).prop_map(
        |(pid, start, name, started, own)| {
            let app = App { name: name.as_str().into(), evidence: AppEvidence::FileName };
            Arc::new(Process {
                key: ProcessKey { pid, start },
                name: name.as_str().into(),
                executable: own.then(|| format!("/usr/bin/{name}").into()),
                app,
                user: (pid > 1).then(|| "ada".into()),
                started: started.map(Timestamp::from_millis),
                own,
            })
        },
    )
}

fn owners() -> impl Strategy<Value = Attribution> {
    prop_oneof![
        (processes(), any::<bool>()).prop_map(|(process, seen)| Attribution::Owned {
            process,
            quality: if seen { MatchQuality::Descriptor } else { MatchQuality::Remembered },
        }),
        prop::collection::vec(processes(), 1..3).prop_map(Attribution::Ambiguous),
        (prop::sample::select(rows::REASONS.to_vec()), any::<bool>()).prop_map(|(reason, unit)| {
            let app = unit.then(|| App { name: "nginx".into(), evidence: AppEvidence::Unit });
            Attribution::Unknown { reason, app }
        }),
    ]
}

fn sockets() -> impl Strategy<Value = SocketRow> {
    (
        // Few ids, so that rows change from table to table.
        0_u64..6,
        any::<bool>(),
        endpoints(),
        prop::option::of(endpoints()),
        prop::sample::select(rows::STATES.to_vec()),
        owners(),
        counters(),
    )
        .prop_map(|(id, tcp, local, remote, state, owner, counters)| SocketRow {
            id: SocketId(id),
            protocol: if tcp { Protocol::Tcp } else { Protocol::Udp },
            local,
            remote,
            state,
            owner,
            counters,
            namespace: tapmap_core::Namespace::OWN,
            evidence: tapmap_core::Evidence::List,
        })
}

fn sightings() -> impl Strategy<Value = Sighting> {
    prop_oneof![
        4 => prop::collection::vec(sockets(), 0..6).prop_map(|mut sockets| {
            sockets.sort_by_key(|row| row.id);
            sockets.dedup_by_key(|row| row.id);
            Sighting::Table(SocketTable { sockets })
        }),
        1 => sockets().prop_map(Sighting::Socket),
        1 => (any::<u64>(), counters())
            .prop_map(|(id, counters)| Sighting::Closed { socket: SocketId(id), counters }),
        1 => (any::<i64>(), any::<i64>(), any::<Option<u64>>()).prop_map(|(from, until, lost)| {
            Sighting::Lost(Gap {
                from: Timestamp::from_millis(from),
                until: Timestamp::from_millis(until),
                reason: GapReason::Overrun,
                lost,
            })
        }),
    ]
}

fn observations() -> impl Strategy<Value = Vec<Observation>> {
    let observation = (any::<i64>(), sightings())
        .prop_map(|(at, sighting)| Observation { at: Timestamp::from_millis(at), sighting });
    prop::collection::vec(observation, 0..12)
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
        b"{\"format\":\"tapmap-recording\",\"version\":1,\"started_at\":1764064800000,\"boot\":\"b0\","
    ));
    assert_eq!(*RecordingReader::new(&*file).unwrap().header(), header());
}

#[test]
fn other_formats_and_versions_are_refused() {
    assert_eq!(refusal(""), "failed to read the recording: it is empty");
    assert_eq!(
        refusal("{\"format\":\"tapmap-recording\",\"version\":2,\"more\":1}\n"),
        "failed to read the recording: it has version 2, and this program reads version 1"
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
             \"192.0.2.7:443\",\"established\",0,5,null,null]]}}",
            "{\"at\":2,\"table\":{}}",
            "{\"at\":3,\"table\":{\"count\":[[7,6,null,null]]}}",
            "{\"at\":4,\"table\":{\"closed\":[7]}}",
        ]
    );
}

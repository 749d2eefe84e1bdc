//! Frames give back what was written; anything else is refused, within the bounds.

use std::{net::SocketAddr, sync::Arc};

use proptest::prelude::*;
use tapmap_core::{
    App, AppEvidence, Attribution, Counters, Evidence, Heard, HeardKind, MatchQuality, Namespace,
    Observation, Process, ProcessKey, Protocol, Sighting, SocketId, SocketRow, SocketState, SocketTable,
    SourceErrorKind, Timestamp,
};

use super::{
    FrameReader, FrameWriter, Kind, LARGEST_FRAME, LARGEST_HEARD, check,
    items::{LONGEST_TEXT, cut},
};
use crate::made_up::{observations, sorted};

fn written(observations: &[Observation]) -> Vec<u8> {
    let mut frames = Vec::new();
    let mut writer = FrameWriter::begin(&mut frames).unwrap();
    for observation in observations {
        writer.write(observation.clone(), &mut frames).unwrap();
    }
    frames
}

fn read(frames: &[u8]) -> Vec<Observation> {
    FrameReader::new(frames).unwrap().map(|observation| sorted(observation.unwrap())).collect()
}

/// The stream's beginning, and one more frame of these bytes.
fn with_frame(kind: u8, items: &[u8]) -> Vec<u8> {
    let mut frames = written(&[]);
    frames.extend_from_slice(&u32::try_from(items.len() + 1).unwrap().to_le_bytes());
    frames.push(kind);
    frames.extend_from_slice(items);
    frames
}

fn refusal(frames: &[u8]) -> String {
    let error = check(frames).unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Invalid);
    error.in_full()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(observations in observations()) {
        let expected: Vec<_> = observations.iter().cloned().map(sorted).collect();
        prop_assert_eq!(read(&written(&observations)), expected);
    }

    #[test]
    fn no_bytes_make_it_panic(kind in any::<u8>(), items in prop::collection::vec(any::<u8>(), 0..200)) {
        let _anything = check(&items);
        let _anything = check(&with_frame(kind, &items));
        let _anything = check(&with_frame(kind % 16, &items));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_writer_may_end_at_any_byte(observations in observations()) {
        let frames = written(&observations);
        let begun = written(&[]).len();
        let mut seen = 0;
        for length in 0..frames.len() {
            let cut = frames.get(..length).unwrap();
            if length < begun {
                prop_assert_eq!(FrameReader::new(cut).unwrap_err().kind, SourceErrorKind::Transient);
                continue;
            }
            let read = check(cut).unwrap();
            prop_assert!(read >= seen && read <= observations.len());
            seen = read;
        }
    }
}

fn process(pid: u32) -> Arc<Process> {
    let name: Arc<str> = format!("program {pid}").into();
    Arc::new(Process {
        key: ProcessKey { pid, start: 7 },
        name: Arc::clone(&name),
        executable: Some("/usr/bin/program".into()),
        file: None,
        app: App { name, evidence: AppEvidence::FileName },
        user: Some("ada".into()),
        started: None,
        own: false,
    })
}

fn row(id: u64, process: &Arc<Process>) -> SocketRow {
    let owner = Attribution::Owned { process: Arc::clone(process), quality: MatchQuality::Descriptor };
    SocketRow {
        id: SocketId(id),
        protocol: Protocol::Tcp,
        local: "10.0.0.5:50000".parse::<SocketAddr>().unwrap().into(),
        remote: Some("192.0.2.7:443".parse::<SocketAddr>().unwrap().into()),
        state: SocketState::Established,
        owner,
        counters: Counters { bytes_sent: Some(5), ..Counters::default() },
        namespace: Namespace::OWN,
        evidence: Evidence::List,
    }
}

fn table(at: i64, sockets: &[SocketRow]) -> Observation {
    let sighting = Sighting::Table(SocketTable { sockets: sockets.to_vec() });
    Observation { at: Timestamp::from_millis(at), sighting }
}

#[test]
fn sockets_that_stay_as_they_were_cost_nothing() {
    let firefox = process(1);
    let mut sockets: Vec<SocketRow> = (0..20_000).map(|id| row(id, &firefox)).collect();
    let mut first = Vec::new();
    let mut writer = FrameWriter::begin(&mut first).unwrap();
    writer.write(table(1, &sockets), &mut first).unwrap();
    assert!(first.len() < 20_000 * 40, "{} bytes", first.len());
    let mut second = Vec::new();
    writer.write(table(2, &sockets), &mut second).unwrap();
    assert!(second.len() < 16, "{} bytes", second.len());
    sockets[7].counters.bytes_sent = Some(6);
    sockets.pop();
    let mut third = Vec::new();
    writer.write(table(3, &sockets), &mut third).unwrap();
    assert!(third.len() < 64, "{} bytes", third.len());
    let all = [first, second, third].concat();
    assert_eq!(read(&all).pop().unwrap(), table(3, &sockets));
}

#[test]
fn many_processes_come_and_go_and_few_are_remembered() {
    let each = |pid: u32| table(pid.into(), &[row(pid.into(), &process(pid))]);
    let observations: Vec<Observation> = (0..10_000).map(each).collect();
    let frames = written(&observations);
    let mut reader = FrameReader::new(&*frames).unwrap();
    let mut most = 0;
    let mut count = 0;
    while let Some(observation) = reader.next() {
        assert_eq!(observation.unwrap(), observations[count]);
        most = most.max(reader.known_processes());
        count += 1;
    }
    assert_eq!(count, 10_000);
    assert!(most <= 4097, "{most}");
}

#[test]
fn the_reader_knows_which_processes_are_the_program_itself() {
    let frames = written(&[table(1, &[row(1, &process(7)), row(2, &process(8))])]);
    let mut reader = FrameReader::new(&*frames).unwrap().with_own(vec![8, 9]);
    let Observation { sighting: Sighting::Table(mut table), .. } = reader.next().unwrap().unwrap() else {
        panic!("a table was written")
    };
    table.sockets.sort_by_key(|row| row.id);
    let own: Vec<bool> = table.sockets.iter().map(|row| row.owner.is_own()).collect();
    assert_eq!(own, [false, true]);
}

#[test]
fn another_version_is_said_to_be_one() {
    let mut frames = written(&[]);
    frames[5] += 1;
    assert_eq!(
        refusal(&frames),
        format!(
            "failed to read what the recorder tells: it is of version {0:?} (frames 3), and this program of \
             version {0:?} (frames 2)",
            env!("CARGO_PKG_VERSION")
        )
    );
}

#[test]
fn what_is_no_writer_is_refused() {
    let check = |frames: &[u8], expected: &str| {
        let said = refusal(frames);
        assert_eq!(said.strip_prefix("failed to read what the recorder tells: "), Some(expected));
    };
    check(b"HTTP/1.1 200 OK", "there are no frames of kind 47");
    check(&[0; 8], "a frame is empty");
    check(&[2, 0, 0, 0, Kind::Table as u8, 0], "it does not say first who it is");
    check(&with_frame(Kind::Hello as u8, &[1, 0]), "it says a second time who it is");
    check(&with_frame(Kind::Table as u8, &[2, 2]), "a frame holds more than it should");
    check(&with_frame(Kind::Changes as u8, &[2, 9]), "socket 9 is not open");
    check(&with_frame(Kind::Heard as u8, &[2, 0, 1, 9, 0]), "process 9 was not introduced");
    let said = refusal(&with_frame(Kind::Changes as u8, &[9]));
    assert!(said.contains("a frame makes no sense: "), "{said}");
}

#[test]
fn a_length_beyond_the_bound_is_refused_before_anything_is_read() {
    let mut frames = written(&[]);
    frames.extend_from_slice(&u32::MAX.to_le_bytes());
    frames.push(Kind::Heard as u8);
    let said = refusal(&frames);
    assert!(said.ends_with("a frame of 4294967295 bytes is longer than may be (Heard)"), "{said}");
    let said = refusal(&with_frame(Kind::Changes as u8, &vec![0; LARGEST_FRAME]));
    assert!(said.contains("is longer than may be"), "{said}");
}

#[test]
fn long_texts_and_lists_are_cut_to_the_bound() {
    let long = "ä".repeat(LONGEST_TEXT);
    assert_eq!(cut(&long).len(), LONGEST_TEXT);
    assert_eq!(cut(&format!("x{long}")).len(), LONGEST_TEXT - 1);
    let bytes = vec![b'#'; LARGEST_HEARD + 1].into();
    let heard = Heard { kind: HeardKind::HostsFile, bytes, process: Some(process(3)) };
    let at = Timestamp::from_millis(i64::MAX);
    let read = read(&written(&[Observation { at, sighting: Sighting::Heard(heard) }]));
    let [Observation { sighting: Sighting::Heard(heard), .. }] = &read[..] else { panic!("it was heard") };
    assert_eq!(heard.bytes.len(), LARGEST_HEARD - 64);
}

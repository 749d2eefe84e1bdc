//! Days in no time: sources and clocks made up, the real sampler, player and live state.

use std::{
    cell::Cell,
    collections::VecDeque,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};

use tapmap_core::{
    AddressScope, App, AppEvidence, Attribution, Change, Counters, Coverage, Endpoint, Enricher, Gap,
    GapReason, Observation, Protocol, RemoteInfo, Service, Sighting, SnapshotSource, SocketId, SocketRow,
    SocketState, SocketTable, SourceError, SourceErrorKind, Timestamp, UnknownOwner,
};

use crate::{Clock, Identity, Live, Mode, Pace, Player, Sampler, Stop, SystemClock, record};

/// Time that passes only by waiting, and stops at an end.
#[derive(Clone, Debug)]
struct TestClock {
    now: Arc<AtomicI64>,
    end: i64,
}

impl TestClock {
    fn until(end: i64) -> Self {
        Self { now: Arc::default(), end }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::Relaxed))
    }

    fn wait(&self, time: Duration) -> bool {
        let millis = i64::try_from(time.as_millis()).unwrap();
        self.now.fetch_add(millis, Ordering::Relaxed) + millis < self.end
    }
}

type Look = Result<Vec<SocketRow>, SourceErrorKind>;

/// A source that gives what it was told to, then nothing but empty tables.
struct Told {
    looks: VecDeque<Look>,
    opened: Arc<Mutex<Box<dyn FnMut() -> bool + Send>>>,
    asked: Arc<AtomicU32>,
    tells: VecDeque<Vec<Sighting>>,
}

impl SnapshotSource for Told {
    fn coverage(&self) -> Coverage {
        Coverage::default()
    }

    fn may_have_opened(&mut self) -> bool {
        (self.opened.lock().unwrap())()
    }

    fn told(&mut self, at: Timestamp) -> Vec<Observation> {
        let told = self.tells.pop_front().unwrap_or_default();
        told.into_iter().map(|sighting| Observation { at, sighting }).collect()
    }

    fn snapshot(&mut self) -> Result<SocketTable, SourceError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.looks.pop_front().unwrap_or(Ok(Vec::new())) {
            Ok(sockets) => Ok(SocketTable { sockets }),
            Err(kind) => Err(SourceError { kind, context: "list sockets".to_owned(), cause: None }),
        }
    }
}

fn told(looks: Vec<Look>, opened: impl FnMut() -> bool + Send + 'static) -> (Box<Told>, Arc<AtomicU32>) {
    let asked = Arc::<AtomicU32>::default();
    let source = Told {
        looks: looks.into(),
        opened: Arc::new(Mutex::new(Box::new(opened))),
        asked: Arc::clone(&asked),
        tells: VecDeque::new(),
    };
    (Box::new(source), asked)
}

struct Nowhere;

impl Enricher for Nowhere {
    fn remote(&self, address: IpAddr) -> Arc<RemoteInfo> {
        Arc::new(RemoteInfo::bare(AddressScope::of(address)))
    }

    fn service(&self, _: Protocol, _: u16) -> Service {
        Service::default()
    }
}

fn live() -> Live {
    let identity = Identity {
        mode: Mode::Live,
        epoch: "1".to_owned(),
        host_name: "test".to_owned(),
        started_at: Timestamp::from_millis(0),
        interval: Duration::from_secs(1),
    };
    Live::new(identity, Arc::new(Nowhere))
}

fn row(id: u64) -> SocketRow {
    let app = App { name: "unit".into(), evidence: AppEvidence::Unit };
    SocketRow {
        id: SocketId(id),
        protocol: Protocol::Tcp,
        local: Endpoint::new([10, 0, 0, 5].into(), 40000),
        remote: Some(Endpoint::new([192, 0, 2, 7].into(), 443)),
        state: SocketState::Established,
        owner: Attribution::Unknown { reason: UnknownOwner::NotPermitted, app: Some(app) },
        counters: Counters::default(),
        namespace: tapmap_core::Namespace::OWN,
        evidence: tapmap_core::Evidence::List,
    }
}

fn sampler(source: Box<Told>, end: i64) -> Sampler<TestClock> {
    Sampler::new(source, TestClock::until(end), Duration::from_secs(1))
}

#[test]
fn looks_each_second_when_nothing_opens() {
    let live = live();
    let (source, asked) = told(vec![], || false);
    record(sampler(source, 10_050), &live);
    assert_eq!(asked.load(Ordering::Relaxed), 11);
    assert_eq!(live.status().observed_at, Some(Timestamp::from_millis(10_000)));
}

#[test]
fn looks_early_when_something_opened() {
    let live = live();
    let gate = Cell::new(0);
    let (source, asked) = told(vec![], move || gate.replace(gate.get() + 1) == 2);
    record(sampler(source, 1_000), &live);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    assert_eq!(live.status().observed_at, Some(Timestamp::from_millis(300)));
}

#[test]
fn a_failed_source_is_tried_again_and_leaves_a_gap() {
    let live = live();
    let looks = vec![
        Ok(vec![row(1)]),
        Err(SourceErrorKind::Transient),
        Err(SourceErrorKind::Transient),
        Ok(vec![row(1)]),
    ];
    let (source, _) = told(looks, || false);
    let mut problems = Vec::new();
    for observation in sampler(source, 8_000) {
        live.apply(observation);
        problems.push(live.status().problems.len());
    }
    let gap = Gap {
        from: Timestamp::from_millis(0),
        until: Timestamp::from_millis(7_000),
        reason: GapReason::SourceFailed,
        lost: None,
    };
    assert_eq!(live.status().gaps, [gap]);
    problems.dedup();
    assert_eq!(problems, [0, 1, 0], "told while it is wrong, and taken back");
}

#[test]
fn what_is_wrong_is_said_while_it_is_wrong() {
    let live = live();
    let (source, _) = told(vec![Err(SourceErrorKind::Permission); 9], || false);
    record(sampler(source, 20_000), &live);
    assert_eq!(live.status().problems, ["The recorder failed to list sockets. It tries again by itself."]);
}

#[test]
fn what_ended_between_two_looks_is_heard() {
    let live = live();
    let (mut source, _) = told(vec![], || false);
    source.tells =
        [vec![], vec![], vec![Sighting::Socket(SocketRow { state: SocketState::Closed, ..row(7) })]].into();
    let (_, mut changes) = live.subscribe();
    record(sampler(source, 1_500), &live);
    let batch = changes.try_recv().unwrap();
    assert!(matches!(&batch.items[..], [Change::Opened(_), Change::Closed(flow)]
        if flow.socket == SocketId(7) && flow.span.last_seen == Timestamp::from_millis(100)));
}

#[test]
fn what_was_lost_on_the_way_is_looked_for_at_once() {
    let live = live();
    let (mut source, asked) = told(vec![], || false);
    let zero = Timestamp::from_millis(0);
    let gap = Gap { from: zero, until: zero, reason: GapReason::Overrun, lost: None };
    source.tells = [vec![], vec![], vec![Sighting::Lost(gap.clone())]].into();
    record(sampler(source, 500), &live);
    assert_eq!((asked.load(Ordering::Relaxed), live.status().gaps), (2, vec![gap]));
}

#[test]
fn a_clock_set_back_does_not_keep_a_failed_source_waiting() {
    let (source, asked) = told(vec![Err(SourceErrorKind::Transient)], || false);
    let clock = TestClock::until(2_000_000);
    clock.now.store(1_000_000, Ordering::Relaxed);
    let mut sampler = Sampler::new(source, SetBack(clock), Duration::from_secs(1));
    let looked = sampler.find(|it| matches!(it.sighting, Sighting::Table(_)));
    assert!(looked.is_some());
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

/// A clock that is set back by a quarter of an hour at the first wait.
#[derive(Debug)]
struct SetBack(TestClock);

impl Clock for SetBack {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn wait(&self, time: Duration) -> bool {
        if self.0.now.load(Ordering::Relaxed) == 1_000_000 {
            self.0.now.store(100_000, Ordering::Relaxed);
        }
        assert!(self.0.now.load(Ordering::Relaxed) < 110_000, "it waits for the old time to come again");
        self.0.wait(time)
    }
}

#[test]
fn a_long_pause_is_a_gap() {
    let live = live();
    let (source, _) = told(vec![], || false);
    let clock = TestClock::until(200_000);
    let mut sampler = Sampler::new(source, clock.clone(), Duration::from_secs(1));
    let is_table = |it: &Observation| matches!(it.sighting, Sighting::Table(_));
    live.apply(sampler.find(is_table).unwrap());
    clock.now.store(100_000, Ordering::Relaxed);
    live.apply(sampler.next().unwrap());
    let gaps = live.status().gaps;
    assert_eq!((gaps.len(), gaps[0].reason), (1, GapReason::Asleep));
}

#[test]
fn a_reader_misses_nothing_between_view_and_changes() {
    let live = live();
    let at = Timestamp::from_millis(1);
    let table =
        |rows: Vec<SocketRow>| Observation { at, sighting: Sighting::Table(SocketTable { sockets: rows }) };
    live.apply(table(vec![row(1)]));
    let (view, mut changes) = live.subscribe();
    live.apply(table(vec![row(1), row(2)]));
    let batch = changes.try_recv().unwrap();
    assert_eq!((view.flows.len(), view.seq, batch.seq), (1, 1, 2));
    assert!(matches!(&batch.items[..], [Change::Opened(flow)] if flow.socket == SocketId(2)));
}

#[test]
fn what_ended_stays_for_ten_minutes() {
    let live = live();
    let at = |minute: i64, sockets: Vec<SocketRow>| {
        let at = Timestamp::from_millis(minute * 60_000);
        live.apply(Observation { at, sighting: Sighting::Table(SocketTable { sockets }) });
    };
    at(0, vec![row(1), row(2)]);
    at(1, vec![row(2)]);
    at(9, vec![]);
    let ended = |minutes| {
        live.ended_within(Duration::from_mins(minutes)).iter().map(|it| it.socket.0).collect::<Vec<_>>()
    };
    assert_eq!((ended(8), ended(7), ended(0)), (vec![1, 2], vec![2], vec![2]));
    at(12, vec![row(3)]);
    assert_eq!(ended(60), [2], "the first is more than ten minutes old");
}

#[test]
fn ended_flows_beyond_what_is_kept_are_counted() {
    let live = live();
    let at = Timestamp::from_millis(1000);
    live.apply(Observation { at, sighting: Sighting::Table(SocketTable::default()) });
    for id in 0..12_000 {
        let mut row = SocketRow { state: SocketState::Closed, ..row(id) };
        row.counters.bytes_sent = Some(2);
        live.apply(Observation { at, sighting: Sighting::Socket(row) });
    }
    live.apply(Observation { at, sighting: Sighting::Table(SocketTable::default()) });
    let folded = live.folded();
    assert_eq!((live.ended_within(Duration::from_mins(1)).len(), folded.flows), (10_000, 2000));
    assert_eq!((folded.groups.len(), folded.groups[0].bytes_sent), (1, 4000));
}

#[test]
fn a_recording_plays_at_its_speed() {
    let moments = [1_000_000, 1_060_000, 1_120_000];
    for (as_if_now, expected) in [(false, moments), (true, [0, 1_000, 2_000])] {
        let clock = TestClock::until(i64::MAX);
        let pace = Pace { speed: 60.0, as_if_now };
        let recording = moments.map(|millis| {
            let sighting = Sighting::Table(SocketTable::default());
            Ok(Observation { at: Timestamp::from_millis(millis), sighting })
        });
        let player = Player::new(recording.into_iter(), clock.clone(), pace);
        let told: Vec<i64> = player.map(|it| it.at.as_millis()).collect();
        assert_eq!(told, expected);
        assert_eq!(clock.now().as_millis(), 2_000);
    }
}

#[test]
fn stopping_ends_the_wait() {
    let stop = Stop::default();
    let clock = SystemClock::new(stop.clone());
    let waiting = std::thread::spawn(move || clock.wait(Duration::from_hours(1)));
    stop.stop();
    assert!(!waiting.join().unwrap());
}

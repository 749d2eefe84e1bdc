//! What is written when: a store that only notes down, and a clock that stands.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use tapmap_core::{
    AddressScope, Attribution, Batch, Counters, DayUse, Ending, Endpoint, Enricher, Evidence, Facet, Forget,
    Forgetting, HistoryReader, HistoryStore, Namespace, Observation, Protocol, RemoteInfo, Retention,
    Service, Session, Sighting, SocketId, SocketRow, SocketState, SocketTable, StoreError, StoreErrorKind,
    Timestamp, UnknownOwner, WhyUnobserved,
};

use super::{
    Feed, Message, QUEUE, mpsc,
    writer::{HistorySettings, Writer},
};
use crate::{Clock, Identity, Live, Mode};

#[derive(Clone, Debug, Default)]
struct Standing(Arc<AtomicI64>);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn wait(&self, _: Duration) -> bool {
        false
    }
}

/// Notes every batch down, unless it is told to fail.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<(Vec<Batch>, Option<StoreErrorKind>)>>);

impl HistoryStore for Notes {
    fn begin(&mut self, _: &Session) -> Result<(), StoreError> {
        Ok(())
    }

    fn append(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let mut notes = self.0.lock().unwrap();
        if let Some(kind) = notes.1 {
            return Err(StoreError::new(kind, "write the history"));
        }
        notes.0.push(batch.clone());
        Ok(())
    }

    fn forget(
        &mut self,
        what: &Forget,
        asked_at: Timestamp,
        due_at: Timestamp,
    ) -> Result<Forgetting, StoreError> {
        Ok(Forgetting { id: 1, what: what.clone(), asked_at, due_at })
    }

    fn restore(&mut self, _: i64) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn tidy(&mut self, _: Timestamp, _: Retention) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn import(&mut self, _: Facet, _: &[DayUse]) -> Result<(), StoreError> {
        Ok(())
    }

    fn begin_anew(&mut self, _: &str, _: Timestamp) -> Result<String, StoreError> {
        self.0.lock().unwrap().1 = None;
        Ok("elsewhere".to_owned())
    }

    fn reader(&self) -> Result<Arc<dyn HistoryReader>, StoreError> {
        Err(StoreError::new(StoreErrorKind::Io, "read what is only noted"))
    }
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

struct Bench {
    live: Live,
    clock: Standing,
    notes: Notes,
    writer: Writer,
    messages: mpsc::Receiver<Message>,
}

impl Bench {
    fn new() -> Self {
        let identity = Identity {
            mode: Mode::Live,
            epoch: "1".to_owned(),
            host_name: "test".to_owned(),
            started_at: Timestamp::default(),
            interval: Duration::from_secs(1),
        };
        let live = Live::new(identity, Arc::new(Nowhere));
        let (clock, notes) = (Standing::default(), Notes::default());
        let (queue, messages) = mpsc::sync_channel(QUEUE);
        let lost = Arc::<AtomicU64>::default();
        let view = live.feed_history(Feed { queue, lost: Arc::clone(&lost) });
        let keep = Retention { days: 30, bytes: 1 };
        let settings = HistorySettings { keep, zone: Box::new(|| "Europe/Oslo".into()) };
        let session = Session { zone: "Europe/Oslo".into(), ..Session::default() };
        let store = Box::new(notes.clone());
        let mut writer = Writer::new(store, Box::new(clock.clone()), session, settings, live.clone(), lost);
        writer.look_at(&view);
        Self { live, clock, notes, writer, messages }
    }

    /// Shows a table at a moment and lets the writer work.
    fn see(&mut self, at: i64, sockets: Vec<SocketRow>) {
        self.show(at, sockets);
        self.work(at);
    }

    fn show(&self, at: i64, sockets: Vec<SocketRow>) {
        let at = Timestamp::from_millis(at);
        self.live.apply(Observation { at, sighting: Sighting::Table(SocketTable { sockets }) });
    }

    fn work(&mut self, at: i64) {
        self.clock.0.store(at, Ordering::Relaxed);
        while let Ok(Message::Changed(changes)) = self.messages.try_recv() {
            self.writer.note(&changes);
        }
        self.writer.work();
    }

    /// What was written since this was last asked: when, how many open and how many ended flows.
    fn written(&self) -> Vec<(i64, usize, usize)> {
        let batches = std::mem::take(&mut self.notes.0.lock().unwrap().0);
        let count = |batch: &Batch, open: bool| {
            batch.flows.iter().filter(|entry| (entry.ending == Ending::Open) == open).count()
        };
        batches.iter().map(|batch| (batch.at.as_millis(), count(batch, true), count(batch, false))).collect()
    }

    fn fail(&self, kind: Option<StoreErrorKind>) {
        self.notes.0.lock().unwrap().1 = kind;
    }
}

fn row(id: u64, sent: u64) -> SocketRow {
    SocketRow {
        id: SocketId(id),
        protocol: Protocol::Tcp,
        local: Endpoint::new([10, 0, 0, 5].into(), 40_000),
        remote: Some(Endpoint::new([192, 0, 2, 7].into(), 443)),
        state: SocketState::Established,
        owner: Attribution::Unknown { reason: UnknownOwner::NotPermitted, app: None },
        counters: Counters { bytes_sent: Some(sent), ..Counters::default() },
        namespace: Namespace::OWN,
        evidence: Evidence::List,
    }
}

#[test]
fn what_opens_and_ends_is_written_within_a_second() {
    let mut bench = Bench::new();
    bench.see(100, vec![row(1, 0)]);
    assert_eq!(bench.written(), []);
    assert_eq!(bench.writer.rest(), Duration::from_secs(1));
    bench.work(1_000);
    assert_eq!(bench.written(), [(1_000, 1, 0)]);
    bench.see(1_500, vec![row(2, 0)]);
    bench.see(1_900, vec![]);
    bench.work(2_000);
    assert_eq!(bench.written(), [(2_000, 0, 2)]);
}

#[test]
fn very_many_ended_flows_do_not_wait() {
    let mut bench = Bench::new();
    bench.see(100, (1..=4_096).map(|id| row(id, 0)).collect());
    bench.work(1_000);
    assert_eq!(bench.written(), [(1_000, 4_096, 0)]);
    bench.see(1_100, vec![row(1, 0)]);
    bench.work(1_100);
    assert_eq!(bench.written(), []);
    bench.see(1_200, vec![]);
    bench.work(1_200);
    assert_eq!(bench.written(), [(1_200, 0, 4_096)]);
}

#[test]
fn counters_and_a_sign_of_life_are_written_each_minute() {
    let mut bench = Bench::new();
    bench.see(1_000, vec![row(1, 0), row(2, 0)]);
    bench.written();
    bench.see(20_000, vec![row(1, 50), row(2, 0)]);
    bench.see(59_999, vec![row(1, 90), row(2, 0)]);
    assert_eq!(bench.written(), []);
    bench.work(60_000);
    let batches = bench.notes.0.lock().unwrap().0.clone();
    assert_eq!(batches[0].flows.len(), 1);
    assert_eq!(batches[0].flows[0].flow.counters.bytes_sent, Some(90));
    bench.written();
    bench.work(120_000);
    assert_eq!(bench.written(), [(120_000, 0, 0)]);
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost_while_there_is_room() {
    let mut bench = Bench::new();
    bench.fail(Some(StoreErrorKind::Full));
    bench.see(1_000, vec![row(1, 0)]);
    bench.see(2_000, vec![]);
    assert_eq!(
        bench.live.status().problems,
        ["The history cannot be written: there is no space left on the disk. It is tried again by itself."]
    );
    bench.fail(None);
    bench.work(3_000);
    assert_eq!(bench.written(), [(3_000, 0, 1)]);
    assert!(bench.live.status().problems.is_empty());
}

#[test]
fn what_does_not_fit_is_dropped_oldest_first_and_becomes_a_gap() {
    let mut bench = Bench::new();
    bench.fail(Some(StoreErrorKind::Full));
    bench.see(1_000, vec![]);
    for round in 0..6_u64 {
        bench.show(2_000, (0..10_000).map(|id| row(1 + round * 10_000 + id, 0)).collect());
        bench.see(2_500, vec![]);
    }
    bench.fail(None);
    bench.work(4_000);
    bench.work(5_000);
    let batches = bench.notes.0.lock().unwrap().0.clone();
    assert_eq!(batches[0].flows.len(), 50_000);
    let gap = &batches[1].gaps[0];
    assert_eq!((gap.why, gap.lost), (WhyUnobserved::NotKept, Some(10_000)));
}

#[test]
fn changes_that_got_lost_are_made_good_from_what_is_open() {
    let mut bench = Bench::new();
    bench.see(1_000, vec![row(1, 0), row(2, 0)]);
    bench.written();
    bench.show(1_500, vec![row(2, 0), row(3, 0)]);
    while bench.messages.try_recv().is_ok() {}
    for _ in 0..=QUEUE {
        bench.show(1_600, vec![row(2, 0), row(4, 0)]);
        bench.show(1_700, vec![row(2, 0), row(5, 0)]);
    }
    while bench.messages.try_recv().is_ok() {}
    bench.work(2_000);
    let batches = bench.notes.0.lock().unwrap().0.clone();
    let endings: Vec<(u64, Ending)> =
        batches[0].flows.iter().map(|it| (it.flow.socket.0, it.ending)).collect();
    assert_eq!(endings, [(1, Ending::Unseen), (2, Ending::Open), (5, Ending::Open)]);
    assert_eq!(batches[0].gaps[0].why, WhyUnobserved::NotKept);
}

#[test]
fn a_damaged_history_is_begun_anew_with_all_that_is_open() {
    let mut bench = Bench::new();
    bench.see(1_000, vec![row(1, 0)]);
    bench.written();
    bench.fail(Some(StoreErrorKind::Corrupt));
    bench.see(2_000, vec![row(1, 0), row(2, 0)]);
    bench.work(3_000);
    assert_eq!(bench.written(), [(3_000, 2, 0)]);
    assert!(bench.live.status().problems[0].contains("kept as elsewhere"));
}

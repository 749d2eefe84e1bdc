//! The live stream: one encoder makes each delta once for all pages. A page that reads slowly loses
//! its place, never anybody's time.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures_util::stream;
use serde::Serialize;
use tapmap_core::{Changes, OwnPlace};
use tapmap_engine::Live;
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, MissedTickBehavior},
};

use crate::{
    columns::{Encoder, Flushed},
    wire::{Delta, Event, Hello, NewsHeard, Resync, Snapshot},
};

/// How often changes are sent, when there are any.
const FLUSH: Duration = Duration::from_millis(250);
/// Counters are sent at each how many-th flush.
const FLUSHES_PER_COUNT: u32 = 4;
/// A comment after this long without anything else, so that both ends notice a dead connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How many messages a page may lag behind.
const LAG: usize = 64;
/// How many messages, and how many bytes of them, are kept for pages that come back.
const RING_MESSAGES: usize = 512;
const RING_BYTES: usize = 1 << 20;
/// How many streams may be open at once.
const SEATS: usize = 64;
/// How long ago what is shown as ended may have ended.
const ENDED_SHOWN: Duration = Duration::from_mins(10);
/// Version of the stream's form.
const SCHEMA: u32 = 1;

/// What all pages are fed from.
#[derive(Debug)]
pub(crate) struct Hub {
    live: Live,
    feed: Mutex<Feed>,
    signals: broadcast::Sender<Signal>,
    seats: AtomicUsize,
    counting_seats: AtomicUsize,
    ended_seats: AtomicUsize,
    closing: watch::Sender<bool>,
}

/// What a page wants beside what opens, changes and closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// Counters that moved.
    pub(crate) counters: bool,
    /// Connections that ended, as last known.
    pub(crate) ended: bool,
}

impl Wishes {
    fn hold(self, kind: Kind) -> bool {
        match kind {
            Kind::Changes => true,
            Kind::Counters => self.counters,
            Kind::Ended => self.ended,
        }
    }
}

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Changes,
    Counters,
    Ended,
}

#[derive(Debug)]
struct Feed {
    encoder: Encoder,
    changes: broadcast::Receiver<Arc<Changes>>,
    own_place: watch::Receiver<Option<OwnPlace>>,
    ring: Ring,
}

/// Deltas that a page coming back may have missed.
#[derive(Debug, Default)]
struct Ring {
    messages: VecDeque<Message>,
    bytes: usize,
    /// All deltas after this one are here.
    after: u64,
}

#[derive(Clone, Debug)]
struct Message {
    seq: u64,
    kind: Kind,
    text: Bytes,
}

#[derive(Clone, Debug)]
enum Signal {
    Message(Message),
    /// Something that stands by itself: a page that missed it asks for what it is about.
    Aside(Bytes),
    Resync,
}

/// From where a page wants to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    epoch: String,
    seq: u64,
}

impl Position {
    /// Reads `<epoch>-<seq>`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (epoch, seq) = text.split_once('-')?;
        Some(Self { epoch: epoch.to_owned(), seq: seq.parse().ok()? })
    }
}

impl Hub {
    pub(crate) fn new(live: Live) -> Self {
        let own_place = live.own_place_changes();
        let (view, changes) = live.subscribe();
        let status = live.status();
        let at = status.observed_at.unwrap_or(status.identity.started_at);
        let encoder = Encoder::new(&status.identity.epoch, at, view, own_place.borrow().clone());
        let (signals, _) = broadcast::channel(LAG);
        let (closing, _) = watch::channel(false);
        Self {
            live,
            feed: Mutex::new(Feed { encoder, changes, own_place, ring: Ring::default() }),
            signals,
            seats: AtomicUsize::new(0),
            counting_seats: AtomicUsize::new(0),
            ended_seats: AtomicUsize::new(0),
            closing,
        }
    }

    /// Sends what changed, for ever.
    pub(crate) async fn run(&self) {
        let mut ticks = tokio::time::interval(FLUSH);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for tick in (0..FLUSHES_PER_COUNT).cycle() {
            ticks.tick().await;
            let mut feed = self.feed();
            self.flush(&mut feed);
            if tick == 0 {
                self.flush_counters(&mut feed);
            }
        }
    }

    /// Everything that is open now, and with `ended` what ended. What had not been sent yet is sent
    /// first, so that the snapshot stands exactly at one delta.
    pub(crate) fn snapshot(&self, ended: bool) -> Snapshot {
        let mut feed = self.feed();
        self.flush(&mut feed);
        feed.encoder.snapshot(ended)
    }

    /// A page's stream from `after` on, or from now; `None` when all seats are taken.
    pub(crate) fn open(self: &Arc<Self>, after: Option<&Position>, wishes: Wishes) -> Option<Body> {
        let seat = Seat::take(self, wishes)?;
        let mut feed = self.feed();
        self.flush(&mut feed);
        if let Some(after) = after.filter(|after| feed.knows(after)) {
            self.retell(&mut feed, after.seq, wishes);
        }
        let signals = self.signals.subscribe();
        let (backlog, finished) = feed.welcome(after, wishes);
        drop(feed);
        let closing = self.closing.subscribe();
        let page = Page {
            backlog,
            finished,
            signals,
            wishes,
            closing,
            quiet_until: Instant::now() + KEEP_ALIVE,
            _seat: seat,
        };
        Some(Body::from_stream(stream::unfold(page, Page::next)))
    }

    /// Tells again what nobody may have asked for since delta `seq`. Numbers of its own keep the deltas
    /// of all pages without a gap.
    fn retell(&self, feed: &mut Feed, seq: u64, wishes: Wishes) {
        if wishes.ended {
            feed.encoder.retell_ended_after(seq);
            self.flush(feed);
        }
        if wishes.counters {
            feed.encoder.recount_after(seq);
            self.flush_counters(feed);
        }
    }

    /// Tells all pages what is new.
    pub(crate) fn announce(&self, events: &[Event]) {
        let text = event("news", None, &NewsHeard { items: events.to_vec() });
        drop(self.signals.send(Signal::Aside(text)));
    }

    /// Whether any stream is open.
    pub(crate) fn has_pages(&self) -> bool {
        self.seats.load(Ordering::Relaxed) > 0
    }

    /// Ends all streams, so that the server can end.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    fn flush(&self, feed: &mut Feed) {
        feed.drain(&self.live);
        let ended_wanted = self.ended_seats.load(Ordering::Relaxed) > 0;
        match feed.encoder.flush(ended_wanted) {
            Flushed::Nothing => {}
            Flushed::Delta(delta) => self.publish(feed, &delta, Kind::Changes),
            Flushed::NewEpoch => {
                feed.ring = Ring::default();
                drop(self.signals.send(Signal::Resync));
            }
        }
        if let Some(delta) = feed.encoder.flush_ended() {
            self.publish(feed, &delta, Kind::Ended);
        }
    }

    fn flush_counters(&self, feed: &mut Feed) {
        let wanted = self.counting_seats.load(Ordering::Relaxed) > 0;
        if let Some(delta) = feed.encoder.flush_counters(wanted) {
            self.publish(feed, &delta, Kind::Counters);
        }
    }

    fn publish(&self, feed: &mut Feed, delta: &Delta, kind: Kind) {
        let message = Message { seq: delta.s, kind, text: feed.text_of(delta) };
        feed.ring.push(message.clone());
        // Nobody listening is no failure.
        drop(self.signals.send(Signal::Message(message)));
    }

    fn feed(&self) -> MutexGuard<'_, Feed> {
        self.feed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Feed {
    /// Takes in what the recorder said since the last time.
    fn drain(&mut self, live: &Live) {
        loop {
            match self.changes.try_recv() {
                Ok(changes) => self.encoder.apply(&changes),
                Err(broadcast::error::TryRecvError::Lagged(_)) => {
                    let (view, changes) = live.subscribe();
                    self.changes = changes;
                    self.encoder.reconcile(view);
                    self.encoder.note_ended(&live.ended_within(ENDED_SHOWN));
                }
                Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed) => break,
            }
        }
        if self.own_place.has_changed().unwrap_or(false) {
            self.encoder.set_own_place(self.own_place.borrow_and_update().clone());
        }
    }

    /// What a new page hears first, and whether its stream ends with that.
    fn welcome(&self, after: Option<&Position>, wishes: Wishes) -> (VecDeque<Bytes>, bool) {
        let now = self.encoder.seq();
        let Some(after) = after else {
            return (VecDeque::from([self.hello(now)]), false);
        };
        if !self.knows(after) {
            return (VecDeque::from([self.hello(now), resync()]), true);
        }
        let missed = self.ring.messages.iter().filter(|message| message.seq > after.seq);
        let missed = missed.filter(|message| wishes.hold(message.kind));
        let mut backlog = VecDeque::from([self.hello(after.seq)]);
        backlog.extend(missed.map(|message| message.text.clone()));
        (backlog, false)
    }

    /// Whether everything after a position is still here.
    fn knows(&self, position: &Position) -> bool {
        position.epoch == self.encoder.epoch()
            && (self.ring.after..=self.encoder.seq()).contains(&position.seq)
    }

    fn hello(&self, seq: u64) -> Bytes {
        event("hello", None, &Hello { schema: SCHEMA, epoch: self.encoder.epoch().to_owned(), seq })
    }

    fn text_of(&self, delta: &Delta) -> Bytes {
        event("d", Some(&format!("{}-{}", self.encoder.epoch(), delta.s)), delta)
    }
}

impl Ring {
    fn push(&mut self, message: Message) {
        self.bytes += message.text.len();
        self.messages.push_back(message);
        while self.messages.len() > RING_MESSAGES || self.bytes > RING_BYTES {
            let Some(oldest) = self.messages.pop_front() else { break };
            self.bytes -= oldest.text.len();
            self.after = oldest.seq;
        }
    }
}

/// One server-sent event. JSON never holds a raw line break, so one `data` line is enough.
fn event(name: &str, id: Option<&str>, data: &impl Serialize) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned());
    Bytes::from(format!("event: {name}\n{id}data: {data}\n\n"))
}

fn resync() -> Bytes {
    event("resync", None, &Resync {})
}

/// One open stream.
struct Page {
    backlog: VecDeque<Bytes>,
    finished: bool,
    signals: broadcast::Receiver<Signal>,
    wishes: Wishes,
    closing: watch::Receiver<bool>,
    quiet_until: Instant,
    _seat: Seat,
}

impl Page {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let text = match self.backlog.pop_front() {
            Some(text) => text,
            None if self.finished => return None,
            None => self.wait().await?,
        };
        self.quiet_until = Instant::now() + KEEP_ALIVE;
        Some((Ok(text), self))
    }

    async fn wait(&mut self) -> Option<Bytes> {
        loop {
            let signal = tokio::select! {
                biased;
                _ = self.closing.wait_for(|closing| *closing) => return None,
                signal = self.signals.recv() => signal,
                () = tokio::time::sleep_until(self.quiet_until) => return Some(Bytes::from_static(b":\n\n")),
            };
            match signal {
                Ok(Signal::Message(message)) if !self.wishes.hold(message.kind) => {}
                Ok(Signal::Message(message)) => return Some(message.text),
                Ok(Signal::Aside(text)) => return Some(text),
                Ok(Signal::Resync) | Err(broadcast::error::RecvError::Lagged(_)) => {
                    self.finished = true;
                    return Some(resync());
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

/// A stream's place among the open ones; given back when it ends, however it ends.
struct Seat {
    hub: Arc<Hub>,
    wishes: Wishes,
}

impl Seat {
    fn take(hub: &Arc<Hub>, wishes: Wishes) -> Option<Self> {
        let next = |taken: usize| (taken < SEATS).then_some(taken + 1);
        hub.seats.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()?;
        hub.counting_seats.fetch_add(usize::from(wishes.counters), Ordering::Relaxed);
        hub.ended_seats.fetch_add(usize::from(wishes.ended), Ordering::Relaxed);
        Some(Self { hub: Arc::clone(hub), wishes })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.seats.fetch_sub(1, Ordering::Relaxed);
        self.hub.counting_seats.fetch_sub(usize::from(self.wishes.counters), Ordering::Relaxed);
        self.hub.ended_seats.fetch_sub(usize::from(self.wishes.ended), Ordering::Relaxed);
    }
}

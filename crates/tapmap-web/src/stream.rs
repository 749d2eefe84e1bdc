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
    wire::{Delta, Hello, Resync, Snapshot},
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
    closing: watch::Sender<bool>,
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
    counters: bool,
    text: Bytes,
}

#[derive(Clone, Debug)]
enum Signal {
    Message(Message),
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

    /// Everything that is open now. What had not been sent yet is sent first, so that the snapshot
    /// stands exactly at one delta.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut feed = self.feed();
        self.flush(&mut feed);
        feed.encoder.snapshot()
    }

    /// A page's stream from `after` on, or from now; `None` when all seats are taken.
    pub(crate) fn open(self: &Arc<Self>, after: Option<&Position>, counters: bool) -> Option<Body> {
        let seat = Seat::take(self, counters)?;
        let mut feed = self.feed();
        self.flush(&mut feed);
        if counters && let Some(after) = after.filter(|after| feed.knows(after)) {
            // A number of its own keeps the deltas of all counting pages without a gap.
            feed.encoder.recount_after(after.seq);
            self.flush_counters(&mut feed);
        }
        let signals = self.signals.subscribe();
        let (backlog, finished) = feed.welcome(after, counters);
        drop(feed);
        let closing = self.closing.subscribe();
        let page = Page {
            backlog,
            finished,
            signals,
            counters,
            closing,
            quiet_until: Instant::now() + KEEP_ALIVE,
            _seat: seat,
        };
        Some(Body::from_stream(stream::unfold(page, Page::next)))
    }

    /// Ends all streams, so that the server can end.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    fn flush(&self, feed: &mut Feed) {
        feed.drain(&self.live);
        match feed.encoder.flush() {
            Flushed::Nothing => {}
            Flushed::Delta(delta) => self.publish(feed, &delta, false),
            Flushed::NewEpoch => {
                feed.ring = Ring::default();
                drop(self.signals.send(Signal::Resync));
            }
        }
    }

    fn flush_counters(&self, feed: &mut Feed) {
        let wanted = self.counting_seats.load(Ordering::Relaxed) > 0;
        if let Some(delta) = feed.encoder.flush_counters(wanted) {
            self.publish(feed, &delta, true);
        }
    }

    fn publish(&self, feed: &mut Feed, delta: &Delta, counters: bool) {
        let message = Message { seq: delta.s, counters, text: feed.text_of(delta) };
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
                }
                Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed) => break,
            }
        }
        if self.own_place.has_changed().unwrap_or(false) {
            self.encoder.set_own_place(self.own_place.borrow_and_update().clone());
        }
    }

    /// What a new page hears first, and whether its stream ends with that.
    fn welcome(&self, after: Option<&Position>, counters: bool) -> (VecDeque<Bytes>, bool) {
        let now = self.encoder.seq();
        let Some(after) = after else {
            return (VecDeque::from([self.hello(now)]), false);
        };
        if !self.knows(after) {
            return (VecDeque::from([self.hello(now), resync()]), true);
        }
        let missed = self.ring.messages.iter().filter(|message| message.seq > after.seq);
        let missed = missed.filter(|message| counters || !message.counters);
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
    counters: bool,
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
                Ok(Signal::Message(message)) if message.counters && !self.counters => {}
                Ok(Signal::Message(message)) => return Some(message.text),
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
    counters: bool,
}

impl Seat {
    fn take(hub: &Arc<Hub>, counters: bool) -> Option<Self> {
        let next = |taken: usize| (taken < SEATS).then_some(taken + 1);
        hub.seats.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()?;
        hub.counting_seats.fetch_add(usize::from(counters), Ordering::Relaxed);
        Some(Self { hub: Arc::clone(hub), counters })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.seats.fetch_sub(1, Ordering::Relaxed);
        self.hub.counting_seats.fetch_sub(usize::from(self.counters), Ordering::Relaxed);
    }
}

//! Remembering beside recording: a writer on a thread of its own takes the changes through a bounded
//! queue. Offering never waits: what does not fit is counted, becomes a gap, and the writer looks at
//! what is open anew.

mod absence;
mod pending;
mod programs;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError},
    },
    thread,
    time::Duration,
};

use tapmap_core::{
    Changes, Day, DayUse, Facet, Filter, Forget, Forgetting, HistoryReader, HistoryStore, Presence, Session,
    StoreError, StoreErrorKind, Timestamp,
};

use self::writer::Writer;
pub use self::writer::{HistorySettings, ZoneSource};
use crate::{
    clock::Clock,
    live::Live,
    remembered::{self, Rhythms},
};

/// How many batches of changes may wait: some seconds of the busiest machine, some 20 MB.
const QUEUE: usize = 16_384;
/// How long an open flow that is forgotten can be taken back.
pub const UNDO: Duration = Duration::from_secs(30);

/// What the writer is told.
enum Message {
    Changed(Arc<Changes>),
    Asked(Box<dyn FnOnce(&mut Writer) + Send>),
    Stop,
}

/// Where changes are offered to. Cloning gives another handle to the same queue.
#[derive(Clone)]
pub(crate) struct Feed {
    queue: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl Feed {
    /// Takes changes in, or counts them as lost; never waits.
    pub(crate) fn offer(&self, changes: &Arc<Changes>) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Message::Changed(Arc::clone(changes))) {
            self.lost.fetch_add(u64::try_from(changes.items.len()).unwrap_or(1).max(1), Ordering::Relaxed);
        }
    }
}

/// Minutes since 1970, and what was worked out in that one.
type OfMinute = (i64, Arc<Rhythms>);

/// The history of a running recorder: what the page and the command line ask. Cloning gives another
/// handle to the same.
#[derive(Clone, Debug)]
pub struct History {
    reader: Arc<dyn HistoryReader>,
    queue: SyncSender<Message>,
    /// What keeps time on the day asked for last, and in which minute that was worked out.
    rhythms: Arc<Mutex<Option<OfMinute>>>,
}

impl History {
    /// Asks what is remembered.
    pub fn reader(&self) -> &dyn HistoryReader {
        &*self.reader
    }

    /// Writes what was seen up to now, so that the next answer has it. What cannot be written is told as
    /// a problem elsewhere.
    ///
    /// # Errors
    /// When the writer has ended.
    pub fn catch_up(&self) -> Result<(), StoreError> {
        self.ask(Writer::catch_up)
    }

    /// What keeps time on a day; worked out once a minute, since each flow of the day is looked at.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn rhythms(&self, day: Day, now: Timestamp) -> Result<Arc<Rhythms>, StoreError> {
        let minute = now.as_millis().div_euclid(60_000);
        // Who asks meanwhile waits for the same answer instead of working it out again.
        let mut known = self.rhythms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, rhythms)) = &*known
            && *of == minute
            && rhythms.day == day
        {
            return Ok(Arc::clone(rhythms));
        }
        let rhythms = Arc::new(remembered::rhythms(&*self.reader, day, &Filter::default(), now)?);
        *known = Some((minute, Arc::clone(&rhythms)));
        Ok(rhythms)
    }

    fn forget_rhythms(&self) {
        *self.rhythms.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Notes what the system says of who is at the computer at `at`.
    ///
    /// # Errors
    /// When the writer has ended.
    pub fn note_presence(&self, presence: Presence, at: Timestamp) -> Result<(), StoreError> {
        self.ask(move |writer| writer.note_presence(presence, at))
    }

    /// Hides something at once; it is erased after [`UNDO`].
    ///
    /// # Errors
    /// When it cannot be written, or the writer has ended.
    pub fn forget(&self, what: Forget) -> Result<Forgetting, StoreError> {
        self.forget_rhythms();
        self.ask(move |writer| writer.forget(&what, UNDO))?
    }

    /// Takes a forgetting back; `false` when it is too late.
    ///
    /// # Errors
    /// As [`History::forget`].
    pub fn restore(&self, id: i64) -> Result<bool, StoreError> {
        self.ask(move |writer| writer.store.restore(id))?
    }

    /// Gives free space back to the disk.
    ///
    /// # Errors
    /// As [`History::forget`].
    pub fn compact(&self) -> Result<(), StoreError> {
        self.ask(|writer| writer.store.compact())?
    }

    /// Adds days that another program remembers.
    ///
    /// # Errors
    /// As [`History::forget`].
    pub fn import(&self, facet: Facet, uses: Vec<DayUse>) -> Result<(), StoreError> {
        self.ask(move |writer| writer.store.import(facet, &uses))?
    }

    /// Has the writer do something, and waits for the answer.
    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let ended = || StoreError::new(StoreErrorKind::Io, "ask the history: its writer has ended");
        let (answer, answered) = mpsc::sync_channel(1);
        let work = move |writer: &mut Writer| drop(answer.send(work(writer)));
        self.queue.send(Message::Asked(Box::new(work))).map_err(|_| ended())?;
        answered.recv().map_err(|_| ended())
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Changed(_) => "Changed",
            Self::Asked(_) => "Asked",
            Self::Stop => "Stop",
        })
    }
}

/// The writer on its thread.
#[derive(Debug)]
pub struct Historian {
    thread: thread::JoinHandle<()>,
    history: History,
}

impl Historian {
    /// Starts remembering what `live` tells.
    ///
    /// # Errors
    /// When the session cannot be begun, or the system has no thread left.
    pub fn start(
        live: &Live,
        mut store: Box<dyn HistoryStore>,
        clock: Box<dyn Clock>,
        session: Session,
        settings: HistorySettings,
    ) -> Result<Self, StoreError> {
        store.begin(&session)?;
        let reader = store.reader()?;
        let (queue, messages) = mpsc::sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let feed = Feed { queue: queue.clone(), lost: Arc::clone(&lost) };
        let view = live.feed_history(feed);
        let mut writer = Writer::new(store, clock, session, settings, live.clone(), lost);
        writer.look_at(&view);
        let run = move || run(writer, &messages);
        let thread = thread::Builder::new().name("history".to_owned()).spawn(run).map_err(no_thread)?;
        let history = History { reader, queue, rhythms: Arc::default() };
        check_in_background(&history)?;
        Ok(Self { thread, history })
    }

    /// The history, to be asked.
    pub fn history(&self) -> History {
        self.history.clone()
    }

    /// Writes what is left and ends.
    pub fn join(self) {
        drop(self.history.queue.send(Message::Stop));
        if self.thread.join().is_err() {
            tracing::error!("the writer of the history ended with a panic");
        }
    }
}

/// Looks whether the file is sound, and has it kept aside when not.
fn check_in_background(history: &History) -> Result<(), StoreError> {
    let history = history.clone();
    let check = move || {
        let findings = match history.reader.verify(false) {
            Ok(findings) => findings,
            Err(error) if error.kind == StoreErrorKind::Corrupt => vec![error.in_full()],
            Err(_) => return,
        };
        if let Some(why) = findings.into_iter().next() {
            drop(history.ask(move |writer| writer.begin_anew(&why)));
        }
    };
    thread::Builder::new().name("history check".to_owned()).spawn(check).map(drop).map_err(no_thread)
}

fn no_thread(error: io::Error) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Io,
        context: "start the writer of the history".to_owned(),
        cause: Some(Box::new(error)),
    }
}

fn run(mut writer: Writer, messages: &Receiver<Message>) {
    loop {
        match messages.recv_timeout(writer.rest()) {
            Ok(Message::Changed(changes)) => writer.note(&changes),
            Ok(Message::Asked(work)) => work(&mut writer),
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return writer.finish(),
        }
        writer.work();
    }
}

/// Whether something is due that was done last at a moment; a clock that was set back does not keep
/// it waiting.
fn is_due(last: Timestamp, now: Timestamp, every: Duration) -> bool {
    now < last || now.since(last) >= every
}

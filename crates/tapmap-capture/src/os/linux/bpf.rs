//! The layer of programs inside the kernel (eBPF): they tell of every TCP connection, of every UDP
//! destination and of packets that may hold names while they happen, and list what all processes hold. What
//! the programs do is in `bpf/` beside `src/`. Loading takes a moment, so a thread of its own does it, with the
//! rights that its starter had then; whoever asks meanwhile is answered by the other layers.

mod happened;
mod loaded;
mod programs;
mod refusal;
mod running;
mod start;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
    mpsc::{Receiver, TryRecvError, channel},
};

use tapmap_core::{Gap, GapReason, Layer, Sighting, SocketRow, Timestamp};

use self::{
    loaded::Loaded,
    refusal::{Refusal, Refusals},
    running::Running,
};
use super::{
    beside::{Beside, Told},
    owners::Owners,
};

/// The programs, from before they are loaded to the end. They leave the kernel with this.
#[derive(Debug)]
pub(super) struct KernelPrograms {
    state: State,
    hears_names: Arc<AtomicBool>,
    last_asked: Option<Timestamp>,
}

#[derive(Debug)]
enum State {
    Starting(Receiver<Result<Loaded, Refusal>>),
    Running(Box<Running>),
    Refused(Refusal),
}

impl KernelPrograms {
    /// Begins to load them, with the rights of the calling thread. Costs nothing where the rights are missing.
    pub(super) fn start() -> Self {
        let state = match start::missing_rights() {
            Some(refusal) => State::Refused(refusal),
            None => in_a_thread(),
        };
        Self { state, hears_names: Arc::default(), last_asked: None }
    }

    /// Waits until they are loaded or refused.
    pub(super) fn wait(&mut self) {
        if let State::Starting(result) = &self.state {
            let result = result.recv().unwrap_or(Err(Refusal::BrokenOff));
            self.started(result);
        }
    }

    /// Loads them at once, with room for so many bytes of events between two ticks.
    #[cfg(test)]
    pub(super) fn loaded(room: u32) -> Self {
        let state = State::Refused(Refusal::NotYet);
        let mut programs = Self { state, hears_names: Arc::default(), last_asked: None };
        programs.started(start::missing_rights().map_or_else(|| start::load(room), Err));
        programs
    }

    /// Becomes true when they hear every packet of this computer that may hold names.
    pub(super) fn hear_names(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.hears_names)
    }

    fn started(&mut self, result: Result<Loaded, Refusal>) {
        let hears_names = result.as_ref().is_ok_and(|loaded| loaded.refusals.hear_names());
        self.hears_names.store(hears_names, Ordering::Relaxed);
        self.state = match result {
            Ok(loaded) => State::Running(Box::new(Running::new(loaded))),
            Err(refusal) => State::Refused(refusal),
        };
    }

    fn running(&mut self) -> Option<&mut Running> {
        if let State::Starting(result) = &self.state {
            match result.try_recv() {
                Ok(result) => self.started(result),
                Err(TryRecvError::Disconnected) => self.started(Err(Refusal::BrokenOff)),
                Err(TryRecvError::Empty) => {}
            }
        }
        match &mut self.state {
            State::Running(running) => Some(running),
            State::Starting(_) | State::Refused(_) => None,
        }
    }
}

/// Loads the programs in a thread that ends when that is done.
fn in_a_thread() -> State {
    let (tell, result) = channel();
    let thread = std::thread::Builder::new().name("kernel programs".to_owned()).spawn(move || {
        // When nobody waits any more, the programs leave the kernel at once.
        let _unheard = tell.send(start::load(start::ROOM));
    });
    match thread {
        Ok(_) => State::Starting(result),
        Err(_) => State::Refused(Refusal::BrokenOff),
    }
}

impl Beside for KernelPrograms {
    fn settle(&mut self) {
        self.wait();
    }

    fn layers(&self) -> Vec<Layer> {
        match &self.state {
            State::Starting(_) => Refusals::all(&Refusal::NotYet).layers(),
            State::Refused(refusal) => Refusals::all(refusal).layers(),
            State::Running(running) => running.layers(),
        }
    }

    fn tell(&mut self, at: Timestamp, owners: &mut Owners, told: &mut Told) {
        let from = self.last_asked.replace(at).unwrap_or(at);
        let Some(running) = self.running() else { return };
        running.now = at;
        running.tell(owners, told);
        if let Some(lost) = running.loaded.rings.newly_lost() {
            let gap = Gap { from, until: at, reason: GapReason::Overrun, lost: Some(lost) };
            told.push(Sighting::Lost(gap));
        }
    }

    fn name_owners(&mut self, owners: &mut Owners) {
        if let Some(running) = self.running() {
            running.name_owners(owners);
        }
    }

    fn add_rows(&mut self, _owners: &mut Owners, rows: &mut Vec<SocketRow>) {
        if let Some(running) = self.running() {
            running.translator.complete(rows);
        }
    }
}

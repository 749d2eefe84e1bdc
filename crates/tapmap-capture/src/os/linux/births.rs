//! The layer that hears of processes that begin and end, and reads at once what can be read of them: so
//! the owner of a connection has a name and a program also when it has gone before anybody asked.

mod connector;
mod reader;
mod recent;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::{fd::OwnedFd, io::Errno};
use tapmap_core::{Layer, LayerName, Timestamp};

pub(super) use self::recent::{Born, Facts};
use self::{connector::Connector, reader::Reader, recent::Recent};
use super::{
    beside::{Beside, Told, active, inactive},
    coverage::grant,
    owners::Owners,
    waiting::stop,
    whereabouts::is_in_container,
};

const ADDS: &str = "Name and program of processes that have gone before anybody could look.";

/// What is known of processes that began lately, shared with the thread that listens.
#[derive(Clone, Debug, Default)]
pub(super) struct Births(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    recent: Recent,
    /// Processes that began another program or ended since this was last taken.
    changed: Vec<u32>,
    /// Processes that were not read because too many began at once.
    unread: u64,
    /// Times that the queue was full.
    overruns: u64,
    /// Why nothing is heard any more.
    failed: Option<Errno>,
}

/// Of so many processes that changed each number is kept; of more, all count as changed.
const CHANGED_LIMIT: usize = 4096;

impl Births {
    /// A process by its number: the latest that had it.
    pub(super) fn get(&self, pid: u32) -> Option<Born> {
        self.state().recent.get(pid)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a thread that broke off left behind is still true.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens, as long as the kernel tells.
#[derive(Debug)]
pub(super) struct Listener {
    births: Births,
    /// Until the thread is started: from the first time of asking on, so that it has no more rights than
    /// whoever asks then.
    waiting: Option<Connector>,
    refused: Option<Errno>,
    /// Closing it, at the end, ends the thread.
    stop: Option<OwnedFd>,
}

impl Listener {
    /// Begins to listen. What the kernel tells until the first time of asking waits in its queue.
    pub(super) fn new(births: Births) -> Self {
        let (waiting, refused) = match Connector::open() {
            Ok(connector) => (Some(connector), None),
            Err(error) => (None, Some(error)),
        };
        Self { births, waiting, refused, stop: None }
    }

    fn start(&mut self, connector: Connector) -> Result<(), Errno> {
        let (stop, keep) = stop()?;
        let reader = Reader::new(self.births.clone())?;
        std::thread::Builder::new()
            .name("births".to_owned())
            .spawn(move || reader.listen(&connector, &stop))
            .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::AGAIN))?;
        self.stop = Some(keep);
        Ok(())
    }
}

impl Beside for Listener {
    fn layers(&self) -> Vec<Layer> {
        let name = LayerName::ProcessBirths;
        let state = self.births.state();
        let Some(error) = self.refused.or(state.failed) else {
            let reason = match (state.overruns, state.unread) {
                (0, 0) => "The kernel tells of every process that begins or ends.".to_owned(),
                (overruns, unread) => format!(
                    "The kernel tells of processes that begin and end. So many began at once that {unread} \
                     could not be looked at, and that messages got lost {overruns} times."
                ),
            };
            return vec![active(name, reason, ADDS)];
        };
        let (reason, command) = match error {
            _ if is_in_container() => (
                "TapMap runs in a container, with process numbers of its own: there the kernel does not tell \
                 of processes that begin.",
                None,
            ),
            Errno::CONNREFUSED => (
                "TapMap runs in a network of its own (a network namespace): there the kernel does not tell of \
                 processes that begin.",
                None,
            ),
            Errno::PERM | Errno::ACCESS => (
                "Before Linux 6.6 the kernel tells only programs that may administer the network of \
                 processes that begin.",
                Some(grant()),
            ),
            Errno::PROTONOSUPPORT | Errno::NOENT => {
                ("This kernel does not tell of processes that begin (CONFIG_PROC_EVENTS).", None)
            }
            _ => ("The kernel broke off to tell of processes that begin.", None),
        };
        vec![inactive(name, reason, ADDS, command)]
    }

    fn tell(&mut self, _at: Timestamp, owners: &mut Owners, _told: &mut Told) {
        if let Some(connector) = self.waiting.take() {
            self.refused = self.start(connector).err();
        }
        let changed = std::mem::take(&mut self.births.state().changed);
        if changed.len() < CHANGED_LIMIT {
            for pid in changed {
                owners.forget_details(Some(pid));
            }
        } else {
            owners.forget_details(None);
        }
    }
}

#[cfg(test)]
mod tests;

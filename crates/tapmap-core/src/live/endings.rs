//! Ends that were told, between being told and being concluded. They wait for the next table, by
//! which both ends of a connection within this computer, the owner from another source, and a
//! socket's last state (`TIME_WAIT`) are known.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use crate::{Counters, Evidences, SocketId, SocketRow, Timestamp};

/// How many may wait: more than a burst of a tenth of a second on a busy server.
const WAITING: usize = 8_192;
/// How long they wait when no table comes.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long an end is remembered at least, so that a second source that tells of it, or a late word of
/// its beginning, is not taken for another connection.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How many ended sockets are remembered at most; a burst beyond that forgets all at once.
const MEMORY: usize = 1 << 18;

/// An end that was told.
#[derive(Debug)]
pub(super) struct Ending {
    /// When the first source told it.
    pub(super) at: Timestamp,
    /// What all sources said together.
    pub(super) row: SocketRow,
    /// Which told it.
    pub(super) evidence: Evidences,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Endings {
    waiting: Vec<Ending>,
    position: HashMap<SocketId, usize>,
    told: HashSet<SocketId>,
    told_before: HashSet<SocketId>,
    turned: Timestamp,
    /// Sockets in `TIME_WAIT` in the newest table.
    lingering: HashSet<SocketId>,
}

impl Endings {
    /// Takes an end in. One that is told again adds what it knows to the first, or nothing.
    pub(super) fn note(&mut self, row: SocketRow, at: Timestamp) {
        if let Some(ending) = self.position.get(&row.id).and_then(|index| self.waiting.get_mut(*index)) {
            ending.join(row);
        } else if !self.was_told(row.id) {
            self.told.insert(row.id);
            self.position.insert(row.id, self.waiting.len());
            self.waiting.push(Ending { at, evidence: row.evidence.into(), row });
        }
    }

    /// Takes a word of a beginning in that comes after the end: true when it was that. The same socket
    /// between other ends is another connection.
    pub(super) fn is_late(&mut self, row: &SocketRow) -> bool {
        let waiting = self.position.get(&row.id).and_then(|index| self.waiting.get_mut(*index));
        let Some(ending) = waiting.filter(|ending| ending.is_between_the_ends_of(row)) else { return false };
        ending.row.owner = row.owner.joined_by(ending.row.owner.clone());
        ending.evidence = ending.evidence.with(row.evidence);
        true
    }

    /// Adds the last counters to an end that waits; `false` when it does not.
    pub(super) fn add_counters(&mut self, id: SocketId, counters: Counters) -> bool {
        let waiting = self.position.get(&id).and_then(|index| self.waiting.get_mut(*index));
        let Some(ending) = waiting else { return false };
        ending.row.counters = ending.row.counters.joined_by(counters);
        true
    }

    /// Remembers that the end of a socket was told.
    pub(super) fn remember(&mut self, id: SocketId) {
        self.told.insert(id);
    }

    /// A socket connects again after it ended: its next end is news.
    pub(super) fn forget(&mut self, id: SocketId) {
        self.told.remove(&id);
        self.told_before.remove(&id);
    }

    /// Whether the end of this socket waits to be concluded.
    pub(super) fn is_waiting(&self, id: SocketId) -> bool {
        self.position.contains_key(&id)
    }

    /// Whether the end of this socket was told lately.
    pub(super) fn was_told(&self, id: SocketId) -> bool {
        self.told.contains(&id) || self.told_before.contains(&id)
    }

    /// Whether those that wait must be concluded without a table.
    pub(super) fn are_due(&self, at: Timestamp) -> bool {
        self.waiting.len() >= WAITING
            || self.waiting.first().is_some_and(|first| at.since(first.at) >= PATIENCE)
    }

    /// Those that wait, in the order in which they were told.
    pub(super) fn take(&mut self) -> Vec<Ending> {
        self.position.clear();
        std::mem::take(&mut self.waiting)
    }

    /// Whether a socket that the newest table holds in `TIME_WAIT` was there before, or its end was
    /// told: then it is no news.
    pub(super) fn is_known_to_linger(&self, id: SocketId) -> bool {
        self.lingering.contains(&id) || (self.was_told(id) && !self.is_waiting(id))
    }

    /// Notes what lingers in the newest table, and forgets ends that were told long ago.
    pub(super) fn end_table(&mut self, lingering: HashSet<SocketId>, at: Timestamp) {
        self.lingering = lingering;
        if at.since(self.turned) >= REMEMBERED || self.told.len() > MEMORY {
            self.turned = at;
            self.told_before = std::mem::take(&mut self.told);
        }
    }
}

impl Ending {
    fn is_between_the_ends_of(&self, row: &SocketRow) -> bool {
        (self.row.local, self.row.remote) == (row.local, row.remote)
    }

    fn join(&mut self, row: SocketRow) {
        self.evidence = self.evidence.with(row.evidence);
        self.row.owner = self.row.owner.joined_by(row.owner);
        self.row.counters = self.row.counters.joined_by(row.counters);
        if self.row.remote.is_none() {
            self.row.local = row.local;
            self.row.remote = row.remote;
        }
        if row.state == crate::SocketState::TimeWait {
            self.row.state = row.state;
        }
    }
}

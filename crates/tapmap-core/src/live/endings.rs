//! Ends between being told, or noticed by a socket's absence, and being concluded. They wait for the
//! next table, by which both ends of a connection within this computer, the owner from another
//! source, the last bytes and a socket's last state (`TIME_WAIT`) are known.

use std::{hash::BuildHasher, mem, time::Duration};

use foldhash::quality::RandomState;

use super::maps::{HashMap, HashSet};
use crate::{Counters, Endpoint, Evidences, SocketId, SocketRow, Timestamp};

/// How many may wait: more than a burst of a tenth of a second on a busy server.
const WAITING: usize = 8_192;
/// How long they wait when no table comes.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long an end is remembered at least, so that a second source that tells of it, or a late word of
/// its beginning, is not taken for another connection.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How many ended sockets are remembered at most, in each of two generations: two seconds of the fastest
/// that one core opens and closes.
const MEMORY: usize = 1 << 17;

/// An end that was told, or that a socket's absence from a table speaks of.
#[derive(Debug)]
pub(super) struct Ending {
    /// When the first source told it; before any did, when the socket was last seen.
    pub(super) at: Timestamp,
    /// Since when it waits.
    since: Timestamp,
    /// What speaks of it.
    word: Word,
    /// What all sources said together.
    pub(super) row: SocketRow,
    /// Which told it.
    pub(super) evidence: Evidences,
}

/// What speaks of an end that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// A source told it.
    Told,
    /// A table did not hold the socket.
    Absent,
    /// A table did not hold the socket, but a later one did: it has not ended.
    Withdrawn,
}

/// What is remembered of an end.
#[derive(Debug)]
struct Ended {
    /// The ports of both ends where they are known, by which a connection is told from a later one of the
    /// same socket.
    ports: Option<(u16, u16)>,
    /// A table may hold the socket again as it was: it was only absent from one.
    may_return: bool,
}

impl Ended {
    /// Whether a row is about the connection that ended; where it does not say its far end, it is.
    fn is_of(&self, row: &SocketRow) -> bool {
        let (local, remote) = ports(row);
        remote == 0 || self.ports.is_none_or(|ports| ports == (local, remote))
    }
}

fn ports(row: &SocketRow) -> (u16, u16) {
    (row.local.port(), row.remote.map_or(0, Endpoint::port))
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Endings {
    numbers: RandomState,
    waiting: Vec<Ending>,
    position: HashMap<SocketId, usize>,
    /// Those that wait, by both ends. What the kernel keeps in `TIME_WAIT` has another identity than the
    /// socket had, when nobody had asked for that before.
    between: HashMap<u64, usize>,
    /// The ends of those that do not wait any more.
    between_before: [HashSet<u64>; 2],
    told: HashMap<SocketId, Ended>,
    told_before: HashMap<SocketId, Ended>,
    turned: Timestamp,
    /// Sockets in `TIME_WAIT` in the newest table.
    lingering: HashSet<SocketId>,
    /// The ends of those whose own end had not been told when they were first seen.
    remnants: [HashSet<u64>; 2],
}

impl Endings {
    /// Takes an end in. One that is told again adds what it knows to the first, or nothing.
    pub(super) fn note(&mut self, row: SocketRow, at: Timestamp) {
        if let Some(ending) = self.position.get(&row.id).and_then(|index| self.waiting.get_mut(*index)) {
            if ending.word == Word::Absent {
                (ending.word, ending.at) = (Word::Told, at);
                self.told.insert(row.id, Ended { ports: Some(ports(&row)), may_return: false });
            }
            return ending.join(row);
        }
        if self.ended(row.id).is_some_and(|ended| ended.is_of(&row)) {
            return;
        }
        self.told.insert(row.id, Ended { ports: Some(ports(&row)), may_return: false });
        let ends = self.ends(&row);
        if self.remnants.iter_mut().any(|remnants| remnants.remove(&ends)) {
            if let Some(remnant) = self.between.get(&ends).and_then(|index| self.waiting.get_mut(*index)) {
                remnant.join(row);
            }
            return;
        }
        self.wait(Ending { at, since: at, word: Word::Told, evidence: row.evidence.into(), row });
    }

    fn wait(&mut self, ending: Ending) {
        self.position.insert(ending.row.id, self.waiting.len());
        self.between.insert(self.ends(&ending.row), self.waiting.len());
        self.waiting.push(ending);
    }

    /// Notes that a socket was absent from the newest table and so has ended: when that is told too, it
    /// is no news. But a table may miss a socket, so it may come back as it was.
    pub(super) fn note_absent(&mut self, row: &SocketRow) {
        self.told.insert(row.id, Ended { ports: Some(ports(row)), may_return: true });
    }

    /// Lets a socket wait that the newest table did not hold, last seen at `last_look`: who tells of
    /// ends may yet tell of this one, with its last bytes.
    pub(super) fn await_word(
        &mut self,
        row: &SocketRow,
        evidence: Evidences,
        last_look: Timestamp,
        at: Timestamp,
    ) {
        if self.is_waiting(row.id) {
            return;
        }
        self.note_absent(row);
        self.wait(Ending { at: last_look, since: at, word: Word::Absent, row: row.clone(), evidence });
    }

    /// A socket that was absent is there again: it has not ended.
    pub(super) fn withdraw(&mut self, row: &SocketRow) {
        if let Some(ending) = self.waiting_end(row.id).filter(|ending| ending.word == Word::Absent) {
            ending.word = Word::Withdrawn;
            let absent = ending.row.clone();
            self.between.remove(&self.ends(&absent));
            self.position.remove(&row.id);
            self.forget(row.id);
        }
    }

    /// Takes a word of a beginning in that comes after the end: true when it was that, also when the
    /// end is concluded already. The same socket between other ends is another connection.
    pub(super) fn is_late(&mut self, row: &SocketRow) -> bool {
        let Some(ending) = self.waiting_end(row.id) else {
            return self.ended(row.id).is_some_and(|ended| !ended.may_return && ended.is_of(row));
        };
        if !ending.is_between_the_ends_of(row) {
            return false;
        }
        ending.row.owner = row.owner.joined_by(ending.row.owner.clone());
        ending.evidence = ending.evidence.with(row.evidence);
        true
    }

    /// Adds the last counters to an end that waits; `false` when it does not.
    pub(super) fn add_counters(&mut self, id: SocketId, counters: Counters) -> bool {
        let Some(ending) = self.waiting_end(id) else { return false };
        ending.row.counters = ending.row.counters.joined_by(counters);
        true
    }

    /// Remembers that the end of a socket was told.
    pub(super) fn remember(&mut self, id: SocketId) {
        self.told.insert(id, Ended { ports: None, may_return: true });
    }

    /// A socket connects again after it ended: its next end is news.
    pub(super) fn forget(&mut self, id: SocketId) {
        self.told.remove(&id);
        self.told_before.remove(&id);
    }

    fn waiting_end(&mut self, id: SocketId) -> Option<&mut Ending> {
        self.position.get(&id).and_then(|index| self.waiting.get_mut(*index))
    }

    /// Whether the end of this socket waits to be concluded.
    pub(super) fn is_waiting(&self, id: SocketId) -> bool {
        self.position.contains_key(&id)
    }

    /// Whether the end of this socket was told lately.
    fn was_told(&self, id: SocketId) -> bool {
        self.ended(id).is_some()
    }

    fn ended(&self, id: SocketId) -> Option<&Ended> {
        self.told.get(&id).or_else(|| self.told_before.get(&id))
    }

    /// Whether those that wait must be concluded without a table.
    pub(super) fn are_due(&self, at: Timestamp) -> bool {
        self.waiting.len() >= WAITING
            || self.waiting.first().is_some_and(|first| at.since(first.since) >= PATIENCE)
    }

    /// Those that wait, in the order in which they were told.
    pub(super) fn take(&mut self) -> Vec<Ending> {
        self.position.clear();
        let [lately, _] = &mut self.between_before;
        lately.extend(self.between.drain().map(|(ends, _)| ends));
        let mut waiting = mem::take(&mut self.waiting);
        waiting.retain(|ending| ending.word != Word::Withdrawn);
        waiting
    }

    /// Takes in that a table holds a socket in `TIME_WAIT`; true when that is news: it was not there
    /// before, and its end was not told.
    pub(super) fn is_new_remnant(&mut self, row: &SocketRow) -> bool {
        if self.lingering.contains(&row.id) {
            return false;
        }
        let ends = self.ends(row);
        let waiting = self.position.get(&row.id).or_else(|| self.between.get(&ends));
        if let Some(ending) = waiting.and_then(|index| self.waiting.get_mut(*index)) {
            ending.join(row.clone());
            return false;
        }
        !self.was_told(row.id) && !self.between_before.iter().any(|told| told.contains(&ends))
    }

    /// Takes such news in as an end.
    pub(super) fn note_remnant(&mut self, row: SocketRow, at: Timestamp) {
        let ends = self.ends(&row);
        self.note(row, at);
        self.remnants[0].insert(ends);
    }

    /// Both ends of a connection, in its network, as a number.
    fn ends(&self, row: &SocketRow) -> u64 {
        self.numbers.hash_one((row.namespace, row.local, row.remote))
    }

    /// Notes what lingers in the newest table, and forgets ends that were told long ago.
    pub(super) fn end_table(&mut self, lingering: HashSet<SocketId>, at: Timestamp) {
        self.lingering = lingering;
        if at.since(self.turned) >= REMEMBERED || self.told.len() > MEMORY {
            self.turned = at;
            self.told_before = mem::take(&mut self.told);
            for memory in [&mut self.between_before, &mut self.remnants] {
                memory.reverse();
                memory[0].clear();
            }
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

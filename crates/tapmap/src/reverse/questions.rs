//! Which addresses are asked for, and when: public ones that have had no name for a while, each once a
//! day. Each question tells others something, so none is asked too soon.

use std::{
    collections::{HashSet, VecDeque},
    net::IpAddr,
    time::Duration,
};
use tapmap_core::{AddressScope, Change, Changes, Flow, Timestamp};

/// How long a better source may take to name a flow.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an address is not asked for again.
const REST: Duration = Duration::from_hours(24);
/// How many addresses may wait, and how many are asked for in a day.
const MOST_WAITING: usize = 1024;
const MOST_ASKED: usize = 16_384;

/// What is asked and was asked.
#[derive(Debug, Default)]
pub(super) struct Questions {
    now: Timestamp,
    /// Addresses without a name and since when, oldest first.
    waiting: VecDeque<(Timestamp, IpAddr)>,
    /// What was asked and when, oldest first.
    asked: VecDeque<(Timestamp, IpAddr)>,
    /// All of both.
    known: HashSet<IpAddr>,
}

impl Questions {
    /// Takes in what changed.
    pub(super) fn note(&mut self, changes: &Changes) {
        self.now = changes.at;
        for change in &changes.items {
            if let Change::Opened(flow) | Change::Updated(flow) = change {
                self.note_flow(flow, changes.at);
            }
        }
    }

    /// Takes in a flow as it is at a moment.
    pub(super) fn note_flow(&mut self, flow: &Flow, at: Timestamp) {
        let address = flow.remote.address();
        if flow.name.is_some() {
            let waits = self.waiting.iter().position(|(_, waiting)| *waiting == address);
            if waits.and_then(|index| self.waiting.remove(index)).is_some() {
                self.known.remove(&address);
            }
        } else if AddressScope::of(address) == AddressScope::Public
            && self.waiting.len() < MOST_WAITING
            && self.known.insert(address)
        {
            self.waiting.push_back((at, address));
        }
    }

    /// The addresses to be asked for now.
    pub(super) fn due(&mut self) -> Vec<IpAddr> {
        while let Some((at, address)) = self.asked.front().copied()
            && self.now.since(at) >= REST
        {
            self.asked.pop_front();
            self.known.remove(&address);
        }
        let mut due = Vec::new();
        while self.asked.len() < MOST_ASKED
            && let Some((at, address)) = self.waiting.front().copied()
            && self.now.since(at) >= PATIENCE
        {
            self.waiting.pop_front();
            self.asked.push_back((self.now, address));
            due.push(address);
        }
        due
    }
}

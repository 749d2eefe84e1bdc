//! The layer that looks into the other networks of this computer, those of containers above all: where it
//! may, from inside; else by the tables that every process shows of its network. It looks seldom, one
//! network at a time, since each look costs the kernel a walk over all sockets of all networks.

mod network;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt::Write as _,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use tapmap_core::{Evidence, Layer, LayerName, SocketRow, Timestamp};

use self::network::Network;
use super::{
    beside::{Beside, Told, active, inactive},
    owners::Owners,
    proc_fs::ProcFs,
    source::row,
    whereabouts::is_in_container,
};

const ADDS: &str = "The sockets of containers that have a network of their own.";

/// At most so many other networks are looked into; of the others it is said how many there are.
const NETWORKS: usize = 64;
/// Between two looks into the same network, and between two searches for networks.
const INTERVAL: Duration = Duration::from_secs(5);
/// After a look nothing is done for so many times as long as it took: at most 2 % of one core.
const REST: u32 = 50;
/// What the first looks, all at once, may cost together.
const FIRST_LOOKS: Duration = Duration::from_millis(250);

/// The other networks.
#[derive(Debug)]
pub(super) struct Elsewhere {
    proc_fs: Option<ProcFs>,
    /// The number of a file of the recorder's own network.
    own: Option<u64>,
    /// By the number of the same file in each.
    networks: BTreeMap<u64, Network>,
    /// Networks beyond the limit.
    left_out: usize,
    searched: Option<Timestamp>,
    now: Timestamp,
    /// Whether the kernel's list of all files shows every network, so that nothing is to be done here.
    is_spared: bool,
    /// Since when to rest, and how long.
    rest: (Timestamp, Duration),
    /// Whether the kernel itself lists the sockets of all networks, so that there is nothing to do.
    told: bool,
}

impl Elsewhere {
    /// Knows of no other network yet.
    pub(super) fn new() -> Self {
        let proc_fs = ProcFs::open().ok();
        let own = proc_fs.as_ref().and_then(|proc_fs| proc_fs.network(std::process::id()));
        Self {
            proc_fs,
            own,
            networks: BTreeMap::new(),
            left_out: 0,
            searched: None,
            now: Timestamp::default(),
            is_spared: false,
            rest: (Timestamp::default(), Duration::ZERO),
            told: false,
        }
    }

    /// Leaves the networks to the kernel's list of all files while there is one. Says whether there is.
    fn is_spared(&mut self, owners: &Owners) -> bool {
        self.is_spared = owners.are_files_told();
        if self.is_spared {
            self.networks.clear();
            self.left_out = 0;
            self.searched = None;
        }
        self.is_spared
    }

    /// Looks at all networks at once, as far as it costs little: so that the first table is whole.
    fn look_first(&mut self) {
        let begin = cpu_time();
        while cpu_time().saturating_sub(begin) < FIRST_LOOKS && self.look_once() {}
    }

    /// Does what is most due: a search for networks, or a look into one. Says whether anything was due.
    fn look_once(&mut self) -> bool {
        let now = self.now;
        let is_due =
            |last: Option<Timestamp>| last.is_none_or(|last| now < last || now.since(last) >= INTERVAL);
        let oldest = self.networks.values_mut().min_by_key(|network| network.asked);
        let oldest = oldest.filter(|network| is_due(network.asked));
        // Where looks take so long that both are always due, they take turns.
        if is_due(self.searched) && oldest.as_ref().is_none_or(|network| self.searched <= network.asked) {
            self.searched = Some(now);
            self.search();
            return true;
        }
        let Some((network, proc_fs)) = oldest.zip(self.proc_fs.as_mut()) else { return false };
        network.ask(now, proc_fs);
        true
    }

    /// Finds out which networks there are, by the processes in them.
    fn search(&mut self) {
        let (Some(proc_fs), Some(own)) = (&mut self.proc_fs, self.own) else { return };
        let mut pids = Vec::new();
        if proc_fs.processes(&mut pids).is_err() {
            return;
        }
        let mut found: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        for pid in pids {
            if let Some(file) = proc_fs.network(pid).filter(|file| *file != own) {
                found.entry(file).or_default().push(pid);
            }
        }
        self.networks.retain(|file, _| found.contains_key(file));
        self.left_out = 0;
        for (file, pids) in found {
            let is_full = self.networks.len() >= NETWORKS;
            match self.networks.entry(file) {
                Entry::Occupied(known) => known.into_mut().pids = pids,
                Entry::Vacant(_) if is_full => self.left_out += 1,
                Entry::Vacant(new) => drop(new.insert(Network::new(file, pids, proc_fs))),
            }
        }
    }
}

impl Beside for Elsewhere {
    fn layers(&self) -> Vec<Layer> {
        let name = LayerName::OtherNamespaces;
        if self.told {
            let reason = "A program in the kernel lists the sockets of all networks.";
            return vec![active(name, reason, ADDS)];
        }
        if self.proc_fs.is_none() || self.own.is_none() {
            let reason = "The folder /proc cannot be read, so no other network can be found.";
            return vec![inactive(name, reason, ADDS, None)];
        }
        if self.is_spared {
            let reason = "The kernel lists the sockets of every network for TapMap, with their processes.";
            return vec![active(name, reason, ADDS)];
        }
        let count = self.networks.len();
        let entered = self.networks.values().filter(|network| network.is_entered()).count();
        let mut reason = match (count, entered) {
            (0, _) if is_in_container() => {
                "TapMap runs in a container, and sees no network but its own from there.".to_owned()
            }
            (0, _) => "No process is in a network of its own, so there is nothing more to see.".to_owned(),
            (count, 0) => format!(
                "The sockets of {count} other networks are read every few seconds, without their bytes."
            ),
            (count, entered) if count == entered => {
                format!("The sockets of {count} other networks are listed every few seconds.")
            }
            (count, entered) => format!(
                "The sockets of {count} other networks are read every few seconds, of {entered} of them with \
                 their bytes."
            ),
        };
        if self.left_out > 0 {
            let _never_fails = write!(reason, " {} more are left out, to stay light.", self.left_out);
        }
        vec![active(name, reason, ADDS)]
    }

    fn settle(&mut self) {
        // Whoever is inside a network once can ask there for ever; to enter takes rights.
        self.look_first();
    }

    fn tell(&mut self, at: Timestamp, owners: &mut Owners, _told: &mut Told) {
        self.now = at;
        self.told = owners.are_files_told();
        if self.told {
            self.networks.clear();
            return;
        }
        let (since, rest) = self.rest;
        let rests = at >= since && at.since(since) < rest;
        if self.searched.is_none() || rests {
            return;
        }
        let begin = cpu_time();
        if self.look_once() {
            self.rest = (at, cpu_time().saturating_sub(begin) * REST);
        }
    }

    fn add_rows(&mut self, owners: &mut Owners, rows: &mut Vec<SocketRow>) {
        if owners.are_files_told() {
            return;
        }
        if self.is_spared(owners) {
            return;
        }
        if self.searched.is_none() {
            self.look_first();
        }
        for network in self.networks.values() {
            for socket in &network.sockets {
                if let Some(owner) = owners.see(socket, rows.len()) {
                    let row = row(socket, owner);
                    rows.push(SocketRow { namespace: network.namespace, evidence: Evidence::Files, ..row });
                }
            }
        }
    }
}

/// What this thread has cost so far. Not the time of day: it limits how much is done.
fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests;

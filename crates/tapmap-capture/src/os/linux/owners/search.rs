//! Searches `/proc` for the processes that hold given sockets, reading as little as it can: who opened
//! connections lately first, then who is new, then whose number of descriptors changed, then, once,
//! everything.

use rustix::io::Errno;

use super::{
    descriptors::{Descriptors, Idle, Live, Look},
    wanted::Wanted,
};
use crate::{
    Map,
    os::linux::proc_fs::{ProcFs, Target},
    parse::process::effective_user,
};

/// How many processes that opened connections lately are asked first.
const RECENT: usize = 8;

/// What is remembered of one process.
#[derive(Debug, Default)]
struct Candidate {
    user: u32,
    descriptors: Descriptors,
    /// Whether its descriptors may not be read.
    denied: bool,
    /// The search that last found something here.
    hit: u64,
}

/// How to look at a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Only the descriptors that can be new.
    Probe,
    /// Also those that may have been closed and taken by another.
    Doubt,
    /// All of them.
    Scan,
}

/// The search and what it remembers.
#[derive(Debug)]
pub(super) struct Search {
    /// The process folder.
    pub(super) proc_fs: ProcFs,
    candidates: Map<u32, Candidate>,
    idle: Idle,
    /// The latest hits, the latest last.
    recent: Vec<u32>,
    pids: Vec<u32>,
    searches: u64,
    /// Whether the kernel tells how many descriptors a process has (6.2).
    counts: bool,
}

impl Search {
    /// A search that has seen nothing.
    pub(super) fn new(proc_fs: ProcFs) -> Self {
        let counts = proc_fs.descriptor_count(own_pid()).is_some_and(|count| count > 0);
        Self {
            proc_fs,
            candidates: Map::default(),
            idle: Idle::default(),
            recent: Vec::new(),
            pids: Vec::new(),
            searches: 0,
            counts,
        }
    }

    /// Whether nothing was searched yet: the first search reads everything, and so finds every holder of
    /// a socket. Later ones end at the first.
    pub(super) fn is_first(&self) -> bool {
        self.searches == 0
    }

    /// Whether some process of this user refused to be read.
    pub(super) fn was_denied(&self, user: u32) -> bool {
        self.candidates.values().any(|candidate| candidate.denied && candidate.user == user)
    }

    /// Searches for what is wanted. `live` are the inode numbers of all sockets that are listed now.
    pub(super) fn find(&mut self, wanted: &mut Wanted, live: &Live) {
        let first = self.is_first();
        self.searches += 1;
        if first {
            self.update_processes();
            for pid in self.pids.clone() {
                self.look(pid, Depth::Scan, wanted, live);
            }
        } else {
            self.find_again(wanted, live);
        }
        wanted.sort();
    }

    fn find_again(&mut self, wanted: &mut Wanted, live: &Live) {
        self.ask_idle(wanted);
        let recent: Vec<u32> = self.recent.iter().rev().take(RECENT).copied().collect();
        self.ask(&recent, Depth::Probe, wanted, live);
        if wanted.is_done() {
            return;
        }
        let mut fresh = self.update_processes();
        fresh.reverse();
        self.ask(&fresh, Depth::Scan, wanted, live);
        if wanted.is_done() {
            return;
        }
        let (changed, unchanged) = self.by_change(&recent, &fresh, live);
        self.ask(&changed, Depth::Probe, wanted, live);
        // A descriptor that was closed and taken by a socket leaves the number as it was.
        self.ask(&recent, Depth::Doubt, wanted, live);
        self.ask(&changed, Depth::Doubt, wanted, live);
        if wanted.is_done() || !wanted.is_thorough() {
            return;
        }
        // Everything, once; also of other users: a program that gave up its rights still holds sockets
        // of the user it was.
        let (same, other): (Vec<u32>, Vec<u32>) =
            recent.iter().chain(&changed).chain(&unchanged).copied().partition(|pid| {
                self.candidates.get(pid).is_some_and(|candidate| wanted.concerns(candidate.user))
            });
        for pid in same.into_iter().chain(other) {
            if wanted.is_done() {
                return;
            }
            self.look(pid, Depth::Scan, wanted, live);
        }
    }

    /// Sockets that were in a descriptor table before they were in the list need one look.
    fn ask_idle(&mut self, wanted: &mut Wanted) {
        for inode in wanted.missing() {
            let Some((pid, number)) = self.idle.remove(&inode) else { continue };
            let target = self.proc_fs.descriptor(pid, number);
            if target == Ok(Target::Socket(inode)) && wanted.offer(pid, number, Target::Socket(inode)) {
                if let Some(candidate) = self.candidates.get_mut(&pid) {
                    candidate.descriptors.listed(number, inode);
                    candidate.hit = self.searches;
                }
                self.remember(pid);
            }
        }
    }

    /// Looks at processes of the users in question, in order, until all is found.
    fn ask(&mut self, pids: &[u32], depth: Depth, wanted: &mut Wanted, live: &Live) {
        for pid in pids {
            if wanted.is_done() {
                return;
            }
            if self.candidates.get(pid).is_some_and(|candidate| wanted.concerns(candidate.user)) {
                self.look(*pid, depth, wanted, live);
            }
        }
    }

    fn look(&mut self, pid: u32, depth: Depth, wanted: &mut Wanted, live: &Live) {
        let Some(candidate) = self.candidates.get_mut(&pid) else { return };
        let before = wanted.found();
        let mut look = Look { proc_fs: &mut self.proc_fs, live, idle: &mut self.idle, wanted };
        let result = match depth {
            Depth::Probe => candidate.descriptors.probe(pid, false, &mut look),
            Depth::Doubt => candidate.descriptors.probe(pid, true, &mut look),
            Depth::Scan => candidate.descriptors.scan(pid, &mut look),
        };
        candidate.denied = matches!(result, Err(Errno::ACCESS | Errno::PERM));
        if candidate.denied {
            // Its folder may belong to root although it runs as another user.
            if let Some(user) = self.proc_fs.file(pid, "status").and_then(effective_user) {
                candidate.user = user;
            }
        }
        if wanted.found() > before {
            candidate.hit = self.searches;
            self.remember(pid);
        }
    }

    fn remember(&mut self, pid: u32) {
        if self.recent.last() != Some(&pid) {
            self.recent.retain(|recent| *recent != pid);
            self.recent.push(pid);
        }
        if self.recent.len() > 4 * RECENT {
            self.recent.drain(..RECENT);
        }
    }

    /// Lists the processes, forgets those that ended and returns those that are new.
    fn update_processes(&mut self) -> Vec<u32> {
        if self.proc_fs.processes(&mut self.pids).is_err() {
            return Vec::new();
        }
        // The kernel lists them in ascending order; a pid that wrapped round is no exception.
        let (candidates, pids, idle) = (&mut self.candidates, &self.pids, &mut self.idle);
        candidates.retain(|pid, candidate| {
            let lives = pids.binary_search(pid).is_ok();
            if !lives {
                candidate.descriptors.forget(idle);
            }
            lives
        });
        self.recent.retain(|pid| candidates.contains_key(pid));
        let fresh: Vec<u32> = pids.iter().filter(|pid| !candidates.contains_key(*pid)).copied().collect();
        for pid in &fresh {
            if let Some(user) = self.proc_fs.folder_user(*pid) {
                candidates.insert(*pid, Candidate { user, ..Candidate::default() });
            }
        }
        fresh
    }

    /// The processes not looked at yet in this search: those whose number of descriptors differs from what
    /// is remembered, and the others; in both the latest hits first.
    fn by_change(&self, recent: &[u32], fresh: &[u32], live: &Live) -> (Vec<u32>, Vec<u32>) {
        let mut rest: Vec<(u64, u32)> = self
            .candidates
            .iter()
            .filter(|(pid, _)| {
                !recent.contains(pid) && fresh.binary_search_by(|other| pid.cmp(&other)).is_err()
            })
            .map(|(pid, candidate)| (candidate.hit, *pid))
            .collect();
        rest.sort_unstable_by(|one, other| other.cmp(one));
        rest.into_iter().map(|(_, pid)| pid).partition(|pid| {
            !self.counts
                || self.candidates.get(pid).is_some_and(|candidate| {
                    self.proc_fs.descriptor_count(*pid) != Some(candidate.descriptors.trusted(live))
                })
        })
    }

    /// Forgets a process that has gone, so that its number can come again.
    pub(super) fn forget(&mut self, pid: u32) {
        if let Some(mut candidate) = self.candidates.remove(&pid) {
            candidate.descriptors.forget(&mut self.idle);
        }
        self.recent.retain(|recent| *recent != pid);
    }
}

/// The pid of this program.
pub(super) fn own_pid() -> u32 {
    std::process::id()
}

//! The sockets that a search looks for, and who was found to hold them.

use crate::{Map, os::linux::proc_fs::Target};

/// A process that holds a socket, and under which number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Holder {
    index: usize,
    /// The process.
    pub(super) pid: u32,
    /// Its descriptor.
    pub(super) descriptor: u32,
}

/// What is searched for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    by_inode: Map<u32, Want>,
    holders: Vec<Holder>,
    missing: usize,
    users: Vec<u32>,
    thorough: bool,
}

#[derive(Debug)]
struct Want {
    index: usize,
    found: bool,
}

impl Wanted {
    /// Asks for the socket with this inode number, which belongs to a user. `index` is the caller's
    /// number for it; `thorough` asks for a search of everything before giving up.
    pub(super) fn add(&mut self, inode: u32, index: usize, user: u32, thorough: bool) {
        if self.by_inode.insert(inode, Want { index, found: false }).is_none() {
            self.missing += 1;
        }
        if !self.users.contains(&user) {
            self.users.push(user);
        }
        self.thorough |= thorough;
    }

    /// Shows what a descriptor refers to; says whether it was wanted.
    pub(super) fn offer(&mut self, pid: u32, descriptor: u32, target: Target) -> bool {
        let Target::Socket(inode) = target else { return false };
        let Some(want) = self.by_inode.get_mut(&inode) else { return false };
        if !want.found {
            want.found = true;
            self.missing -= 1;
        }
        self.holders.push(Holder { index: want.index, pid, descriptor });
        true
    }

    /// How many holders were found.
    pub(super) fn found(&self) -> usize {
        self.holders.len()
    }

    /// Whether each has a holder.
    pub(super) fn is_done(&self) -> bool {
        self.missing == 0
    }

    /// Whether to search everything before giving up.
    pub(super) fn is_thorough(&self) -> bool {
        self.thorough
    }

    /// The inode numbers still without a holder.
    pub(super) fn missing(&self) -> Vec<u32> {
        self.by_inode.iter().filter(|(_, want)| !want.found).map(|(inode, _)| *inode).collect()
    }

    /// Whether one of them belongs to this user.
    pub(super) fn concerns(&self, user: u32) -> bool {
        self.users.contains(&user)
    }

    /// Puts the holders in order; call before [`Wanted::holders`].
    pub(super) fn sort(&mut self) {
        self.holders.sort_unstable();
        self.holders.dedup_by_key(|holder| (holder.index, holder.pid));
    }

    /// Who holds one of them.
    pub(super) fn holders(&self, index: usize) -> &[Holder] {
        let from = self.holders.partition_point(|holder| holder.index < index);
        let rest = self.holders.get(from..).unwrap_or_default();
        let length = rest.partition_point(|holder| holder.index == index);
        rest.get(..length).unwrap_or_default()
    }
}

//! What is remembered of one process' descriptors, so that a later look reads only those that can be
//! new: a new descriptor always takes the lowest free number.

use rustix::{fd::OwnedFd, fs::fstat, io::Errno};

use super::wanted::Wanted;
use crate::{
    Map,
    os::linux::proc_fs::{ProcFs, ShortPath, Target, target},
};

/// Inode numbers of the sockets in the current list.
pub(super) type Live = hashbrown::HashSet<u32, foldhash::fast::RandomState>;
/// Sockets in descriptor tables that were not in the list then (of another kind, or not bound yet), by
/// inode number, with process and descriptor.
pub(super) type Idle = Map<u32, (u32, u32)>;

/// Free numbers in a row after which a probe gives up: the rest is too sparse to guess.
const MISSES: usize = 64;

/// What a descriptor number was last seen to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Slot {
    #[default]
    Free,
    /// A file or another thing that is no socket.
    File,
    /// A socket that was not in the list.
    Idle(u32),
    /// A socket that was in the list.
    Listed(u32),
}

impl Slot {
    /// Whether it can be taken to be what it was: a listed socket only while it is listed.
    fn holds(self, live: &Live) -> bool {
        match self {
            Self::Free => false,
            Self::File | Self::Idle(_) => true,
            Self::Listed(inode) => live.contains(&inode),
        }
    }

    /// Whether it may have been closed, and taken by another, without any sign.
    fn is_doubtful(self) -> bool {
        matches!(self, Self::File | Self::Idle(_))
    }
}

/// One process' descriptors as last seen.
#[derive(Debug, Default)]
pub(super) struct Descriptors {
    slots: Vec<Slot>,
    /// Whether they were ever read whole.
    pub(super) scanned: bool,
}

/// What a look at a process needs from the search.
pub(super) struct Look<'search> {
    /// The process folder.
    pub(super) proc_fs: &'search mut ProcFs,
    /// Sockets in the list.
    pub(super) live: &'search Live,
    /// Sockets outside of the list.
    pub(super) idle: &'search mut Idle,
    /// What is searched for.
    pub(super) wanted: &'search mut Wanted,
}

impl Descriptors {
    /// Reads all of them.
    pub(super) fn scan(&mut self, pid: u32, look: &mut Look<'_>) -> Result<(), Errno> {
        let folder = look.proc_fs.descriptors(pid)?;
        self.scan_folder(pid, &folder, look)
    }

    fn scan_folder(&mut self, pid: u32, folder: &OwnedFd, look: &mut Look<'_>) -> Result<(), Errno> {
        self.forget(look.idle);
        self.scanned = true;
        let slots = &mut self.slots;
        let Look { proc_fs, live, idle, wanted } = look;
        proc_fs.each_descriptor(folder, |number, target| {
            set(slots, number, classify(pid, number, target, live, idle, wanted));
        })
    }

    /// How many can be taken to be what they were.
    pub(super) fn trusted(&self, live: &Live) -> usize {
        self.slots.iter().filter(|slot| slot.holds(live)).count()
    }

    /// Reads only those that can be new, until as many are known as the process has. With `doubt`, those
    /// that were no listed sockets are read again too: files that were closed leave their numbers to others.
    pub(super) fn probe(&mut self, pid: u32, doubt: bool, look: &mut Look<'_>) -> Result<(), Errno> {
        let folder = look.proc_fs.descriptors(pid)?;
        let open = fstat(&folder).ok().and_then(|stat| usize::try_from(stat.st_size).ok()).unwrap_or(0);
        let trust = |slot: Slot, live: &Live| slot.holds(live) && !(doubt && slot.is_doubtful());
        let mut known = self.slots.iter().filter(|slot| trust(**slot, look.live)).count();
        if !self.scanned || open == 0 || known > open {
            return self.scan_folder(pid, &folder, look);
        }
        let (mut number, mut misses) = (0_u32, 0);
        while known < open && misses < MISSES && !look.wanted.is_done() {
            let slot = self.slots.get(number as usize).copied().unwrap_or_default();
            if !trust(slot, look.live) {
                if let Slot::Idle(inode) = slot {
                    look.idle.remove(&inode);
                }
                let path = ShortPath::new(format_args!("{number}"));
                let fresh = if let Ok(target) = target(&folder, path.as_c_str()) {
                    known += 1;
                    classify(pid, number, target, look.live, look.idle, look.wanted)
                } else {
                    misses += 1;
                    Slot::Free
                };
                set(&mut self.slots, number, fresh);
            }
            number += 1;
        }
        Ok(())
    }

    /// Notes that an idle socket has come into the list.
    pub(super) fn listed(&mut self, number: u32, inode: u32) {
        set(&mut self.slots, number, Slot::Listed(inode));
    }

    /// Forgets everything, also in the index of idle sockets.
    pub(super) fn forget(&mut self, idle: &mut Idle) {
        for slot in self.slots.drain(..) {
            if let Slot::Idle(inode) = slot {
                idle.remove(&inode);
            }
        }
        self.scanned = false;
    }
}

fn classify(
    pid: u32,
    number: u32,
    target: Target,
    live: &Live,
    idle: &mut Idle,
    wanted: &mut Wanted,
) -> Slot {
    match target {
        Target::Other => Slot::File,
        Target::Socket(inode) => {
            if wanted.offer(pid, number, target) || live.contains(&inode) {
                Slot::Listed(inode)
            } else {
                idle.insert(inode, (pid, number));
                Slot::Idle(inode)
            }
        }
    }
}

fn set(slots: &mut Vec<Slot>, number: u32, slot: Slot) {
    let number = number as usize;
    if number >= slots.len() {
        if slot == Slot::Free {
            return;
        }
        slots.resize(number + 1, Slot::Free);
    }
    if let Some(place) = slots.get_mut(number) {
        *place = slot;
    }
}

//! Owners from the list of held sockets that the kernel makes for us: it knows every holder of every user,
//! so nothing needs to be searched.

use std::sync::Arc;

use tapmap_core::{Attribution, Process, UnknownOwner};

use super::{Owners, conclude, unknown, verdict};
use crate::{
    Map,
    parse::kernel::{HeldSocket, KernelProcess, ListedProcess},
};

impl Owners {
    /// Says whether the kernel lists all held sockets. When it begins to, everything that was not found
    /// is worth another look.
    pub(in super::super) fn set_files_told(&mut self, told: bool) {
        if told && !self.files_are_told {
            for known in self.known.iter_mut() {
                if matches!(known.answer, Attribution::Unknown { .. }) {
                    (known.tries, known.again) = (0, 0);
                }
            }
        }
        self.files_are_told = told;
    }

    /// Whether the kernel lists all held sockets.
    pub(in super::super) fn are_files_told(&self) -> bool {
        self.files_are_told
    }

    /// Whether the current list holds a socket whose owner is to be found.
    pub(in super::super) fn has_unknown(&self) -> bool {
        self.open.iter().any(|socket| socket.inode != 0 && !socket.told)
    }

    /// Takes the list of held sockets in: who holds those of the current list whose owner is to be found.
    pub(in super::super) fn hold<'list>(&mut self, held: impl Iterator<Item = HeldSocket<'list>>) {
        let wanted = self.open.iter_mut().filter(|socket| socket.inode != 0);
        let mut holders: Map<u64, Vec<Arc<Process>>> = wanted
            .map(|socket| {
                socket.told = true;
                (socket.cookie, Vec::new())
            })
            .collect();
        for HeldSocket { socket, .. } in held {
            if let (Some(found), Some(process)) = (holders.get_mut(&socket.cookie), &socket.process) {
                let proc_fs = self.search.as_mut().map(|search| &mut search.proc_fs);
                found.push(self.people.told(proc_fs, process));
            }
        }
        for socket in self.open.iter().filter(|socket| socket.told) {
            let Some(known) = self.known.get_mut(socket.cookie) else { continue };
            let found = holders.remove(&socket.cookie).and_then(Self::verdict);
            // Most that are not found at once have closed since they were listed.
            let reason = if known.tries == 0 { UnknownOwner::Pending } else { UnknownOwner::NotFound };
            let answer = found
                .unwrap_or_else(|| unknown(reason, socket.cgroup.and_then(|group| self.people.unit(group))));
            conclude(known, answer, self.list);
        }
    }

    /// One owner from all that hold a socket; `None` when nobody does.
    pub(in super::super) fn verdict(mut holders: Vec<Arc<Process>>) -> Option<Attribution> {
        holders.sort_by_key(|process| (process.key.start, process.key.pid));
        holders.dedup_by_key(|process| process.key);
        verdict(holders)
    }

    /// Whether the kernel listed this process, as what it is called now.
    pub(in super::super) fn knows_program(&self, process: &KernelProcess<'_>) -> bool {
        self.people.knows_program(process)
    }

    /// Takes a whole list of the processes in.
    pub(in super::super) fn learn_programs<'list>(
        &mut self,
        listed: impl Iterator<Item = ListedProcess<'list>>,
    ) {
        self.people.learn_programs(listed);
    }
}

//! The owners of sockets, remembered by socket cookie: who is known stays known, who is new is
//! searched for, who cannot be found is said to be so, with the reason. How to search `/proc` is in
//! [`search`], what to call a process in [`people`].

mod descriptors;
mod held;
mod memory;
mod people;
mod search;
mod wanted;

use std::{net::IpAddr, sync::Arc};

use tapmap_core::{
    App, Attribution, Layer, LayerName, MatchQuality, Namespace, Process, Protocol, SocketRow, SocketState,
    UnknownOwner,
};

use self::{
    memory::{Known, Memory},
    people::People,
    search::Search,
    wanted::Wanted,
};
use super::{
    beside::{active, inactive},
    births::Births,
    coverage::{Rights, grant_files},
    proc_fs::ProcFs,
    whereabouts::is_in_container,
};
use crate::{
    Map,
    parse::{inet_diag::DiagSocket, kernel::KernelProcess},
};

/// Lists to wait before the next search for an owner that was not found: three more, then no more.
const PATIENCE: [u32; 3] = [1, 4, 16];
/// Never search again.
const NEVER: u32 = u32::MAX;
/// Of several holders at most this many are named.
const HOLDERS_NAMED: usize = 8;

/// A socket of the current list whose owner is to be found.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// Its row in the table.
    row: usize,
    cookie: u64,
    inode: u32,
    user: u32,
    cgroup: Option<u64>,
    /// Whether the kernel told who holds it, or that nobody does.
    told: bool,
}

/// All owners.
#[derive(Debug)]
pub(super) struct Owners {
    known: Memory,
    open: Vec<Open>,
    /// Counts the lists, from 1.
    list: u32,
    search: Option<Search>,
    people: People,
    /// Whether the kernel lists the files of all processes, so that nobody needs to search for them.
    files_are_told: bool,
}

impl Owners {
    /// Knows nobody yet.
    pub(super) fn new(births: Births) -> Self {
        let search = ProcFs::open().ok().map(Search::new);
        Self {
            known: Memory::new(),
            open: Vec::new(),
            list: 0,
            search,
            people: People::new(births),
            files_are_told: false,
        }
    }

    /// Whether processes can be read, as a layer.
    pub(super) fn layer(&self) -> Layer {
        const ADDS: &str = "The process behind each socket, found by the files it has open.";
        if self.search.is_none() {
            let reason = "The folder /proc cannot be read, so no process can be found.";
            return inactive(LayerName::ProcessFiles, reason, ADDS, None);
        }
        if Rights::now().others {
            return active(LayerName::ProcessFiles, "The files of every user's processes can be read.", ADDS);
        }
        let reason = if is_in_container() {
            "TapMap runs in a container: the files of your own processes inside of it can be read."
        } else {
            "The files of your own processes can be read; those of other users not."
        };
        Layer { command: grant_files(), ..active(LayerName::ProcessFiles, reason, ADDS) }
    }

    /// A process by its number: as it is now, or as it was if it has gone and its birth was told.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the layers that the kernel tells more"))]
    pub(super) fn process(&mut self, pid: u32) -> Option<Arc<Process>> {
        self.people.process(&mut self.search.as_mut()?.proc_fs, pid)
    }

    /// Reads a process anew when it is asked for next; all, when none is named.
    pub(super) fn forget_details(&mut self, pid: Option<u32>) {
        self.people.forget_details(pid);
    }

    /// A process that the kernel told of, also when it has gone.
    pub(super) fn told(&mut self, process: &KernelProcess<'_>) -> Arc<Process> {
        self.people.told(self.search.as_mut().map(|search| &mut search.proc_fs), process)
    }

    /// Takes note of who owns a socket, as the kernel told.
    pub(super) fn learn(&mut self, cookie: u64, process: &Arc<Process>) {
        self.known
            .learn(cookie, Attribution::Owned { process: Arc::clone(process), quality: MatchQuality::Event });
    }

    /// The owner of an open socket, as far as it is known.
    pub(super) fn of_open(&self, cookie: u64) -> Attribution {
        self.known
            .get(cookie)
            .map_or_else(|| unknown(UnknownOwner::Pending, None), |known| known.answer.clone())
    }

    /// The owner of a socket that has ended, where it was found before.
    pub(super) fn of_ended(&self, cookie: u64) -> Attribution {
        match self.known.get(cookie).map(|known| &known.answer) {
            Some(answer @ (Attribution::Owned { .. } | Attribution::Ambiguous(_))) => answer.clone(),
            _ => unknown(UnknownOwner::Exited, None),
        }
    }

    /// Begins a new list. Also after one that was broken off.
    pub(super) fn begin(&mut self) {
        self.list += 1;
        self.open.clear();
        self.known.begin();
        self.reopen_orphans();
    }

    /// Takes note of a socket of the list, which will be row `row` of the table, and says what is known
    /// of its owner so far. `None` when it was in this list before: sockets move in the kernel's tables.
    pub(super) fn see(&mut self, socket: &DiagSocket, row: usize) -> Option<Attribution> {
        let list = self.list;
        let known = self.known.next(socket.cookie, || unknown(UnknownOwner::Pending, None));
        if known.seen == list {
            return None;
        }
        known.seen = list;
        let inode_before = std::mem::replace(&mut known.inode, socket.inode);
        if socket.inode == 0 {
            // No descriptor refers to it any more, or not yet. What was known stays true.
            if let Attribution::Owned { quality, .. } = &mut known.answer {
                *quality = MatchQuality::Remembered;
            }
        } else if socket.inode != inode_before && !is_told(&known.answer) {
            known.tries = 0;
            known.again = list;
        }
        if known.again <= list {
            self.open.push(Open {
                row,
                cookie: socket.cookie,
                inode: socket.inode,
                user: socket.user,
                cgroup: socket.cgroup,
                told: false,
            });
        }
        Some(known.answer.clone())
    }

    /// Finds the owners of the sockets that have none, and writes them into the rows. Call after the last
    /// [`Owners::see`] of a list.
    pub(super) fn resolve(&mut self, rows: &mut [SocketRow]) {
        let open = std::mem::take(&mut self.open);
        if !open.is_empty() {
            self.find(&open);
            self.answer_unreachable(&open, rows);
            for socket in &open {
                if let (Some(known), Some(row)) = (self.known.get(socket.cookie), rows.get_mut(socket.row)) {
                    row.owner = known.answer.clone();
                }
            }
        }
        self.open = open;
        if self.known.len() > rows.len() + rows.len() / 4 + 64 {
            self.known.forget_unseen(self.list);
        }
    }

    /// Sockets outlive a process when another one holds them too: search again for those whose owner
    /// has gone.
    fn reopen_orphans(&mut self) {
        let Some(search) = &mut self.search else { return };
        let gone = self.people.take_gone(search);
        if gone.is_empty() {
            return;
        }
        for known in self.known.iter_mut() {
            let lost = match &mut known.answer {
                Attribution::Owned { process, quality } if gone.contains(&process.key) => {
                    *quality = MatchQuality::Remembered;
                    true
                }
                Attribution::Ambiguous(processes) => {
                    processes.iter().any(|process| gone.contains(&process.key))
                }
                Attribution::Owned { .. } | Attribution::Unknown { .. } => false,
            };
            if lost {
                // If it is still listed, another one holds it: search everything.
                known.tries = 1;
                known.again = self.list;
            }
        }
    }

    /// Searches for those that some process may hold.
    fn find(&mut self, open: &[Open]) {
        let rights = Rights::now();
        let first = self.search.as_ref().is_some_and(Search::is_first);
        let mut wanted = self.want(open, rights, first);
        let Some(search) = &mut self.search else { return };
        if !wanted.is_done() {
            let list = self.list;
            let live = self.known.iter().filter(|known| known.seen == list && known.inode != 0);
            search.find(&mut wanted, &live.map(|known| known.inode).collect());
        }
        for (index, socket) in open.iter().enumerate().filter(|(_, socket)| socket.inode != 0 && !socket.told)
        {
            let Some(known) = self.known.get_mut(socket.cookie) else { continue };
            let holders = self.people.holders(search, wanted.holders(index), socket.inode, !first);
            let answer = verdict(holders).unwrap_or_else(|| {
                let reason = if !rights.may_read(socket.user) {
                    UnknownOwner::NotPermitted
                } else if !first && known.tries == 0 {
                    UnknownOwner::Pending
                } else if search.was_denied(socket.user) {
                    UnknownOwner::NotPermitted
                } else {
                    UnknownOwner::NotFound
                };
                unknown(reason, socket.cgroup.and_then(|cgroup| self.people.unit(cgroup)))
            });
            conclude(known, answer, self.list);
        }
    }

    /// What to search for.
    fn want(&self, open: &[Open], rights: Rights, first: bool) -> Wanted {
        let mut wanted = Wanted::default();
        for (index, socket) in open.iter().enumerate().filter(|(_, socket)| !socket.told) {
            // Who may not look need not search; the first search looks at everything anyway.
            if socket.inode != 0 && (first || rights.may_read(socket.user)) {
                // Most that are not found at once have closed since they were listed. What is listed
                // again deserves a search of everything, once.
                let second = self.known.get(socket.cookie).is_some_and(|known| known.tries == 1);
                wanted.add(socket.inode, index, socket.user, second);
            }
        }
        wanted
    }

    /// Answers for sockets that no descriptor can refer to, and for all when there is no `/proc`.
    fn answer_unreachable(&mut self, open: &[Open], rows: &[SocketRow]) {
        let reachable = self.search.is_some();
        let mut listeners = None;
        for socket in open.iter().filter(|socket| socket.inode == 0 || !reachable) {
            let Some(row) = rows.get(socket.row) else { continue };
            let (reason, app) = if reachable {
                let listeners = listeners.get_or_insert_with(|| Listeners::of(rows));
                let listener = listeners.of_connection(row).and_then(|index| rows.get(index));
                // The listener may itself be new in this list: ask the memory, not the row.
                let app = listener
                    .and_then(|listener| self.known.get(listener.id.0))
                    .and_then(|known| known.answer.app().cloned());
                (reason_without_descriptor(row.state, listener.is_some()), app)
            } else {
                (UnknownOwner::NotSupported, None)
            };
            let app = app.or_else(|| socket.cgroup.and_then(|cgroup| self.people.unit(cgroup)));
            if let Some(known) = self.known.get_mut(socket.cookie) {
                known.again = NEVER;
                if matches!(known.answer, Attribution::Unknown { .. }) {
                    known.answer = unknown(reason, app);
                }
            }
        }
    }
}

/// Notes what a search found. A socket whose holder has gone keeps it as the one who opened it.
fn conclude(known: &mut Known, answer: Attribution, list: u32) {
    let found = !matches!(answer, Attribution::Unknown { .. });
    let final_word = matches!(answer, Attribution::Unknown { reason: UnknownOwner::NotPermitted, .. });
    if found || matches!(known.answer, Attribution::Unknown { .. }) {
        known.answer = answer;
    }
    known.again = match PATIENCE.get(usize::from(known.tries)) {
        Some(lists) if !found && !final_word => list + lists,
        _ => NEVER,
    };
    known.tries = known.tries.saturating_add(1);
}

/// Whether the kernel told who owns the socket: then nobody needs to be searched.
fn is_told(answer: &Attribution) -> bool {
    matches!(answer, Attribution::Owned { quality: MatchQuality::Event, .. })
}

fn unknown(reason: UnknownOwner, app: Option<App>) -> Attribution {
    Attribution::Unknown { reason, app }
}

/// One owner from all that hold a socket, the earliest started first. Copies made by forking share the
/// app of their parent, so the earliest of one app speaks for all; different apps stay side by side.
fn verdict(mut holders: Vec<Arc<Process>>) -> Option<Attribution> {
    let first = holders.first()?;
    if holders.iter().all(|holder| holder.app.name == first.app.name) {
        return Some(Attribution::Owned { process: Arc::clone(first), quality: MatchQuality::Descriptor });
    }
    holders.truncate(HOLDERS_NAMED);
    Some(Attribution::Ambiguous(holders))
}

/// Why a socket without a descriptor has no owner. Until the handshake is complete, and then until the
/// program takes the connection, it waits at its listener.
fn reason_without_descriptor(state: SocketState, has_listener: bool) -> UnknownOwner {
    match state {
        SocketState::SynReceived | SocketState::Established | SocketState::CloseWait if has_listener => {
            UnknownOwner::Pending
        }
        SocketState::FinWait1 | SocketState::FinWait2 | SocketState::Closing | SocketState::LastAck => {
            UnknownOwner::Exited
        }
        _ => UnknownOwner::Kernel,
    }
}

/// The listening rows by network and port, and by address where they listen on one alone.
struct Listeners(Map<(Namespace, Option<IpAddr>, u16), usize>);

impl Listeners {
    fn of(rows: &[SocketRow]) -> Self {
        let listening = rows.iter().enumerate().filter(|(_, row)| row.state == SocketState::Listen);
        Self(
            listening
                .map(|(index, row)| {
                    let address = Some(row.local.address()).filter(|address| !address.is_unspecified());
                    ((row.namespace, address, row.local.port()), index)
                })
                .collect(),
        )
    }

    fn of_connection(&self, row: &SocketRow) -> Option<usize> {
        let (address, port) = (row.local.address(), row.local.port());
        let at = |address| self.0.get(&(row.namespace, address, port));
        let one = at(Some(address)).or_else(|| at(None));
        one.copied().filter(|_| row.protocol == Protocol::Tcp)
    }
}

#[cfg(test)]
mod tests;

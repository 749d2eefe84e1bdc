//! One other network: how its sockets are asked for, and what was last heard of them.

use std::io;

use rustix::{
    fd::{AsFd as _, OwnedFd},
    fs::fstat,
    thread::{LinkNameSpaceType, move_into_link_name_space},
};
use tapmap_core::{Namespace, Protocol, Timestamp};

use crate::{
    os::linux::{proc_fs::ProcFs, sock_diag::SockDiag},
    parse::{inet_diag::DiagSocket, proc_net},
};

/// As much of one table as is read: some 100,000 sockets.
const LONGEST_TABLE: u64 = 16 * 1024 * 1024;
/// So many processes of one network are asked for its sockets, until one answers.
const ASKED: usize = 4;
/// So many processes are looked at to see whether all of a network belong to one container or unit.
const COMPARED: usize = 16;

/// A network that is not the recorder's own.
#[derive(Debug)]
pub(super) struct Network {
    /// What it is called in rows.
    pub(super) namespace: Namespace,
    /// Processes in it, the first of them first.
    pub(super) pids: Vec<u32>,
    /// When it was last asked.
    pub(super) asked: Option<Timestamp>,
    /// The sockets that it had then.
    pub(super) sockets: Vec<DiagSocket>,
    /// A socket inside of it, where it may be entered: it stays inside, and works without any right.
    diag: Option<SockDiag>,
}

impl Network {
    /// A network by the number that its files have, and the processes in it.
    pub(super) fn new(file: u64, pids: Vec<u32>, proc_fs: &ProcFs) -> Self {
        let entrance = pids.iter().take(ASKED).find_map(|pid| proc_fs.network_namespace(*pid).ok());
        let number =
            entrance.as_ref().and_then(|entrance| fstat(entrance).ok()).map_or(file, |stat| stat.st_ino);
        Self {
            // Both numbers are taken from the same store, so one cannot be mistaken for the other.
            namespace: Namespace(u32::try_from(number).unwrap_or(u32::MAX)),
            pids,
            asked: None,
            sockets: Vec::new(),
            diag: entrance.and_then(|entrance| inside(&entrance).ok()),
        }
    }

    /// Whether it was entered, so that its sockets show bytes.
    pub(super) fn is_entered(&self) -> bool {
        self.diag.is_some()
    }

    /// Asks for its sockets.
    pub(super) fn ask(&mut self, at: Timestamp, proc_fs: &mut ProcFs) {
        self.asked = Some(at);
        self.sockets.clear();
        if let Some(diag) = &mut self.diag {
            let sockets = &mut self.sockets;
            if diag.list(|socket| sockets.push(*socket)).is_ok() {
                return;
            }
            self.diag = None;
            self.sockets.clear();
        }
        // The first that is still there answers.
        let answer = self.pids.iter().take(ASKED).find_map(|pid| tables(proc_fs, *pid).ok());
        self.sockets = answer.unwrap_or_default();
        let group = common_group(proc_fs, &self.pids);
        self.sockets.iter_mut().for_each(|socket| socket.cgroup = group);
    }
}

/// A socket to ask for the sockets of another network. It is opened by a thread of its own, which goes
/// there and ends.
fn inside(entrance: &OwnedFd) -> io::Result<SockDiag> {
    let enter = || {
        move_into_link_name_space(entrance.as_fd(), Some(LinkNameSpaceType::Network))?;
        let mut diag = SockDiag::open()?;
        // As in the tables, what only waits after its end is left out.
        diag.set_time_waits(false);
        Ok(diag)
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("network".to_owned()).spawn_scoped(scope, enter)?;
        thread.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    })
}

/// The sockets in the tables of a process' network.
fn tables(proc_fs: &ProcFs, pid: u32) -> io::Result<Vec<DiagSocket>> {
    let mut sockets = Vec::new();
    for (protocol, name, needed) in [
        (Protocol::Tcp, "tcp", true),
        (Protocol::Udp, "udp", true),
        // Missing where the kernel has no version 6.
        (Protocol::Tcp, "tcp6", false),
        (Protocol::Udp, "udp6", false),
    ] {
        match proc_fs.socket_table(pid, name, LONGEST_TABLE) {
            Ok(table) => sockets.extend(proc_net::sockets(protocol, &table)),
            Err(error) if needed => return Err(error),
            Err(_) => {}
        }
    }
    Ok(sockets)
}

/// The control group (version 2) of these processes, when it is one and the same.
fn common_group(proc_fs: &mut ProcFs, pids: &[u32]) -> Option<u64> {
    let mut common: Option<String> = None;
    for pid in pids.iter().take(COMPARED) {
        let text = String::from_utf8_lossy(proc_fs.file(*pid, "cgroup")?).into_owned();
        let path = text.lines().find_map(|line| line.strip_prefix("0::"))?;
        if common.as_deref().is_some_and(|common| common != path) {
            return None;
        }
        common = Some(path.to_owned());
    }
    group_number(&common?)
}

/// The number of a control group: the inode number of its folder.
fn group_number(path: &str) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mounts = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
    // Only version 2 has this file at its top.
    let mount =
        mounts.iter().find(|mount| std::path::Path::new(mount).join("cgroup.controllers").exists())?;
    Some(std::fs::metadata(format!("{mount}{path}")).ok()?.ino())
}

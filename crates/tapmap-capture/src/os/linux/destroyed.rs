//! Hears of every internet socket that ends: the kernel tells whoever joins the `sock_diag` groups for
//! destroyed sockets, ordinary users too. So connections that fell between two looks are known, with
//! their ends and last counters, though no longer with their owners.

mod helper;

use std::{fs, io, sync::Arc};

use rustix::{
    fd::OwnedFd,
    fs::fstat,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SocketFlags, SocketType, bind, netlink, recv, socket_with,
        sockopt::{set_socket_recv_buffer_size, set_socket_recv_buffer_size_force, socket_recv_buffer_size},
    },
};

use self::helper::Helper;
use crate::parse::{
    counters::netlink_drops,
    inet_diag::{self, DiagSocket},
    netlink::{Content, messages},
};

/// `SKNLGRP_INET_TCP_DESTROY`, `…_UDP_…` and the same for v6: groups 1 to 4, as bits.
const GROUPS: u32 = 0b1111;
const BUFFER: usize = 32 * 1024;

/// A netlink socket that hears of ends.
#[derive(Debug)]
pub(super) struct Destroyed {
    socket: Arc<OwnedFd>,
    helper: Option<Helper>,
    buffer: Vec<u8>,
    /// Messages that got lost so far.
    drops: u64,
}

/// Whether everything was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing got lost.
    Everything,
    /// The queue was full, and ends got lost: so many, where the kernel tells.
    NotAll(Option<u64>),
}

impl Destroyed {
    /// Joins the groups, in the network namespace of the calling thread. What ended before is not told.
    /// `queue` is the room for what comes between two times of asking, in bytes; without privilege the
    /// kernel gives at most `net.core.rmem_max`.
    pub(super) fn open(queue: usize) -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(netlink::SOCK_DIAG))?;
        if set_socket_recv_buffer_size_force(&socket, queue).is_err() {
            set_socket_recv_buffer_size(&socket, queue)?;
        }
        bind(&socket, &netlink::SocketAddrNetlink::new(0, GROUPS))?;
        Ok(Self { socket: Arc::new(socket), helper: None, buffer: vec![0; BUFFER], drops: 0 })
    }

    /// Starts a thread that empties the queue between two times of asking, where the kernel gave less room
    /// than this, in bytes.
    pub(super) fn get_help_below(&mut self, room: usize) {
        if socket_recv_buffer_size(&self.socket).is_ok_and(|given| given < room) {
            self.helper = Helper::start(Arc::clone(&self.socket)).ok();
        }
    }

    /// How much the thread has kept.
    #[cfg(test)]
    pub(super) fn kept_bytes(&self) -> usize {
        self.helper.as_ref().map_or(0, Helper::kept_bytes)
    }

    /// Hands over what ended since the last time, without waiting.
    pub(super) fn hear(&mut self, mut each: impl FnMut(&DiagSocket)) -> io::Result<Heard> {
        let kept = self.helper.as_ref().map(Helper::take).unwrap_or_default();
        tell_each(&kept.bytes, &mut each);
        let mut was_full = kept.was_full;
        loop {
            match recv(&self.socket, &mut self.buffer[..], RecvFlags::empty()) {
                Ok((length, _)) => {
                    tell_each(self.buffer.get(..length).unwrap_or_default(), &mut each);
                }
                Err(Errno::AGAIN) if was_full => return Ok(Heard::NotAll(self.lost())),
                Err(Errno::AGAIN) => return Ok(Heard::Everything),
                Err(Errno::INTR) => {}
                Err(Errno::NOBUFS) => was_full = true,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// How many ends got lost since this was last asked.
    fn lost(&mut self) -> Option<u64> {
        let drops = self.all_lost()?;
        // The kernel counts in 32 bits.
        let lost = drops.checked_sub(self.drops);
        self.drops = drops;
        lost.filter(|lost| *lost > 0)
    }

    /// How many ends got lost so far.
    pub(super) fn all_lost(&self) -> Option<u64> {
        let inode = fstat(&self.socket).ok()?.st_ino;
        let table = fs::read("/proc/thread-self/net/netlink").ok()?;
        netlink_drops(&table, inode)
    }
}

fn tell_each(bytes: &[u8], each: &mut impl FnMut(&DiagSocket)) {
    for message in messages(bytes) {
        if let Content::Record(body) = message.content
            && let Some(socket) = inet_diag::destroyed(body)
        {
            each(&socket);
        }
    }
}

//! Hears of every internet socket that ends: the kernel tells whoever joins the `sock_diag` groups for
//! destroyed sockets, ordinary users too. So connections that fell between two looks are known, with
//! their ends and last counters, though no longer with their owners.

use std::io;

use rustix::{
    fd::OwnedFd,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SocketFlags, SocketType, bind, netlink, recv, socket_with,
        sockopt::{set_socket_recv_buffer_size, set_socket_recv_buffer_size_force},
    },
};

use crate::parse::{
    inet_diag::{self, DiagSocket},
    netlink::{Content, messages},
};

/// `SKNLGRP_INET_TCP_DESTROY`, `…_UDP_…` and the same for v6: groups 1 to 4, as bits.
const GROUPS: u32 = 0b1111;
/// Room for what comes between two times of asking, in bytes. Without privilege the kernel gives at
/// most `net.core.rmem_max`.
const QUEUE: usize = 8 * 1024 * 1024;
const BUFFER: usize = 32 * 1024;

/// A netlink socket that hears of ends.
#[derive(Debug)]
pub(super) struct Destroyed {
    socket: OwnedFd,
    buffer: Vec<u8>,
}

/// Whether everything was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing got lost.
    Everything,
    /// The queue was full: some ends got lost, nobody knows how many.
    NotAll,
}

impl Destroyed {
    /// Joins the groups, in the network namespace of the calling thread. What ended before is not told.
    pub(super) fn open() -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(netlink::SOCK_DIAG))?;
        if set_socket_recv_buffer_size_force(&socket, QUEUE).is_err() {
            set_socket_recv_buffer_size(&socket, QUEUE)?;
        }
        bind(&socket, &netlink::SocketAddrNetlink::new(0, GROUPS))?;
        Ok(Self { socket, buffer: vec![0; BUFFER] })
    }

    /// Hands over what ended since the last time, without waiting.
    pub(super) fn hear(&mut self, mut each: impl FnMut(&DiagSocket)) -> io::Result<Heard> {
        let mut heard = Heard::Everything;
        loop {
            match recv(&self.socket, &mut self.buffer[..], RecvFlags::empty()) {
                Ok((length, _)) => {
                    for message in messages(self.buffer.get(..length).unwrap_or_default()) {
                        if let Content::Record(body) = message.content
                            && let Some(socket) = inet_diag::destroyed(body)
                        {
                            each(&socket);
                        }
                    }
                }
                Err(Errno::AGAIN) => return Ok(heard),
                Err(Errno::INTR) => {}
                Err(Errno::NOBUFS) => heard = Heard::NotAll,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

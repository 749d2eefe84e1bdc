//! Asks the kernel how many packets a packet socket lost because its queue was full, over `sock_diag`.

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::fstat,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
        sockopt::{Timeout, set_socket_timeout},
    },
};

use super::super::sock_diag::PATIENCE;
use crate::parse::{
    netlink::{Content, messages},
    packet_diag,
};

const BUFFER: usize = 32 * 1024;

/// `struct packet_diag_req` behind a netlink header: `SOCK_DIAG_BY_FAMILY` (20) for `AF_PACKET` (17) with
/// `PACKET_SHOW_MEMINFO` (0x10), as a dump (0x301), since the kernel has no other form of it.
fn request() -> Vec<u8> {
    let head = [&36_u32.to_ne_bytes()[..], &20_u16.to_ne_bytes(), &0x301_u16.to_ne_bytes(), &[0; 8]];
    let body = [&[17, 0, 0, 0][..], &[0; 4], &0x10_u32.to_ne_bytes(), &[0; 8]];
    [head.concat(), body.concat()].concat()
}

/// How many packets a socket lost.
#[derive(Debug)]
pub(super) struct Drops {
    diag: OwnedFd,
    inode: u64,
    before: u32,
}

impl Drops {
    /// Of this socket, from now on.
    pub(super) fn of(socket: impl AsFd) -> rustix::io::Result<Self> {
        let inode = fstat(socket)?.st_ino;
        let diag = socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        )?;
        set_socket_timeout(&diag, Timeout::Recv, Some(PATIENCE))?;
        let mut drops = Self { diag, inode, before: 0 };
        drops.lost()?;
        Ok(drops)
    }

    /// How many since this was last asked.
    pub(super) fn lost(&mut self) -> rustix::io::Result<u64> {
        send(&self.diag, &request(), SendFlags::empty())?;
        let mut buffer = vec![0; BUFFER];
        let mut drops = None;
        loop {
            let (length, _) =
                rustix::io::retry_on_intr(|| recv(&self.diag, &mut buffer[..], RecvFlags::empty()))?;
            for message in messages(buffer.get(..length).unwrap_or_default()) {
                match message.content {
                    Content::Record(body) => drops = drops.or(packet_diag::drops(body, self.inode)),
                    Content::Done => {
                        let now = drops.ok_or(Errno::NOENT)?;
                        let before = std::mem::replace(&mut self.before, now);
                        return Ok(now.wrapping_sub(before).into());
                    }
                    Content::Failed(number) => return Err(Errno::from_raw_os_error(number)),
                }
            }
        }
    }
}

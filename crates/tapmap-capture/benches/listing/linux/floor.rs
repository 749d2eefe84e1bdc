//! The kernel's dump, received and thrown away: what no lister can go below.

use rustix::{
    fd::OwnedFd,
    net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with},
};

const TCP_STATES: u32 = 0b1_1111_0111_1110;
const UDP_STATES: u32 = 1 << 1 | 1 << 7;

/// A netlink socket and its buffer.
pub(super) struct Floor {
    socket: OwnedFd,
    buffer: Vec<u8>,
}

impl Floor {
    pub(super) fn open() -> Self {
        let socket = socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        );
        Self { socket: socket.unwrap(), buffer: vec![0; 32 * 1024] }
    }

    /// The requests that the source makes.
    pub(super) fn dump_as_we_do(&mut self) {
        self.dump(18, &[&[0, 0, 0, 2][..], &[0; 48], &TCP_STATES.to_ne_bytes(), &[0; 4]].concat());
        self.dump_one(2, 17, 0, UDP_STATES);
        self.dump_one(10, 17, 0, UDP_STATES);
    }

    /// One request for each protocol and address family.
    pub(super) fn dump_by_family(&mut self) {
        self.dump_one(2, 6, 2, TCP_STATES);
        self.dump_one(10, 6, 2, TCP_STATES);
        self.dump_one(2, 17, 0, UDP_STATES);
        self.dump_one(10, 17, 0, UDP_STATES);
    }

    fn dump_one(&mut self, family: u8, protocol: u8, extensions: u8, states: u32) {
        let head = [family, protocol, extensions, 0];
        self.dump(20, &[&head[..], &states.to_ne_bytes(), &[0; 48]].concat());
    }

    fn dump(&mut self, kind: u16, body: &[u8]) {
        let length = u32::try_from(16 + body.len()).unwrap();
        let request =
            [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), &0x301_u16.to_ne_bytes(), &[0; 8], body]
                .concat();
        send(&self.socket, &request, SendFlags::empty()).unwrap();
        loop {
            let (length, _) = recv(&self.socket, &mut self.buffer[..], RecvFlags::empty()).unwrap();
            // The end is a message of 20 bytes and kind 3, alone or last.
            let last = &self.buffer[length.saturating_sub(20)..length];
            if last.get(..6) == Some(&[20, 0, 0, 0, 3, 0]) {
                return;
            }
        }
    }
}

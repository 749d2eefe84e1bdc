//! Reads the socket tables below `/proc/<pid>/net` (`tcp`, `tcp6`, `udp`, `udp6`; `proc_pid_net(5)`): what
//! there is of another network without any right over it. They hold neither cookies nor bytes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tapmap_core::{Counters, Endpoint, Protocol};

use super::{
    decimal,
    inet_diag::{DiagSocket, state_of},
};

/// Marks the identity of a socket that is known by its inode number only. The kernel counts cookies up
/// from one, so no cookie has this bit.
pub const BY_INODE: u64 = 1 << 63;

/// The sockets in a table. Those without an inode number (`TIME_WAIT`, handshakes, and what outlived its
/// process) have nothing that would tell them from others from look to look, and are left out; so are
/// lines that do not read as they should.
pub fn sockets(protocol: Protocol, table: &[u8]) -> impl Iterator<Item = DiagSocket> {
    table.split(|byte| *byte == b'\n').filter_map(move |line| socket(protocol, line))
}

fn socket(protocol: Protocol, line: &[u8]) -> Option<DiagSocket> {
    let mut fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    // Number, local, remote, state, queues, timer, retransmits, user, timeout, inode.
    let local = endpoint(fields.nth(1)?)?;
    let remote = endpoint(fields.next()?)?;
    let state = state_of(protocol, u8::try_from(hexadecimal(fields.next()?)?).ok()?)?;
    let user = u32::try_from(decimal(fields.nth(3)?)?).ok()?;
    let inode = u32::try_from(decimal(fields.nth(1)?)?).ok().filter(|inode| *inode != 0)?;
    Some(DiagSocket {
        cookie: BY_INODE | u64::from(inode),
        inode,
        user,
        cgroup: None,
        protocol,
        state,
        local,
        remote: (remote.port() != 0 || !remote.address().is_unspecified()).then_some(remote),
        counters: Counters::default(),
    })
}

/// `0100007F:0277`: the address in words of this machine's order as they lie in memory, the port as a
/// number.
fn endpoint(field: &[u8]) -> Option<Endpoint> {
    let colon = field.iter().position(|byte| *byte == b':')?;
    let (address, port) = (field.get(..colon)?, field.get(colon + 1..)?);
    let word = |index: usize| Some(hexadecimal(address.get(8 * index..8 * index + 8)?)?.to_ne_bytes());
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(words.as_flattened()).ok()?))
        }
        _ => return None,
    };
    Some(Endpoint::new(address, u16::try_from(hexadecimal(port)?).ok()?))
}

/// A number of up to eight hexadecimal digits and nothing else.
fn hexadecimal(digits: &[u8]) -> Option<u32> {
    if !(1..=8).contains(&digits.len()) {
        return None;
    }
    digits.iter().try_fold(0, |value: u32, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

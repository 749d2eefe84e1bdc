//! Reads the kernel's counters of opened connections, sockets in use and lost messages (`/proc/net/snmp`,
//! `/proc/net/sockstat`, `/proc/net/sockstat6`, `/proc/net/netlink`).

use tapmap_core::KernelCount;

use super::decimal;

/// The kernel's counters of TCP connections since boot (RFC 4022: `ActiveOpens`, `PassiveOpens`,
/// `CurrEstab`), from `/proc/net/snmp`: a line of names and a line of values, each after `Tcp:`.
pub fn tcp(snmp: &[u8]) -> Option<KernelCount> {
    let mut lines = snmp.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"Tcp: "));
    let (names, values) = (lines.next()?, lines.next()?);
    let value_of = |wanted: &[u8]| {
        names
            .split(|byte| *byte == b' ')
            .zip(values.split(|byte| *byte == b' '))
            .find(|(name, _)| *name == wanted)
            .and_then(|(_, value)| decimal(value))
    };
    Some(KernelCount {
        active_opens: value_of(b"ActiveOpens")?,
        passive_opens: value_of(b"PassiveOpens")?,
        established: value_of(b"CurrEstab")?,
    })
}

/// How many messages to one netlink socket got lost because its queue was full, from
/// `/proc/net/netlink`: a line for each socket, ended by that number and the socket's inode.
pub fn netlink_drops(table: &[u8], inode: u64) -> Option<u64> {
    table.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).skip(8);
        let (drops, socket) = (decimal(fields.next()?)?, decimal(fields.next()?)?);
        (socket == inode).then_some(drops)
    })
}

/// Sockets of a kind (`TCP`, `UDP6`, …) in use, from `/proc/net/sockstat` or `sockstat6`.
pub fn in_use(sockstat: &[u8], kind: &str) -> Option<u64> {
    count(sockstat, kind, "inuse")
}

/// Connections that the kernel keeps for a while after their end (`TIME_WAIT`), from
/// `/proc/net/sockstat`.
pub fn time_waits(sockstat: &[u8]) -> Option<u64> {
    count(sockstat, "TCP", "tw")
}

/// One number of one line: `TCP: inuse 12 orphan 0 tw 3`.
fn count(sockstat: &[u8], kind: &str, name: &str) -> Option<u64> {
    let mut lines = sockstat.split(|byte| *byte == b'\n');
    let line = lines.find_map(|line| line.strip_prefix(kind.as_bytes())?.strip_prefix(b": "))?;
    let mut words = line.split(|byte| *byte == b' ');
    words.find(|word| *word == name.as_bytes())?;
    decimal(words.next()?)
}

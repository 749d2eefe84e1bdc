//! Reads the kernel's counters of opened connections and sockets in use (`/proc/net/snmp`,
//! `/proc/net/sockstat`, `/proc/net/sockstat6`).

use super::decimal;

/// Connections that TCP opened since boot, by this side and by others (RFC 4022, `ActiveOpens` and
/// `PassiveOpens`), from `/proc/net/snmp`: a line of names and a line of values, each after `Tcp:`.
pub fn tcp_opens(snmp: &[u8]) -> Option<(u64, u64)> {
    let mut lines = snmp.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"Tcp: "));
    let (names, values) = (lines.next()?, lines.next()?);
    let value_of = |wanted: &[u8]| {
        names
            .split(|byte| *byte == b' ')
            .zip(values.split(|byte| *byte == b' '))
            .find(|(name, _)| *name == wanted)
            .and_then(|(_, value)| decimal(value))
    };
    Some((value_of(b"ActiveOpens")?, value_of(b"PassiveOpens")?))
}

/// Sockets of a kind (`TCP`, `UDP6`, …) in use, from `/proc/net/sockstat` or `sockstat6`.
pub fn in_use(sockstat: &[u8], kind: &str) -> Option<u64> {
    let line = sockstat
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(kind.as_bytes())?.strip_prefix(b": inuse "))?;
    decimal(line.split(|byte| *byte == b' ').next()?)
}

//! Readers of the kernel's bytes and texts: from a slice to values, bounds-checked, without input or
//! output. They build on every system, so they are tested, and fuzzed, everywhere.

pub mod counters;
pub mod inet_diag;
pub mod kernel;
pub mod netlink;
pub mod packet_diag;
pub mod proc_connector;
pub mod proc_net;
pub mod process;

/// A number of four bytes in this machine's order, or `None` past the end.
fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(offset..)?.first_chunk()?))
}

/// A number of eight bytes in this machine's order, or `None` past the end.
fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(*bytes.get(offset..)?.first_chunk()?))
}

/// A number of two bytes in this machine's order, or `None` past the end.
fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(*bytes.get(offset..)?.first_chunk()?))
}

/// A number in decimal digits and nothing else.
pub(crate) fn decimal(bytes: &[u8]) -> Option<u64> {
    if bytes.is_empty() {
        return None;
    }
    bytes.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests;

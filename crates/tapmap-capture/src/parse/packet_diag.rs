//! Reads one record of a `sock_diag` dump of packet sockets (`linux/packet_diag.h`): how many packets a
//! socket lost because its queue was full.

use super::{inet_diag::attributes, u32_at};

/// Bytes of `struct packet_diag_msg`; the attributes follow.
const MESSAGE: usize = 16;
/// `PACKET_DIAG_MEMINFO`.
const MEMORY: u16 = 6;
/// Where `SK_MEMINFO_DROPS` stands among the numbers of four bytes in it (`linux/sock_diag.h`).
const DROPS: usize = 8;

/// The number of packets lost so far (modulo 2³²) by the socket with this inode number; `None` when the
/// record is another's or does not say.
pub fn drops(body: &[u8], inode: u64) -> Option<u32> {
    if u64::from(u32_at(body, 4)?) != inode {
        return None;
    }
    let memory = attributes(body.get(MESSAGE..)?).find(|(kind, _)| *kind == MEMORY)?.1;
    u32_at(memory, DROPS * 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(inode: u32, numbers: u32) -> Vec<u8> {
        let numbers: Vec<u8> = (0..numbers).flat_map(|number| (100 + number).to_ne_bytes()).collect();
        let length = u16::try_from(4 + numbers.len()).unwrap().to_ne_bytes();
        let head = [&[17, 2, 0, 0][..], &inode.to_ne_bytes(), &[0; 8]].concat();
        [&head[..], &length, &MEMORY.to_ne_bytes(), &numbers].concat()
    }

    #[test]
    fn the_ninth_number_is_what_was_lost() {
        assert_eq!(drops(&record(7, 9), 7), Some(108));
        assert_eq!(drops(&record(7, 9), 8), None);
        assert_eq!(drops(&record(7, 8), 7), None);
        let whole = record(7, 9);
        assert!((0..whole.len()).all(|length| drops(&whole[..length], 7).is_none()));
    }
}

//! Reads what the kernel's process connector sends (`linux/netlink.h`, `linux/connector.h`,
//! `linux/cn_proc.h`): one event in each datagram. It tells threads from processes; what happened to
//! them is kept elsewhere.

use super::{u32_at, u64_at};

/// Bytes of `struct nlmsghdr`. Its type is `NLMSG_DONE` in every event, so it says nothing.
const NETLINK_HEADER: usize = 16;
/// Bytes of `struct cn_msg`.
const CONNECTOR_HEADER: usize = 20;
/// `CN_IDX_PROC` and `CN_VAL_PROC`.
const PROCESSES: u32 = 1;

/// `PROC_EVENT_FORK`, `PROC_EVENT_EXEC` and `PROC_EVENT_EXIT`, as bits; `PROC_EVENT_NONE` is zero.
pub const FORK: u32 = 1;
/// As [`FORK`].
pub const EXEC: u32 = 2;
/// As [`FORK`].
pub const EXIT: u32 = 0x8000_0000;

/// Something that happened to a process, or the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, in nanoseconds of the kernel's monotonic clock.
    pub at: u64,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The answer to a request: 0, or an error number.
    Answer(u32),
    /// A process made a copy of itself.
    Forked {
        /// The process that did.
        parent: u32,
        /// The copy.
        child: u32,
    },
    /// A process runs another program from now on.
    Executed(u32),
    /// A process ended.
    Exited(u32),
    /// A thread came or went, or something else that is not of interest here.
    Other,
}

/// Reads one datagram. `None` when it is cut short or not about processes.
pub fn event(datagram: &[u8]) -> Option<Event> {
    let length = usize::try_from(u32_at(datagram, 0)?).ok()?;
    let message = datagram.get(NETLINK_HEADER..length)?;
    if (u32_at(message, 0)?, u32_at(message, 4)?) != (PROCESSES, PROCESSES) {
        return None;
    }
    let event = message.get(CONNECTOR_HEADER..)?;
    let (kind, at) = (u32_at(event, 0)?, u64_at(event, 8)?);
    let number = |index: usize| u32_at(event, 16 + 4 * index);
    let what = match kind {
        0 => What::Answer(number(0)?),
        // Parent: thread and process; child: thread and process. A new thread belongs to its parent.
        FORK if number(2)? == number(3)? => What::Forked { parent: number(1)?, child: number(3)? },
        EXEC => What::Executed(number(1)?),
        EXIT if number(0)? == number(1)? => What::Exited(number(1)?),
        _ => What::Other,
    };
    Some(Event { at, what })
}

/// A request to hear of events: of all, or with `kinds` (kernel 6.6) of these alone. Older kernels ignore
/// a request with `kinds`.
pub fn listen(kinds: Option<u32>) -> Vec<u8> {
    /// `PROC_CN_MCAST_LISTEN`.
    const LISTEN: u32 = 1;
    let wish: Vec<u8> = [Some(LISTEN), kinds].into_iter().flatten().flat_map(u32::to_ne_bytes).collect();
    let length = NETLINK_HEADER + CONNECTOR_HEADER + wish.len();
    [
        &u32::try_from(length).unwrap_or(0).to_ne_bytes()[..],
        // `NLMSG_DONE`, as the connector wants it.
        &3_u16.to_ne_bytes(),
        &[0; 10],
        &PROCESSES.to_ne_bytes(),
        &PROCESSES.to_ne_bytes(),
        &[0; 8],
        &u16::try_from(wish.len()).unwrap_or(0).to_ne_bytes(),
        &[0; 2],
        &wish,
    ]
    .concat()
}

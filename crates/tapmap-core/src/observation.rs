//! What a source saw: the one type in.

use std::sync::Arc;

use crate::{Counters, Coverage, Gap, Heard, KernelCount, NameHeard, SocketId, SocketRow, Timestamp};

/// Something a source saw at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// When.
    pub at: Timestamp,
    /// What.
    pub sighting: Sighting,
}

/// What can be seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Sighting {
    /// All sockets this source can see: what is absent has closed.
    Table(SocketTable),
    /// One socket, new or changed; or ended, in the state [`crate::SocketState::Closed`].
    Socket(SocketRow),
    /// A socket ended.
    Closed {
        /// Which one.
        socket: SocketId,
        /// Its last counters, where the source tells.
        counters: Counters,
    },
    /// A UDP socket without a fixed peer sent to this remote endpoint, or goes on sending.
    Destination(SocketRow),
    /// Bytes that may hold names.
    Heard(Heard),
    /// A name.
    Named(NameHeard),
    /// How many connections there were according to the kernel.
    Kernel(KernelCount),
    /// What the source can see, first of all and when that changes.
    Coverage(Coverage),
    /// What is wrong with the source now, in a sentence for people; `None` when all is well again.
    Trouble(Option<Arc<str>>),
    /// Something was missed.
    Lost(Gap),
}

/// A whole table of sockets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SocketTable {
    /// The sockets, each id once, in no order.
    pub sockets: Vec<SocketRow>,
}

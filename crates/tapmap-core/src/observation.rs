//! What a source saw: the one type in.

use crate::{Counters, Gap, SocketId, SocketRow, Timestamp};

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
    /// Something was missed.
    Lost(Gap),
}

/// A whole table of sockets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SocketTable {
    /// The sockets, each id once, in no order.
    pub sockets: Vec<SocketRow>,
}

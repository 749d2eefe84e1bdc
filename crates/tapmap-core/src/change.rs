//! What changed: the one type out.

use std::sync::Arc;

use crate::{Counters, Flow, FlowId, Gap, Listener, Rates, SocketId, Timestamp};

/// One change of the live state.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A flow appeared.
    Opened(Arc<Flow>),
    /// Something of a flow changed other than its counters.
    Updated(Arc<Flow>),
    /// A flow's counters moved, and with them its rates.
    Counted(FlowId, Counters, Rates),
    /// A flow ended; the flow as last known.
    Closed(Arc<Flow>),
    /// A port opened, or its owner became known.
    ListenerOpened(Arc<Listener>),
    /// A port closed.
    ListenerClosed(SocketId),
    /// Something was missed.
    Lost(Gap),
}

/// What one observation changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Counts the batches that held something, from 1.
    pub seq: u64,
    /// When it was observed.
    pub at: Timestamp,
    /// The changes, in order.
    pub items: Vec<Change>,
}

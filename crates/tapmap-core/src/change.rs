//! What changed: the one type out.

use std::{collections::HashSet, sync::Arc};

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

impl Changes {
    /// The flows among those that closed which did not end: they turned out to be the other end of one
    /// that goes on, within this computer.
    pub fn merged(&self) -> HashSet<FlowId> {
        let (mut acceptors, mut merged) = (HashSet::new(), HashSet::new());
        // The one that goes on is told after the one that did not.
        for change in self.items.iter().rev() {
            match change {
                Change::Opened(flow) | Change::Updated(flow) => {
                    acceptors.extend(flow.peer.as_ref().map(|peer| peer.socket));
                }
                Change::Closed(flow) if flow.peer.is_none() && acceptors.contains(&flow.socket) => {
                    merged.insert(flow.id);
                }
                Change::Closed(_)
                | Change::Counted(..)
                | Change::ListenerOpened(_)
                | Change::ListenerClosed(_)
                | Change::Lost(_) => {}
            }
        }
        merged
    }
}

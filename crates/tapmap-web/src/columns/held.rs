//! A connection as the pages know it, and the row that tells it.

use std::sync::Arc;

use tapmap_core::{Counters, Flow, FlowId, Rates};

use crate::wire::{self, CounterRow, Row};

/// One flow and where its parts stand in the dictionaries.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) flow: Arc<Flow>,
    pub(super) counters: Counters,
    pub(super) rates: Rates,
    pub(super) owner: u32,
    pub(super) peer: Option<u32>,
    pub(super) remote: u32,
    pub(super) service: u32,
    pub(super) name: Option<u32>,
    /// The delta after its row that told its counters last, or would have if anybody had asked; 0 for none.
    pub(super) counted: u64,
}

impl Held {
    /// The row that tells it.
    pub(super) fn row(&self, id: FlowId) -> Row {
        let flow = &self.flow;
        let CounterRow(id, bytes_sent, bytes_received, rtt_ms, send_rate, receive_rate) =
            CounterRow::of(id, self.counters, self.rates);
        Row {
            id,
            owner: self.owner,
            peer: self.peer,
            remote: self.remote,
            service: self.service,
            protocol: flow.protocol.into(),
            direction: flow.direction.into(),
            state: flow.state.into(),
            local_address: flow.local.address().to_string(),
            local_port: flow.local.port(),
            remote_port: flow.remote.port(),
            bytes_sent,
            bytes_received,
            rtt_ms,
            first_seen: flow.span.first_seen.as_millis(),
            own: flow.is_own(),
            name: self.name,
            name_heard: flow.name.as_ref().map(|name| name.heard_at.as_millis()),
            possibly: wire::possibly(flow).map(|app| app.to_string()),
            network: wire::network(flow),
            send_rate,
            receive_rate,
        }
    }
}

/// Whether two states of one flow look the same but for counters and the last look.
pub(super) fn same_but_counters(old: &Arc<Flow>, new: &Arc<Flow>) -> bool {
    Arc::ptr_eq(old, new)
        || Flow { counters: new.counters, rates: new.rates, span: new.span, ..(**old).clone() } == **new
}

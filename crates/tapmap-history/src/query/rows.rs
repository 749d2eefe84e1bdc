//! From a row's numbers to a record.

use super::{millis, plan::RawRow};
use crate::{codes::Kind, dictionary::Lookup, error::damaged, fold};
use rusqlite::Result;
use std::sync::Arc;
use tapmap_core::{
    Direction, Ending, Endpoint, FlowRecord, Namespace, OwnerRecord, RecordId, Span, Timestamp,
};

/// Makes records of rows.
pub(crate) struct RowReader<'a> {
    lookup: Lookup<'a>,
    /// Until when open flows were seen.
    alive_at: Timestamp,
}

/// What flows of one folded row do not have in common.
#[derive(Clone, Copy, Debug)]
struct Own {
    id: i64,
    lasted: i64,
    other_port: u16,
    sent: Option<i64>,
    received: Option<i64>,
}

impl<'a> RowReader<'a> {
    pub(crate) fn new(lookup: Lookup<'a>, alive_at: Timestamp) -> Self {
        Self { lookup, alive_at }
    }

    /// The record of a single flow.
    pub(crate) fn single(&mut self, row: &RawRow) -> Result<FlowRecord> {
        let RawRow { id, lasted, other_port, sent, received, .. } = *row;
        let owner = self.lookup.owner(row.owner)?;
        self.record(row, Own { id, lasted, other_port, sent, received }, owner)
    }

    /// The records of the flows in a folded row.
    pub(crate) fn members(&mut self, row: &RawRow) -> Result<Vec<FlowRecord>> {
        let hour = millis(row.id).div_euclid(3_600_000) * 3_600_000;
        let bytes = row.members.as_deref().unwrap_or_default();
        let members = fold::unfold(bytes, hour).ok_or_else(|| damaged("a folded row"))?;
        if i64::try_from(members.len()) != Ok(row.lasted) {
            return Err(damaged("a folded row"));
        }
        let mut records = Vec::with_capacity(members.len());
        for member in members {
            let owner = self.lookup.owner(member.owner)?;
            let own = Own {
                id: member.id,
                lasted: member.lasted,
                other_port: member.other_port,
                sent: member.sent,
                received: member.received,
            };
            records.push(self.record(row, own, owner)?);
        }
        Ok(records)
    }

    fn record(&mut self, row: &RawRow, own: Own, owner: Arc<OwnerRecord>) -> Result<FlowRecord> {
        let kind = Kind::of_code(row.kind).ok_or_else(|| damaged("a flow"))?;
        let lookup = &mut self.lookup;
        let (local_port, remote_port) = match kind.direction {
            Direction::Outbound => (own.other_port, row.port),
            Direction::Inbound => (row.port, own.other_port),
        };
        let first_seen = Timestamp::from_millis(millis(own.id));
        let written = Timestamp::from_millis(first_seen.as_millis().saturating_add(own.lasted));
        let ending = match (row.open, kind.end_seen) {
            (true, _) => Ending::Open,
            (false, true) => Ending::Seen,
            (false, false) => Ending::Unseen,
        };
        let last_seen = if row.open { written.max(self.alive_at) } else { written };
        Ok(FlowRecord {
            id: RecordId(own.id),
            owner,
            ownership: kind.ownership,
            possibly: row.possibly.map(|word| lookup.word(word)).transpose()?,
            protocol: kind.protocol,
            direction: kind.direction,
            local: Endpoint::new(lookup.local(row.local)?, local_port),
            remote_port,
            remote: lookup.remote(row.remote)?,
            name: lookup.name(row.name)?,
            state: kind.state,
            ending,
            span: Span { first_seen, last_seen },
            sent: own.sent.map(i64::cast_unsigned),
            received: own.received.map(i64::cast_unsigned),
            evidence: kind.evidence,
            namespace: Namespace(row.namespace),
        })
    }
}

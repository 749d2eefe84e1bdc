//! The lines of a recording as types of their own, and their way from and to the core's types.
//! The file's shape is kept here on purpose: the core may rename its fields without breaking a file.

use std::{borrow::Cow, net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use tapmap_core::{
    Attribution, Counters, Endpoint, Evidence, Gap, GapReason, KernelCount, Namespace, Protocol, SocketId,
    SocketRow, SocketState, Timestamp, UnknownOwner,
};

use super::{
    coverage::{CoverageEntry, TroubleEntry},
    names::{HeardEntry, NamedEntry},
    owners::{OwnerEntry, owner},
};

/// One observation.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub at: i64,
    #[serde(default, skip_serializing_if = "is_false")]
    pub restart: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<OwnerEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableDelta>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<Row>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Row>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<HeardEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<NamedEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<KernelEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<TroubleEntry>,
}

/// How a table differs from the one before.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableDelta {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Row>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub count: Vec<Count>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<u64>,
}

pub(super) type Word = Cow<'static, str>;

/// Id, protocol, local, remote, state, owner's number, bytes sent, bytes received, round trip in
/// microseconds, namespace, evidence. Version 1 lacks the last two.
#[derive(Serialize, Deserialize)]
pub(super) struct Row(
    u64,
    Word,
    String,
    Option<String>,
    Word,
    u32,
    Option<u64>,
    Option<u64>,
    Option<u64>,
    #[serde(default)] u32,
    #[serde(default = "from_the_list")] Word,
);

fn from_the_list() -> Word {
    Evidence::List.word().into()
}

/// Id, bytes sent, bytes received, round trip in microseconds.
#[derive(Serialize, Deserialize)]
pub(super) struct Count(pub u64, Option<u64>, Option<u64>, Option<u64>);

/// What the kernel counted: connections begun here, taken here, and established now.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct KernelEntry(u64, u64, u64);

/// A gap.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LostEntry {
    from: i64,
    until: i64,
    reason: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands over a reference")]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

const PROTOCOLS: [Protocol; 2] = [Protocol::Tcp, Protocol::Udp];

pub(crate) const STATES: [SocketState; 12] = [
    SocketState::Listen,
    SocketState::SynSent,
    SocketState::SynReceived,
    SocketState::Established,
    SocketState::FinWait1,
    SocketState::FinWait2,
    SocketState::CloseWait,
    SocketState::Closing,
    SocketState::LastAck,
    SocketState::TimeWait,
    SocketState::Closed,
    SocketState::Datagram,
];

pub(crate) const REASONS: [UnknownOwner; 6] = [
    UnknownOwner::NotPermitted,
    UnknownOwner::Exited,
    UnknownOwner::Kernel,
    UnknownOwner::NotFound,
    UnknownOwner::Pending,
    UnknownOwner::NotSupported,
];

pub(crate) const GAP_REASONS: [GapReason; 3] =
    [GapReason::SourceFailed, GapReason::Overrun, GapReason::Asleep];

/// The value whose word this is.
pub(crate) fn by_word<T: Copy>(
    values: &[T],
    word_of: impl Fn(T) -> &'static str,
    word: &str,
) -> Result<T, String> {
    values
        .iter()
        .copied()
        .find(|value| word_of(*value) == word)
        .ok_or_else(|| format!("the word {word:?} is not known here"))
}

/// Whether two rows of a socket agree in everything but their counters.
pub(crate) fn same_but_counters(old: &SocketRow, new: &SocketRow) -> bool {
    let SocketRow { id, protocol, local, remote, state, owner, counters: _, namespace, evidence } = old;
    *id == new.id
        && *protocol == new.protocol
        && *local == new.local
        && *remote == new.remote
        && *state == new.state
        && *owner == new.owner
        && *namespace == new.namespace
        && *evidence == new.evidence
}

impl Row {
    /// The row for the file; `owner` is the number of its owner.
    pub(super) fn of(row: &SocketRow, owner: u32) -> Self {
        let Count(id, sent, received, round_trip) = Count::of(row.id, row.counters);
        Self(
            id,
            row.protocol.word().into(),
            row.local.to_string(),
            row.remote.map(|remote| remote.to_string()),
            row.state.word().into(),
            owner,
            sent,
            received,
            round_trip,
            row.namespace.0,
            row.evidence.word().into(),
        )
    }

    /// The row in the core's type, with its owner looked up among those known.
    pub(super) fn read(self, owners: &[Attribution]) -> Result<SocketRow, String> {
        let Self(id, protocol, local, remote, state, number, sent, received, round_trip, namespace, evidence) =
            self;
        Ok(SocketRow {
            id: SocketId(id),
            protocol: by_word(&PROTOCOLS, Protocol::word, &protocol)?,
            local: endpoint(&local)?,
            remote: remote.as_deref().map(endpoint).transpose()?,
            state: by_word(&STATES, SocketState::word, &state)?,
            owner: owner(number, owners)?.clone(),
            counters: Count(id, sent, received, round_trip).counters(),
            namespace: Namespace(namespace),
            evidence: by_word(&Evidence::ALL, Evidence::word, &evidence)?,
        })
    }
}

pub(super) fn endpoint(text: &str) -> Result<Endpoint, String> {
    text.parse::<SocketAddr>()
        .map(Endpoint::from)
        .map_err(|_| format!("{text:?} is not an address and a port"))
}

impl Count {
    pub(super) fn of(id: SocketId, counters: Counters) -> Self {
        let round_trip = counters.round_trip.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        Self(id.0, counters.bytes_sent, counters.bytes_received, round_trip)
    }

    pub(super) fn id(&self) -> SocketId {
        SocketId(self.0)
    }

    pub(super) fn counters(&self) -> Counters {
        Counters { bytes_sent: self.1, bytes_received: self.2, round_trip: self.3.map(Duration::from_micros) }
    }
}

impl KernelEntry {
    pub(super) fn of(count: KernelCount) -> Self {
        Self(count.active_opens, count.passive_opens, count.established)
    }

    pub(super) fn read(self) -> KernelCount {
        KernelCount { active_opens: self.0, passive_opens: self.1, established: self.2 }
    }
}

impl LostEntry {
    pub(super) fn of(gap: &Gap) -> Self {
        Self {
            from: gap.from.as_millis(),
            until: gap.until.as_millis(),
            reason: gap.reason.word().into(),
            lost: gap.lost,
        }
    }

    pub(super) fn read(self) -> Result<Gap, String> {
        Ok(Gap {
            from: Timestamp::from_millis(self.from),
            until: Timestamp::from_millis(self.until),
            reason: by_word(&GAP_REASONS, GapReason::word, &self.reason)?,
            lost: self.lost,
        })
    }
}

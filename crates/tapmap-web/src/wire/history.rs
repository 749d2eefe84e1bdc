//! What is remembered, as objects: flows as they were known then, timelines, and the history itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    moment::rfc3339,
    values::ServiceName,
    words::{
        Attribution, Direction, Evidence, NameSource, PlaceSource, Precision, Protocol, Role, Scope, SeenBy,
        State,
    },
};

/// A connection as it was recorded: what was known of it then. Every key is always there; `null` means
/// not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecordedFlow {
    /// Identifies the record, and says where a page ends.
    pub id: String,
    /// Transport.
    pub protocol: Protocol,
    /// Who opened it.
    pub direction: Direction,
    /// State of the socket when it was last seen.
    pub state: State,
    /// Whether it is open, its end was seen, or it ended unseen.
    pub ending: Ending,
    /// When it was first observed.
    #[schema(format = DateTime)]
    pub first_seen: String,
    /// When it was last observed.
    #[schema(format = DateTime)]
    pub last_seen: String,
    /// How long it was observed, in milliseconds.
    pub duration_ms: u64,
    /// Near address.
    pub local_address: String,
    /// Near port.
    pub local_port: u16,
    /// Far address.
    pub remote_address: String,
    /// Far port.
    pub remote_port: u16,
    /// What the service port is registered for.
    pub service: Option<String>,
    /// Which part of the address space the far address lies in.
    pub scope: Scope,
    /// The app, as a person would call it.
    #[schema(value_type = Option<String>)]
    pub app: Option<Arc<str>>,
    /// What its name was taken from.
    pub evidence: Option<Evidence>,
    /// Process id.
    pub pid: Option<u32>,
    /// Path of the program file.
    #[schema(value_type = Option<String>)]
    pub executable: Option<Arc<str>>,
    /// The user it ran as.
    #[schema(value_type = Option<String>)]
    pub user: Option<Arc<str>>,
    /// How the owner was found, or why it was not identified.
    pub attribution: Attribution,
    /// The app that may have owned it, guessed; never set when the owner is known.
    #[schema(value_type = Option<String>)]
    pub possibly: Option<Arc<str>>,
    /// The names that led there and fit equally well; empty when none was heard.
    #[schema(value_type = Vec<String>)]
    pub names: Vec<Arc<str>>,
    /// How they were known.
    pub name_source: Option<NameSource>,
    /// Country of the far address, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// City of the far address, in English.
    #[schema(value_type = Option<String>)]
    pub city: Option<Arc<str>>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// How far the true place may be from the point, in kilometres.
    pub accuracy_km: Option<u32>,
    /// How finely the place was known.
    pub precision: Option<Precision>,
    /// Which data named it.
    pub place_source: Option<PlaceSource>,
    /// Autonomous system number.
    pub asn: Option<u32>,
    /// The operator as people know it.
    #[schema(value_type = Option<String>)]
    pub operator: Option<Arc<str>>,
    /// The organisation, as the data named it.
    #[schema(value_type = Option<String>)]
    pub organisation: Option<Arc<str>>,
    /// What it was for.
    pub role: Option<Role>,
    /// Whether the far address was served from many places.
    pub anycast: bool,
    /// Payload bytes sent and acknowledged.
    pub bytes_sent: Option<u64>,
    /// Payload bytes received.
    pub bytes_received: Option<u64>,
    /// By which ways it was seen.
    pub seen_by: Vec<SeenBy>,
    /// The network it belonged to; `null` for the recorder's own.
    pub network: Option<u32>,
}

/// Whether and how a recorded connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It goes on.
    Open,
    /// Its end was seen.
    Seen,
    /// It ended, and when is not known: the recorder stopped or missed it.
    Unseen,
}

impl From<tapmap_core::Ending> for Ending {
    fn from(ending: tapmap_core::Ending) -> Self {
        match ending {
            tapmap_core::Ending::Open => Self::Open,
            tapmap_core::Ending::Seen => Self::Seen,
            tapmap_core::Ending::Unseen => Self::Unseen,
        }
    }
}

impl RecordedFlow {
    /// A record as it is told to others.
    pub fn of(record: &tapmap_core::FlowRecord, service: ServiceName) -> Self {
        let (owner, remote) = (&record.owner, &record.remote);
        let place = remote.place.as_ref();
        let point = place.and_then(|place| place.coordinates);
        let system = remote.system.as_ref();
        let span = record.span;
        let duration = span.last_seen.since(span.first_seen).as_millis();
        Self {
            id: record.id.0.to_string(),
            protocol: record.protocol.into(),
            direction: record.direction.into(),
            state: record.state.into(),
            ending: record.ending.into(),
            first_seen: rfc3339(span.first_seen),
            last_seen: rfc3339(span.last_seen),
            duration_ms: u64::try_from(duration).unwrap_or(u64::MAX),
            local_address: record.local.address().to_string(),
            local_port: record.local.port(),
            remote_address: remote.address.to_string(),
            remote_port: record.remote_port,
            service: service(record.protocol, record.service_port()).map(str::to_owned),
            scope: remote.scope.into(),
            app: record.app().cloned(),
            evidence: owner.app.as_ref().map(|app| app.evidence.into()),
            pid: owner.pid,
            executable: owner.executable.clone(),
            user: owner.user.clone(),
            attribution: record.ownership.into(),
            possibly: record.possibly.clone(),
            names: record.name.as_ref().map(|name| name.candidates.clone()).unwrap_or_default(),
            name_source: record.name.as_ref().map(|name| name.source.into()),
            country: place.and_then(|place| place.country).map(|country| country.code().to_owned()),
            city: place.and_then(|place| place.city.clone()),
            latitude: point.map(|point| point.latitude),
            longitude: point.map(|point| point.longitude),
            accuracy_km: place.map(|place| place.accuracy_km),
            precision: place.map(|place| place.precision.into()),
            place_source: place.map(|place| place.source.into()),
            asn: system.map(|system| system.asn.0),
            operator: system.map(|system| Arc::clone(&system.operator)),
            organisation: system.map(|system| Arc::clone(&system.organisation)),
            role: remote.role.map(Into::into),
            anycast: remote.anycast,
            bytes_sent: record.sent,
            bytes_received: record.received,
            seen_by: record.evidence.iter().map(Into::into).collect(),
            network: (record.namespace != tapmap_core::Namespace::OWN).then_some(record.namespace.0),
        }
    }
}

/// A page of recorded connections.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecordedFlows {
    /// The connections, the latest beginning first.
    pub items: Vec<RecordedFlow>,
    /// What to give as `before` for the next page; `null` when this is the last.
    pub next: Option<String>,
}

/// What began and went through in one slot of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimelineSlot {
    /// When it begins.
    #[schema(format = DateTime)]
    pub from: String,
    /// Connections that began in it.
    pub flows: u64,
    /// Payload bytes sent that were counted in it.
    pub bytes_sent: u64,
    /// Payload bytes received that were counted in it.
    pub bytes_received: u64,
}

/// A stretch of time that was not observed, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnobservedTime {
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when.
    #[schema(format = DateTime)]
    pub until: String,
    /// Why.
    pub why: WhyUnobserved,
    /// How many observations were lost, where that is known.
    pub lost: Option<u64>,
}

/// Why a stretch of time was not observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyUnobserved {
    /// The source failed and was tried again.
    SourceFailed,
    /// A queue was full.
    Overrun,
    /// The machine slept, or the program was not scheduled.
    Asleep,
    /// No recorder ran.
    NotRunning,
    /// It was seen but could not be kept.
    NotKept,
    /// The clock was set.
    ClockSet,
}

impl From<tapmap_core::WhyUnobserved> for WhyUnobserved {
    fn from(why: tapmap_core::WhyUnobserved) -> Self {
        use tapmap_core::{GapReason, WhyUnobserved as Core};
        match why {
            Core::Recorder(GapReason::SourceFailed) => Self::SourceFailed,
            Core::Recorder(GapReason::Overrun) => Self::Overrun,
            Core::Recorder(GapReason::Asleep) => Self::Asleep,
            Core::NotRunning => Self::NotRunning,
            Core::NotKept => Self::NotKept,
            Core::ClockSet => Self::ClockSet,
        }
    }
}

impl From<&tapmap_core::Unobserved> for UnobservedTime {
    fn from(gap: &tapmap_core::Unobserved) -> Self {
        Self { from: rfc3339(gap.from), until: rfc3339(gap.until), why: gap.why.into(), lost: gap.lost }
    }
}

/// How much began and went through, slot by slot.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Timeline {
    /// Every slot, in order, also an empty one.
    pub items: Vec<TimelineSlot>,
    /// What was not observed in that time: there an empty slot says nothing.
    pub unobserved: Vec<UnobservedTime>,
}

impl Timeline {
    /// A timeline and what was not observed.
    pub fn of(slots: &[tapmap_core::Slot], unobserved: &[tapmap_core::Unobserved]) -> Self {
        let slot = |slot: &tapmap_core::Slot| TimelineSlot {
            from: rfc3339(slot.from),
            flows: slot.flows,
            bytes_sent: slot.sent,
            bytes_received: slot.received,
        };
        Self {
            items: slots.iter().map(slot).collect(),
            unobserved: unobserved.iter().map(Into::into).collect(),
        }
    }
}

/// The history in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryStats {
    /// Connections.
    pub flows: u64,
    /// Of those, how many lie folded in rows of an hour.
    pub folded: u64,
    /// Rows that hold connections.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Of those, how many are free to be used again.
    pub free_bytes: u64,
    /// When the first connection began.
    #[schema(format = DateTime)]
    pub oldest: Option<String>,
    /// When the last one began.
    #[schema(format = DateTime)]
    pub newest: Option<String>,
    /// How often a recorder began.
    pub sessions: u64,
    /// Days that were imported from another program.
    pub imported_days: u64,
    /// What is hidden and waits to be erased.
    pub forgetting: Vec<Forgetting>,
}

impl HistoryStats {
    /// The numbers, and what waits to be erased.
    pub fn of(stats: &tapmap_core::HistoryStats, forgetting: &[tapmap_core::Forgetting]) -> Self {
        Self {
            flows: stats.flows,
            folded: stats.folded,
            rows: stats.rows,
            bytes: stats.bytes,
            free_bytes: stats.free_bytes,
            oldest: stats.oldest.map(rfc3339),
            newest: stats.newest.map(rfc3339),
            sessions: stats.sessions,
            imported_days: stats.imported_days,
            forgetting: forgetting.iter().map(Into::into).collect(),
        }
    }
}

/// Something that is hidden already, will be erased, and can be taken back until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Forgetting {
    /// Which one, for taking it back.
    pub id: String,
    /// The app whose history is erased; `null` when it is that of every app.
    #[schema(value_type = Option<String>)]
    pub app: Option<Arc<str>>,
    /// Days from 1970-01-01 to the first day that is kept; `null` when days do not matter.
    pub before_day: Option<i32>,
    /// When it is erased.
    #[schema(format = DateTime)]
    pub due_at: String,
}

impl From<&tapmap_core::Forgetting> for Forgetting {
    fn from(forgetting: &tapmap_core::Forgetting) -> Self {
        let (app, before_day) = match &forgetting.what {
            tapmap_core::Forget::App(app) => (Some(Arc::clone(app)), None),
            tapmap_core::Forget::Before(day) => (None, Some(day.0)),
            tapmap_core::Forget::All => (None, None),
        };
        Self { id: forgetting.id.to_string(), app, before_day, due_at: rfc3339(forgetting.due_at) }
    }
}

/// What is to be forgotten: exactly one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forget {
    /// Everything on days before this date, as in `2026-11-25`.
    #[serde(default)]
    pub before: Option<String>,
    /// Everything of the app of this name.
    #[serde(default)]
    pub app: Option<String>,
    /// Everything.
    #[serde(default)]
    pub all: Option<bool>,
}

/// What is wrong with the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Findings {
    /// In sentences; empty when all is sound.
    pub findings: Vec<String>,
}

/// Days on which another program saw values of one facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DaysToImport {
    /// `app`, `operator`, `country`, `port` or `name`.
    pub facet: String,
    /// Each value with its days, counted from 1970-01-01.
    pub values: Vec<DaysOfValue>,
}

/// The days of one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DaysOfValue {
    /// The value.
    pub value: String,
    /// The days.
    pub days: Vec<i32>,
}

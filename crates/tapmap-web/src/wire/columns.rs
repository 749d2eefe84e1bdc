//! The page's view of the same facts: columns and dictionaries for everything that is open, rows for
//! what changed. Index `n` in a column is entry `n` of a dictionary.

use std::sync::Arc;

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema, Type, schema::SchemaType},
};

use super::{
    ends::{Owner, Remote, ServiceEntry},
    flow::Listener,
    moment::milliseconds,
    place::OwnPlace,
    status::Gap,
    words::{Direction, Protocol, State},
};

/// The dictionaries, whole.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Dictionaries {
    /// Who is at the ends.
    #[schema(value_type = Vec<Owner>)]
    pub owners: Vec<Arc<Owner>>,
    /// Far addresses.
    #[schema(value_type = Vec<Remote>)]
    pub remotes: Vec<Arc<Remote>>,
    /// Service ports.
    #[schema(value_type = Vec<ServiceEntry>)]
    pub services: Vec<Arc<ServiceEntry>>,
}

/// Dictionary entries that are new, each with its index. Entries never change within an epoch.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct DictionaryAdditions {
    /// Who is at the ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<(u32, Owner)>)]
    pub owners: Vec<(u32, Arc<Owner>)>,
    /// Far addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<(u32, Remote)>)]
    pub remotes: Vec<(u32, Arc<Remote>)>,
    /// Service ports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<(u32, ServiceEntry)>)]
    pub services: Vec<(u32, Arc<ServiceEntry>)>,
}

impl DictionaryAdditions {
    /// Whether there is nothing new.
    pub(crate) fn is_empty(&self) -> bool {
        self.owners.is_empty() && self.remotes.is_empty() && self.services.is_empty()
    }
}

/// The connections by column; entry `n` of every column belongs to the same connection.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Columns {
    /// Identity within the epoch; 64 bits, hence text.
    pub id: Vec<String>,
    /// Index into `owners`.
    pub owner: Vec<u32>,
    /// Index into `owners`, when the other end is on this computer too.
    pub peer: Vec<Option<u32>>,
    /// Index into `remotes`.
    pub remote: Vec<u32>,
    /// Index into `services`.
    pub service: Vec<u32>,
    /// Transport.
    pub protocol: Vec<Protocol>,
    /// Who opened it.
    pub direction: Vec<Direction>,
    /// State of the socket.
    pub state: Vec<State>,
    /// Near address.
    pub local_address: Vec<String>,
    /// Near port.
    pub local_port: Vec<u16>,
    /// Far port.
    pub remote_port: Vec<u16>,
    /// Payload bytes sent and acknowledged.
    pub bytes_sent: Vec<Option<u64>>,
    /// Payload bytes received.
    pub bytes_received: Vec<Option<u64>>,
    /// Smoothed round-trip time in milliseconds.
    pub rtt_ms: Vec<Option<f64>>,
    /// When it was first observed, in milliseconds since 1970 UTC.
    pub first_seen: Vec<i64>,
    /// Whether one of its ends is this program itself.
    pub own: Vec<bool>,
}

impl Columns {
    /// Appends one connection.
    pub(crate) fn push(&mut self, row: Row) {
        self.id.push(row.0);
        self.owner.push(row.1);
        self.peer.push(row.2);
        self.remote.push(row.3);
        self.service.push(row.4);
        self.protocol.push(row.5);
        self.direction.push(row.6);
        self.state.push(row.7);
        self.local_address.push(row.8);
        self.local_port.push(row.9);
        self.remote_port.push(row.10);
        self.bytes_sent.push(row.11);
        self.bytes_received.push(row.12);
        self.rtt_ms.push(row.13);
        self.first_seen.push(row.14);
        self.own.push(row.15);
    }
}

/// One connection as a tuple, in the order of [`Columns`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row(
    pub String,
    pub u32,
    pub Option<u32>,
    pub u32,
    pub u32,
    pub Protocol,
    pub Direction,
    pub State,
    pub String,
    pub u16,
    pub u16,
    pub Option<u64>,
    pub Option<u64>,
    pub Option<f64>,
    pub i64,
    pub bool,
);

impl ToSchema for Row {}

impl PartialSchema for Row {
    fn schema() -> RefOr<Schema> {
        let word = |name: &str| {
            Schema::OneOf(utoipa::openapi::OneOfBuilder::new().item(Ref::from_schema_name(name)).build())
        };
        ArrayBuilder::new()
            .description(Some("One connection as a tuple, in the order of the columns."))
            .prefix_items([
                plain(Type::String),
                plain(Type::Integer),
                nullable(Type::Integer),
                plain(Type::Integer),
                plain(Type::Integer),
                word("Protocol"),
                word("Direction"),
                word("State"),
                plain(Type::String),
                plain(Type::Integer),
                plain(Type::Integer),
                nullable(Type::Integer),
                nullable(Type::Integer),
                nullable(Type::Number),
                plain(Type::Integer),
                plain(Type::Boolean),
            ])
            .items(utoipa::openapi::schema::ArrayItems::False)
            .build()
            .into()
    }
}

fn plain(of: Type) -> Schema {
    ObjectBuilder::new().schema_type(of).build().into()
}

fn nullable(of: Type) -> Schema {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([of, Type::Null])).build().into()
}

/// The counters of one connection: id, bytes sent, bytes received, round-trip time in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CounterRow(pub String, pub Option<u64>, pub Option<u64>, pub Option<f64>);

impl CounterRow {
    /// The counters of a flow.
    pub(crate) fn of(id: tapmap_core::FlowId, counters: tapmap_core::Counters) -> Self {
        Self(
            id.0.to_string(),
            counters.bytes_sent,
            counters.bytes_received,
            counters.round_trip.map(milliseconds),
        )
    }
}

impl ToSchema for CounterRow {}

impl PartialSchema for CounterRow {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .description(Some("Id, bytes sent, bytes received, round-trip time in milliseconds."))
            .prefix_items([
                plain(Type::String),
                nullable(Type::Integer),
                nullable(Type::Integer),
                nullable(Type::Number),
            ])
            .items(utoipa::openapi::schema::ArrayItems::False)
            .build()
            .into()
    }
}

/// An open port with its identity.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LiveListener {
    /// The open port.
    #[serde(flatten)]
    pub listener: Listener,
    /// Identity within one boot of this computer; 64 bits, hence text.
    pub id: String,
    /// Whether it is this program itself.
    pub own: bool,
}

impl From<&tapmap_core::Listener> for LiveListener {
    fn from(listener: &tapmap_core::Listener) -> Self {
        Self { listener: listener.into(), id: listener.id.0.to_string(), own: listener.attribution.is_own() }
    }
}

/// Everything that is open at one point of the stream.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Snapshot {
    /// The epoch in which the ids and indices mean something, in hexadecimal.
    pub epoch: String,
    /// The last delta it contains: continue with `/stream?after=<epoch>-<seq>`.
    pub seq: u64,
    /// When it was observed; before the first look, when the recorder started.
    #[schema(format = DateTime)]
    pub at: String,
    /// Where this computer is taken to be.
    pub own_place: Option<OwnPlace>,
    /// What the indices stand for.
    pub dict: Dictionaries,
    /// The connections.
    pub flows: Columns,
    /// The open ports.
    pub listeners: Vec<LiveListener>,
}

/// First event of a stream, `event: hello`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Hello {
    /// Version of the stream's form.
    pub schema: u32,
    /// The epoch.
    pub epoch: String,
    /// The deltas that follow come after this one.
    pub seq: u64,
}

/// `event: resync`: the client's view can not be continued, and the stream ends. Take a new snapshot.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Resync {}

/// What changed, `event: d`. What is empty is left out. Apply in the order of the keys.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delta {
    /// Its number: one more than the last with `counters=true`; without, those that hold only
    /// counters are left out.
    pub s: u64,
    /// When it was observed, in milliseconds since 1970 UTC.
    pub at: i64,
    /// New dictionary entries.
    #[serde(skip_serializing_if = "DictionaryAdditions::is_empty")]
    pub dict: DictionaryAdditions,
    /// Connections that opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Row>,
    /// Connections of which something other than the counters changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upd: Vec<Row>,
    /// Connections that ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub del: Vec<String>,
    /// Counters that moved; only when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cnt: Vec<CounterRow>,
    /// Ports that opened, or whose owner became known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ladd: Vec<LiveListener>,
    /// Ports that closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ldel: Vec<String>,
    /// Stretches in which something was missed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gap: Vec<Gap>,
    /// Where this computer is taken to be, when that changed; `null` when it is no longer known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OwnPlace>)]
    pub own_place: Option<Option<OwnPlace>>,
}

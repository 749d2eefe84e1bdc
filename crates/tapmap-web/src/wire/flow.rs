//! One connection and one open port as objects, for other programs and for the command line.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Ref, RefOr, Schema, schema::AnyOfBuilder},
};

use super::history::RecordedFlows;
use super::{
    ends::{Owner, Remote},
    folded::Folded,
    moment::{milliseconds, rfc3339},
    words::{Attribution, Direction, MatchQuality, NameSource, Protocol, Role, Scope, SeenBy, State},
};

/// One connection. Every key is always there, in this order; `null` means not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Flow {
    /// Transport.
    pub protocol: Protocol,
    /// Who opened it.
    pub direction: Direction,
    /// State of the socket.
    pub state: State,
    /// Near address.
    pub local_address: String,
    /// Near port.
    pub local_port: u16,
    /// Far address.
    pub remote_address: String,
    /// Far port.
    pub remote_port: u16,
    /// Which part of the address space the far address lies in.
    pub scope: Scope,
    /// The app, as a person would call it.
    #[schema(value_type = Option<String>)]
    pub app: Option<Arc<str>>,
    /// Process id.
    pub pid: Option<u32>,
    /// Path of the program file.
    #[schema(value_type = Option<String>)]
    pub executable: Option<Arc<str>>,
    /// How the owner was found, or why it is not identified.
    pub attribution: Attribution,
    /// The app at the other end, when that is on this computer too.
    #[schema(value_type = Option<String>)]
    pub peer_app: Option<Arc<str>>,
    /// Process id at the other end, when that is on this computer too.
    pub peer_pid: Option<u32>,
    /// Registered name of the service port.
    pub service: Option<String>,
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
    /// Autonomous system number.
    pub asn: Option<u32>,
    /// The operator as people know it.
    #[schema(value_type = Option<String>)]
    pub operator: Option<Arc<str>>,
    /// What the connection is for.
    pub role: Option<Role>,
    /// The rule that said so.
    pub role_rule: Option<String>,
    /// Whether the far address is served from many places.
    pub anycast: bool,
    /// Payload bytes sent and acknowledged; `null` where they are not visible, for which the lines
    /// `tcp_counters` and `udp_counters` of the coverage say the reason.
    pub bytes_sent: Option<u64>,
    /// Payload bytes received; `null` as above.
    pub bytes_received: Option<u64>,
    /// Smoothed round-trip time in milliseconds.
    pub rtt_ms: Option<f64>,
    /// When it was first observed.
    #[schema(format = DateTime)]
    pub first_seen: String,
    /// How the owner was found; `null` when it is not identified, or one of several.
    pub match_quality: Option<MatchQuality>,
    /// The app that may have owned it, guessed from what went on beside it. Only where the owner is
    /// not identified, and never counted as one.
    #[schema(value_type = Option<String>)]
    pub possibly: Option<Arc<str>>,
    /// The name that led to the far address: the first of `names`.
    #[schema(value_type = Option<String>)]
    pub name: Option<Arc<str>>,
    /// How the name is known.
    pub name_source: Option<NameSource>,
    /// The names that fit equally well, the latest heard first; several mean "one of", none that no
    /// name was heard.
    #[schema(value_type = Vec<String>)]
    pub names: Vec<Arc<str>>,
    /// When the name was heard.
    #[schema(format = DateTime)]
    pub name_heard: Option<String>,
    /// The names that the name stands for, in order: its CNAME chain.
    #[schema(value_type = Vec<String>)]
    pub aliases: Vec<Arc<str>>,
    /// Payload bytes sent in a second, between the last two looks; `null` before the second look,
    /// after the end, and where bytes are not visible.
    pub send_rate: Option<u64>,
    /// Payload bytes received in a second; `null` as above.
    pub receive_rate: Option<u64>,
    /// The network on this computer that it belongs to, by the inode number of its namespace; `null`
    /// for the one that the recorder is in.
    pub network: Option<u32>,
    /// In which ways it was seen.
    pub seen_by: Vec<SeenBy>,
}

impl From<&tapmap_core::Flow> for Flow {
    fn from(flow: &tapmap_core::Flow) -> Self {
        let owner = Owner::from(&flow.attribution);
        let peer = flow.peer.as_ref().map(|peer| Owner::from(&peer.attribution));
        let (peer_app, peer_pid) = peer.map_or((None, None), |peer| (peer.app, peer.pid));
        let remote = Remote::of(flow);
        let role = flow.role();
        let name = flow.name.as_deref();
        Self {
            protocol: flow.protocol.into(),
            direction: flow.direction.into(),
            state: flow.state.into(),
            local_address: flow.local.address().to_string(),
            local_port: flow.local.port(),
            remote_address: remote.address,
            remote_port: flow.remote.port(),
            scope: remote.scope,
            app: owner.app,
            pid: owner.pid,
            executable: owner.executable,
            attribution: owner.attribution,
            peer_app,
            peer_pid,
            service: flow.service.name.map(str::to_owned),
            country: remote.country,
            city: remote.city,
            latitude: remote.latitude,
            longitude: remote.longitude,
            accuracy_km: remote.accuracy_km,
            asn: remote.asn,
            operator: remote.operator,
            role: role.map(|verdict| verdict.role.into()),
            role_rule: role.map(|verdict| verdict.rule.to_string()),
            anycast: remote.anycast,
            bytes_sent: flow.counters.bytes_sent,
            bytes_received: flow.counters.bytes_received,
            rtt_ms: flow.counters.round_trip.map(milliseconds),
            first_seen: rfc3339(flow.span.first_seen),
            match_quality: flow.attribution.quality().map(Into::into),
            possibly: possibly(flow),
            name: name.and_then(|name| name.candidates.first().cloned()),
            name_source: name.map(|name| name.source.into()),
            names: name.map(|name| name.candidates.clone()).unwrap_or_default(),
            name_heard: name.map(|name| rfc3339(name.heard_at)),
            aliases: name.map(|name| name.aliases.clone()).unwrap_or_default(),
            send_rate: flow.rates.sent,
            receive_rate: flow.rates.received,
            network: network(flow),
            seen_by: flow.evidence.iter().map(Into::into).collect(),
        }
    }
}

/// The app that may have owned a flow.
pub(crate) fn possibly(flow: &tapmap_core::Flow) -> Option<Arc<str>> {
    flow.possibly.as_ref().map(|app| Arc::clone(&app.name))
}

/// The network of a flow; `None` for the recorder's own.
pub(crate) fn network(flow: &tapmap_core::Flow) -> Option<u32> {
    (flow.namespace != tapmap_core::Namespace::OWN).then_some(flow.namespace.0)
}

/// A connection that is open or ended a while ago: the keys of a flow, and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecentFlow {
    /// The connection.
    #[serde(flatten)]
    pub flow: Flow,
    /// When it ended; `null` while it is open.
    #[schema(format = DateTime)]
    pub ended: Option<String>,
    /// How long it was observed, in milliseconds; `null` while it is open, and when only its end was
    /// seen.
    pub duration_ms: Option<u64>,
}

impl RecentFlow {
    /// A connection that is open.
    pub fn open(flow: &tapmap_core::Flow) -> Self {
        Self { flow: flow.into(), ended: None, duration_ms: None }
    }

    /// A connection that has ended.
    pub fn ended(flow: &tapmap_core::Flow) -> Self {
        Self { flow: flow.into(), ended: Some(rfc3339(flow.span.last_seen)), duration_ms: duration(flow) }
    }
}

/// How long a flow that has ended was observed, in milliseconds; `None` when only its end was seen.
pub(crate) fn duration(flow: &tapmap_core::Flow) -> Option<u64> {
    let milliseconds = flow.span.last_seen.since(flow.span.first_seen).as_millis();
    flow.was_seen_open().then(|| u64::try_from(milliseconds).unwrap_or(u64::MAX))
}

/// One open port. Every key is always there, in this order; `null` means not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Listener {
    /// Transport.
    pub protocol: Protocol,
    /// Address it waits on.
    pub local_address: String,
    /// Port it waits on.
    pub local_port: u16,
    /// Which part of the address space the address lies in; `unspecified` means every interface.
    pub scope: Scope,
    /// The app, as a person would call it.
    #[schema(value_type = Option<String>)]
    pub app: Option<Arc<str>>,
    /// Process id.
    pub pid: Option<u32>,
    /// Path of the program file.
    #[schema(value_type = Option<String>)]
    pub executable: Option<Arc<str>>,
    /// How the owner was found, or why it is not identified.
    pub attribution: Attribution,
    /// Registered name of the port.
    pub service: Option<String>,
    /// When it was first observed.
    #[schema(format = DateTime)]
    pub first_seen: String,
}

impl From<&tapmap_core::Listener> for Listener {
    fn from(listener: &tapmap_core::Listener) -> Self {
        let owner = Owner::from(&listener.attribution);
        Self {
            protocol: listener.protocol.into(),
            local_address: listener.local.address().to_string(),
            local_port: listener.local.port(),
            scope: listener.scope.into(),
            app: owner.app,
            pid: owner.pid,
            executable: owner.executable,
            attribution: owner.attribution,
            service: listener.service.name.map(str::to_owned),
            first_seen: rfc3339(listener.first_seen),
        }
    }
}

/// A list of connections.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Flows {
    /// The connections, oldest first.
    pub items: Vec<Flow>,
}

/// A list of connections, open and ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecentFlows {
    /// The connections: the open ones, oldest first, then those that ended, in the order of their ends.
    pub items: Vec<RecentFlow>,
    /// Those that ended and are no longer listed one by one.
    pub folded: Folded,
}

/// What is listed: the open connections alone, with them those that ended, or those remembered.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum FlowList {
    Open(Flows),
    Recent(RecentFlows),
    Recorded(RecordedFlows),
}

/// Written by hand: the derived one says "exactly one of", which an empty list is not.
impl PartialSchema for FlowList {
    fn schema() -> RefOr<Schema> {
        let choices = [Flows::name(), RecentFlows::name(), RecordedFlows::name()].map(Ref::from_schema_name);
        choices.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item).into()
    }
}

impl ToSchema for FlowList {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let lists = [
            (Flows::name(), Flows::schema()),
            (RecentFlows::name(), RecentFlows::schema()),
            (RecordedFlows::name(), RecordedFlows::schema()),
        ];
        schemas.extend(lists.map(|(name, schema)| (name.into(), schema)));
        Flows::schemas(schemas);
        RecentFlows::schemas(schemas);
        RecordedFlows::schemas(schemas);
    }
}

/// A list of open ports.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Listeners {
    /// The open ports.
    pub items: Vec<Listener>,
}

//! A flow as it is remembered: plain values, shared where many flows have them in common.

use std::sync::Arc;

use crate::{
    AddressScope, App, Attribution, AutonomousSystem, Direction, Endpoint, Evidences, Facet, Flow,
    MatchQuality, NameSource, Namespace, Place, Process, Protocol, Role, SocketState, Span, UnknownOwner,
};

/// The identity of a record, which also puts records in the order of their beginnings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub i64);

/// A flow as it was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowRecord {
    /// Its identity.
    pub id: RecordId,
    /// Who owned it.
    pub owner: Arc<OwnerRecord>,
    /// How the owner was found, or why it was not.
    pub ownership: Ownership,
    /// Who may have owned it, guessed; never set when the owner is known.
    pub possibly: Option<Arc<str>>,
    /// Its transport.
    pub protocol: Protocol,
    /// Who opened it.
    pub direction: Direction,
    /// The near end.
    pub local: Endpoint,
    /// The port at the far end.
    pub remote_port: u16,
    /// The far end's address, and what was known of it then.
    pub remote: Arc<RemoteRecord>,
    /// The name that led there, where it was heard.
    pub name: Option<Arc<RecordedName>>,
    /// Its state when it was last seen.
    pub state: SocketState,
    /// Whether it goes on.
    pub ending: Ending,
    /// From when to when it was observed.
    pub span: Span,
    /// Payload bytes sent and acknowledged, where they were counted.
    pub sent: Option<u64>,
    /// Payload bytes received, where they were counted.
    pub received: Option<u64>,
    /// By which ways it was seen.
    pub evidence: Evidences,
    /// The network it belonged to.
    pub namespace: Namespace,
}

/// Whether and how a flow ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ending {
    /// It goes on.
    #[default]
    Open,
    /// Its end was seen.
    Seen,
    /// It has ended, and when is not known: the recorder stopped or missed it. It was last seen at the
    /// end of its span.
    Unseen,
}

impl Ending {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Seen => "seen",
            Self::Unseen => "unseen",
        }
    }
}

/// How an owner was found, or why it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ownership {
    /// One process owned it.
    Owned(MatchQuality),
    /// Several processes held it.
    Ambiguous,
    /// Not identified.
    Unknown(UnknownOwner),
}

impl Ownership {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Owned(quality) => quality.word(),
            Self::Ambiguous => "ambiguous",
            Self::Unknown(reason) => reason.word(),
        }
    }
}

impl From<&Attribution> for Ownership {
    fn from(attribution: &Attribution) -> Self {
        match attribution {
            Attribution::Owned { quality, .. } => Self::Owned(*quality),
            Attribution::Ambiguous(_) => Self::Ambiguous,
            Attribution::Unknown { reason, .. } => Self::Unknown(*reason),
        }
    }
}

/// Who owned a flow or a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OwnerRecord {
    /// The app, where one was identified.
    pub app: Option<App>,
    /// The kernel's short name of the process.
    pub process: Option<Arc<str>>,
    /// Process id.
    pub pid: Option<u32>,
    /// When the process started, in the system's own unit: with the pid it tells the process.
    pub start: Option<u64>,
    /// Path of the program file.
    pub executable: Option<Arc<str>>,
    /// The user it ran as.
    pub user: Option<Arc<str>>,
    /// Whether it was this program itself.
    pub own: bool,
}

impl From<&Attribution> for OwnerRecord {
    fn from(attribution: &Attribution) -> Self {
        let process: Option<&Process> = attribution.process().map(AsRef::as_ref);
        Self {
            app: attribution.app().cloned(),
            process: process.map(|process| Arc::clone(&process.name)),
            pid: process.map(|process| process.key.pid),
            start: process.map(|process| process.key.start),
            executable: process.and_then(|process| process.executable.clone()),
            user: process.and_then(|process| process.user.clone()),
            own: attribution.is_own(),
        }
    }
}

/// What was known of an address.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteRecord {
    /// The address.
    pub address: std::net::IpAddr,
    /// Which part of the address space it lies in.
    pub scope: AddressScope,
    /// Where it was taken to be.
    pub place: Option<Place>,
    /// Whose network it was.
    pub system: Option<Arc<AutonomousSystem>>,
    /// Whether it was served from many places.
    pub anycast: bool,
    /// What it was for.
    pub role: Option<Role>,
}

impl RemoteRecord {
    /// Whether a flow there counts by days: a public address of which something is known.
    pub fn counts(&self) -> bool {
        let known = self.place.is_some() || self.system.is_some() || self.anycast;
        self.scope == AddressScope::Public && known
    }

    /// Whether it has a point on the map.
    pub fn is_mapped(&self) -> bool {
        let point = self.place.as_ref().and_then(|place| place.coordinates);
        self.scope == AddressScope::Public && point.is_some()
    }
}

impl From<&Flow> for RemoteRecord {
    fn from(flow: &Flow) -> Self {
        Self {
            address: flow.remote.address(),
            scope: flow.info.scope,
            place: flow.info.place.clone(),
            system: flow.info.system.clone(),
            anycast: flow.info.anycast.is_some(),
            role: flow.role().map(|verdict| verdict.role),
        }
    }
}

/// A name as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordedName {
    /// The names that fit equally well; never empty. More than one means "one of".
    pub candidates: Vec<Arc<str>>,
    /// How they were known.
    pub source: NameSource,
}

impl FlowRecord {
    /// The record of a flow.
    pub fn of(flow: &Flow, ending: Ending, id: RecordId) -> Self {
        let name = flow
            .name
            .as_ref()
            .map(|name| Arc::new(RecordedName { candidates: name.candidates.clone(), source: name.source }));
        Self {
            id,
            owner: Arc::new(OwnerRecord::from(&flow.attribution)),
            ownership: Ownership::from(&flow.attribution),
            possibly: flow.possibly.as_ref().map(|app| Arc::clone(&app.name)),
            protocol: flow.protocol,
            direction: flow.direction,
            local: flow.local,
            remote_port: flow.remote.port(),
            remote: Arc::new(RemoteRecord::from(flow)),
            name,
            state: flow.state,
            ending,
            span: flow.span,
            sent: flow.counters.bytes_sent,
            received: flow.counters.bytes_received,
            evidence: flow.evidence,
            namespace: flow.namespace,
        }
    }

    /// Whether another computer came in to a program that is not this one.
    pub fn comes_in(&self) -> bool {
        let is_here = [AddressScope::Local, AddressScope::Unspecified].contains(&self.remote.scope);
        self.direction == Direction::Inbound && !self.owner.own && !is_here
    }

    /// The port that names the service: the remote one, or the local one of an inbound flow.
    pub fn service_port(&self) -> u16 {
        match self.direction {
            Direction::Outbound => self.remote_port,
            Direction::Inbound => self.local.port(),
        }
    }

    /// What it counts as in a facet; of several names that fit equally well none.
    pub fn value_of(&self, facet: Facet) -> Option<Arc<str>> {
        match facet {
            Facet::App => self.app().cloned(),
            Facet::Operator => self.remote.system.as_ref().map(|system| Arc::clone(&system.operator)),
            Facet::Country => self.remote.place.as_ref()?.country.map(|country| country.code().into()),
            Facet::Port => Some(self.service_port().to_string().into()),
            Facet::Name => match &*self.name.as_ref()?.candidates {
                [name] => Some(Arc::clone(name)),
                _ => None,
            },
        }
    }

    /// The app's name, where one was identified.
    pub fn app(&self) -> Option<&Arc<str>> {
        self.owner.app.as_ref().map(|app| &app.name)
    }
}

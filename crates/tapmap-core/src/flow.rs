//! A flow: one lifetime of one connection, or of one UDP socket with a peer.

use std::sync::Arc;

use crate::{
    App, Attribution, Counters, Endpoint, Evidences, Name, Namespace, Protocol, RemoteInfo, RoleVerdict,
    Service, SocketId, SocketState, Span,
};

/// The identity of a flow within one run of the recorder; a reused port is a new flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowId(pub u64);

/// Which side opened the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// This computer did.
    Outbound,
    /// The other side did: the local port listens or listened.
    Inbound,
}

impl Direction {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Inbound => "inbound",
        }
    }
}

/// The other end of a connection whose both ends are on this computer.
#[derive(Clone, Debug, PartialEq)]
pub struct Peer {
    /// Its socket.
    pub socket: SocketId,
    /// Who owns it.
    pub attribution: Attribution,
}

/// One connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Its identity.
    pub id: FlowId,
    /// Its socket; for a connection within this computer the connector's.
    pub socket: SocketId,
    /// Its transport.
    pub protocol: Protocol,
    /// The near end.
    pub local: Endpoint,
    /// The far end.
    pub remote: Endpoint,
    /// Who opened it.
    pub direction: Direction,
    /// Its state.
    pub state: SocketState,
    /// From when to when it was observed.
    pub span: Span,
    /// Who owns it.
    pub attribution: Attribution,
    /// Who may have owned it, guessed from what went on beside it; never set when the owner is known,
    /// and never counted as one.
    pub possibly: Option<App>,
    /// The other end, when that is on this computer too.
    pub peer: Option<Peer>,
    /// What is known of the remote address; shared between flows.
    pub info: Arc<RemoteInfo>,
    /// What is known of its service port.
    pub service: Service,
    /// What went through it.
    pub counters: Counters,
    /// How fast, between the last two looks; nothing before the second look and after the end.
    pub rates: Rates,
    /// The name that led to the remote address, where it was heard.
    pub name: Option<Arc<Name>>,
    /// The network it belongs to.
    pub namespace: Namespace,
    /// By which ways it was seen.
    pub evidence: Evidences,
}

/// How fast payload went through a flow, in bytes per second. `None` where that cannot be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Sent and acknowledged.
    pub sent: Option<u64>,
    /// Received.
    pub received: Option<u64>,
}

impl Flow {
    /// The port that names the service: the remote one, or the local one of an inbound flow.
    pub fn service_port(&self) -> u16 {
        match self.direction {
            Direction::Outbound => self.remote.port(),
            Direction::Inbound => self.local.port(),
        }
    }

    /// What it is for: what the address says, else what the port says. A network that only carries
    /// traffic yields to the port.
    pub fn role(&self) -> Option<&RoleVerdict> {
        let (address, port) = (self.info.role.as_ref(), self.service.role.as_ref());
        match address {
            Some(verdict) if !verdict.role.only_carries() => address,
            _ => port.or(address),
        }
    }

    /// Whether its beginning or its life was seen, not its end alone: only then is it known how long
    /// it lasted.
    pub fn was_seen_open(&self) -> bool {
        self.state != SocketState::Closed
            && (self.state != SocketState::TimeWait || self.span.first_seen != self.span.last_seen)
    }

    /// Whether one of its ends is this program itself.
    pub fn is_own(&self) -> bool {
        self.attribution.is_own() || self.peer.as_ref().is_some_and(|peer| peer.attribution.is_own())
    }
}

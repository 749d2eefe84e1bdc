//! An open port.

use crate::{AddressScope, Attribution, Endpoint, Protocol, Service, SocketId, Timestamp};

/// A socket that waits for others: a TCP listener, or a UDP socket without a peer.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// Its socket.
    pub id: SocketId,
    /// Its transport.
    pub protocol: Protocol,
    /// Where it waits.
    pub local: Endpoint,
    /// The scope of its address; [`AddressScope::Unspecified`] means every interface.
    pub scope: AddressScope,
    /// Who owns it.
    pub attribution: Attribution,
    /// What the port is registered for.
    pub service: Service,
    /// When it was first observed.
    pub first_seen: Timestamp,
}

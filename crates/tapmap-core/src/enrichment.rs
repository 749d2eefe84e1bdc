//! The seam to everything that is known about an address.

use std::{net::IpAddr, sync::Arc};

use crate::{AddressScope, AnycastRule, AutonomousSystem, Place, Protocol, RoleVerdict};

/// What is known of one remote address.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteInfo {
    /// Which part of the address space it lies in.
    pub scope: AddressScope,
    /// Where it is; `None` for anycast, for special-purpose addresses and where no data has an answer.
    pub place: Option<Place>,
    /// Whose network it is; addresses of one network share it.
    pub system: Option<Arc<AutonomousSystem>>,
    /// Set when it is served from many places.
    pub anycast: Option<AnycastRule>,
    /// What the address is for, as far as the address alone tells.
    pub role: Option<RoleVerdict>,
}

impl RemoteInfo {
    /// Nothing known but the scope.
    pub fn bare(scope: AddressScope) -> Self {
        Self { scope, place: None, system: None, anycast: None, role: None }
    }
}

/// What a port says about a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// The name registered for the port.
    pub name: Option<&'static str>,
    /// What the port says the connection is for.
    pub role: Option<RoleVerdict>,
}

/// Answers from local data, without waiting and without asking anybody.
pub trait Enricher: Send + Sync {
    /// What is known of an address.
    fn remote(&self, address: IpAddr) -> Arc<RemoteInfo>;
    /// What is known of a service port.
    fn service(&self, protocol: Protocol, port: u16) -> Service;
}

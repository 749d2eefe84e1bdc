//! What a connection is made of: who owns an end, what is known of the far address, what the port
//! is registered for. The objects and the columns of the contract both take their facts from here.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::words::{Attribution, Evidence, PlaceSource, Precision, Protocol, Role, Scope};

/// Who is at one end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
pub struct Owner {
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
    /// How the owner was found, or why it is not identified.
    pub attribution: Attribution,
    /// The user it runs as.
    #[schema(value_type = Option<String>)]
    pub user: Option<Arc<str>>,
}

impl From<&tapmap_core::Attribution> for Owner {
    fn from(attribution: &tapmap_core::Attribution) -> Self {
        let process = attribution.process();
        let app = attribution.app();
        Self {
            app: app.map(|app| app.name.clone()),
            evidence: app.map(|app| app.evidence.into()),
            pid: process.map(|process| process.key.pid),
            executable: process.and_then(|process| process.executable.clone()),
            attribution: attribution.into(),
            user: process.and_then(|process| process.user.clone()),
        }
    }
}

/// What is known of a far address.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Remote {
    /// The address.
    pub address: String,
    /// Which part of the address space it lies in.
    pub scope: Scope,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// City, in English.
    #[schema(value_type = Option<String>)]
    pub city: Option<Arc<str>>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// How far the true place may be from the point, in kilometres.
    pub accuracy_km: Option<u32>,
    /// How finely the place is known.
    pub precision: Option<Precision>,
    /// Which data named it.
    pub place_source: Option<PlaceSource>,
    /// Autonomous system number.
    pub asn: Option<u32>,
    /// The operator as people know it.
    #[schema(value_type = Option<String>)]
    pub operator: Option<Arc<str>>,
    /// The organisation, as the data names it.
    #[schema(value_type = Option<String>)]
    pub organisation: Option<Arc<str>>,
    /// Whether it is served from many places.
    pub anycast: bool,
    /// Why that is taken to be so.
    pub anycast_rule: Option<String>,
    /// What the address is for.
    pub role: Option<Role>,
    /// The rule that said so.
    pub role_rule: Option<String>,
}

impl Remote {
    /// What is known of the far end of a flow.
    pub(crate) fn of(flow: &tapmap_core::Flow) -> Self {
        let info = &flow.info;
        let place = info.place.as_ref();
        let coordinates = place.and_then(|place| place.coordinates);
        let system = info.system.as_ref();
        Self {
            address: flow.remote.address().to_string(),
            scope: info.scope.into(),
            country: place.and_then(|place| place.country).map(|country| country.code().to_owned()),
            city: place.and_then(|place| place.city.clone()),
            latitude: coordinates.map(|coordinates| coordinates.latitude),
            longitude: coordinates.map(|coordinates| coordinates.longitude),
            accuracy_km: coordinates.and(place).map(|place| place.accuracy_km),
            precision: place.map(|place| place.precision.into()),
            place_source: place.map(|place| place.source.into()),
            asn: system.map(|system| system.asn.0),
            operator: system.map(|system| system.operator.clone()),
            organisation: system.map(|system| system.organisation.clone()),
            anycast: info.anycast.is_some(),
            anycast_rule: info.anycast.as_ref().map(anycast_rule),
            role: info.role.as_ref().map(|verdict| verdict.role.into()),
            role_rule: info.role.as_ref().map(|verdict| verdict.rule.to_string()),
        }
    }
}

/// The rule in the manner of core's role rules: `asn 13335`, `prefix 1.1.1.0/24`.
fn anycast_rule(rule: &tapmap_core::AnycastRule) -> String {
    match rule {
        tapmap_core::AnycastRule::Asn(asn) => format!("asn {}", asn.0),
        tapmap_core::AnycastRule::Prefix(prefix) => format!("prefix {prefix}"),
        tapmap_core::AnycastRule::GlobalRange(range) => format!("global_range {range}"),
        tapmap_core::AnycastRule::UserDatabase => "user_database".to_owned(),
    }
}

/// What a service port is registered for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
pub struct ServiceEntry {
    /// Its registered name.
    pub name: Option<String>,
    /// The port.
    pub port: u16,
    /// Transport.
    pub protocol: Protocol,
    /// What the port says a connection is for.
    pub role: Option<Role>,
    /// The rule that said so.
    pub role_rule: Option<String>,
}

impl ServiceEntry {
    /// The service of a flow.
    pub(crate) fn of(flow: &tapmap_core::Flow) -> Self {
        let role = flow.service.role.as_ref();
        Self {
            name: flow.service.name.map(str::to_owned),
            port: flow.service_port(),
            protocol: flow.protocol.into(),
            role: role.map(|verdict| verdict.role.into()),
            role_rule: role.map(|verdict| verdict.rule.to_string()),
        }
    }
}

//! Where this computer is taken to be.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::OwnPlaceSource;

/// Where this computer is taken to be, and how that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OwnPlace {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// How far the true place may be from the point, in kilometres; 0 when the user said so.
    pub accuracy_km: u32,
    /// City or country in words.
    #[schema(value_type = Option<String>)]
    pub label: Option<Arc<str>>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// How it is known.
    pub source: OwnPlaceSource,
}

impl From<&tapmap_core::OwnPlace> for OwnPlace {
    fn from(place: &tapmap_core::OwnPlace) -> Self {
        Self {
            latitude: place.coordinates.latitude,
            longitude: place.coordinates.longitude,
            accuracy_km: place.accuracy_km,
            label: place.label.clone(),
            country: place.country.map(|country| country.code().to_owned()),
            source: place.source.into(),
        }
    }
}

/// A place picked on the map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenPlace {
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    pub latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    pub longitude: f64,
}

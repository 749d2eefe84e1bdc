//! Places on the Earth, and how sure one is of them.

use std::{fmt, sync::Arc};

/// A country by its ISO 3166-1 alpha-2 code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country([u8; 2]);

impl Country {
    /// A country from two ASCII letters of either case; `None` for anything else.
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphabetic).then(|| Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }

    /// The two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

/// A point on the Earth, WGS 84, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinates {
    /// -90 (south) to 90 (north).
    pub latitude: f64,
    /// -180 (west) to 180 (east).
    pub longitude: f64,
}

impl Coordinates {
    /// A point; `None` when a number is not finite or out of range.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        ((-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude))
            .then_some(Self { latitude, longitude })
    }

    /// Great-circle distance in kilometres on a sphere of radius 6,371 km (haversine).
    pub fn distance_km(self, other: Self) -> f64 {
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_latitude = ((to - from) / 2.0).sin();
        let half_longitude = ((other.longitude - self.longitude).to_radians() / 2.0).sin();
        let chord = half_latitude.powi(2) + from.cos() * to.cos() * half_longitude.powi(2);
        2.0 * 6371.0 * chord.sqrt().min(1.0).asin()
    }
}

/// How finely a place is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// The city itself.
    City,
    /// A place near by: within the accuracy given.
    Near,
    /// The region or a published cloud region.
    Region,
    /// Only the country.
    Country,
}

/// Which data named a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlaceSource {
    /// A provider's published list of its regions.
    CloudRegion,
    /// A database file of the user's own.
    UserDatabase,
    /// The data inside the program.
    Embedded,
}

/// Where an address is.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The country.
    pub country: Option<Country>,
    /// The city, in English; `None` when only the country is known.
    pub city: Option<Arc<str>>,
    /// The point to draw: of the city, or of the country when only that is known.
    pub coordinates: Option<Coordinates>,
    /// How far the true place may be from the point, in kilometres.
    pub accuracy_km: u32,
    /// How finely it is known.
    pub precision: Precision,
    /// Which data said so.
    pub source: PlaceSource,
}

/// Where this computer is taken to be.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnPlace {
    /// The point from which lines are drawn.
    pub coordinates: Coordinates,
    /// How far the true place may be from it, in kilometres; 0 when the user said so.
    pub accuracy_km: u32,
    /// City or country in words, where known.
    pub label: Option<Arc<str>>,
    /// The country, where known.
    pub country: Option<Country>,
    /// How it is known.
    pub source: OwnPlaceSource,
}

/// How this computer's own place is known, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnPlaceSource {
    /// Given by option, variable or configuration file.
    Configured,
    /// Picked on the map by the user.
    Chosen,
    /// The place of a global address on one of its interfaces.
    Interface,
    /// The place that stands for its time zone.
    TimeZone,
}

impl OwnPlaceSource {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Chosen => "chosen",
            Self::Interface => "interface",
            Self::TimeZone => "time_zone",
        }
    }
}

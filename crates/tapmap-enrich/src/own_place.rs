//! Where this computer is, without asking anybody: from a global address on one of its interfaces, or
//! from its time zone. Which of them counts, and what the user chose, is the program's to decide.

use std::{collections::BTreeMap, net::IpAddr, sync::LazyLock};

use tapmap_core::{AddressScope, Coordinates, Country, Enricher, OwnPlace, OwnPlaceSource};

use crate::{Locator, table};

const TIME_ZONES: &str = include_str!("../data/time_zones.tsv");
const COUNTRIES: &str = include_str!("../data/countries.tsv");

/// A point that stands for an area.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    country: Country,
    coordinates: Coordinates,
    accuracy_km: u32,
}

struct Tables {
    zones: BTreeMap<&'static str, Point>,
    countries: BTreeMap<Country, (Point, &'static str)>,
}

/// Read at the first question; a thousand lines.
static TABLES: LazyLock<Tables> = LazyLock::new(Tables::read);

/// The place of the first address that has one: global, and not served from many places. Interfaces
/// with an IPv6 address mostly have one; behind address translation there is none.
pub fn from_interfaces(addresses: &[IpAddr], locator: &Locator) -> Option<OwnPlace> {
    addresses
        .iter()
        .filter(|address| AddressScope::of(**address) == AddressScope::Public)
        .filter(|address| AddressScope::carried(**address) == address.to_canonical())
        .find_map(|address| {
            let place = locator.remote(*address).place.clone()?;
            let label = place.city.or_else(|| Some(country_name(place.country?)?.into()));
            Some(OwnPlace {
                coordinates: place.coordinates?,
                accuracy_km: place.accuracy_km,
                label,
                country: place.country,
                source: OwnPlaceSource::Interface,
            })
        })
}

/// The place that stands for a time zone: mostly the right country, seldom the right city, so it is
/// called by the country's name. `None` for a zone that stands for no place (`UTC`, `Etc/GMT+5`) and
/// for an unknown name. Old names (`Asia/Calcutta`, `US/Eastern`) are understood.
pub fn from_time_zone(name: &str) -> Option<OwnPlace> {
    let point = TABLES.zones.get(name)?;
    Some(OwnPlace {
        coordinates: point.coordinates,
        accuracy_km: point.accuracy_km,
        label: country_name(point.country).map(Into::into),
        country: Some(point.country),
        source: OwnPlaceSource::TimeZone,
    })
}

/// The name of this system's time zone, where the system says one.
pub fn system_time_zone() -> Option<String> {
    iana_time_zone::get_timezone().ok()
}

/// The point to draw for a country of which nothing finer is known, and within how many kilometres of
/// it most of its addresses lie.
pub fn country_point(country: Country) -> Option<(Coordinates, u32)> {
    let (point, _) = TABLES.countries.get(&country)?;
    Some((point.coordinates, point.accuracy_km))
}

/// A country's English short name.
pub fn country_name(country: Country) -> Option<&'static str> {
    TABLES.countries.get(&country).map(|(_, name)| *name)
}

impl Tables {
    fn read() -> Self {
        let mut zones: BTreeMap<&'static str, Point> = table::rows::<5>(TIME_ZONES)
            .filter_map(|[zone, rest @ ..]| Some((zone, Point::parse(rest)?)))
            .collect();
        let links: Vec<(&'static str, Point)> =
            table::rows::<2>(TIME_ZONES).filter_map(|[name, zone]| Some((name, *zones.get(zone)?))).collect();
        zones.extend(links);
        let countries = table::rows::<5>(COUNTRIES)
            .filter_map(|[code, latitude, longitude, accuracy, name]| {
                let point = Point::parse([code, latitude, longitude, accuracy])?;
                Some((point.country, (point, name)))
            })
            .collect();
        Self { zones, countries }
    }
}

impl Point {
    fn parse([country, latitude, longitude, accuracy]: [&str; 4]) -> Option<Self> {
        Some(Self {
            country: Country::new(country)?,
            coordinates: Coordinates::new(latitude.parse().ok()?, longitude.parse().ok()?)?,
            accuracy_km: accuracy.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> (String, f64, f64) {
        let place = from_time_zone(name).unwrap_or_else(|| panic!("{name} is a zone"));
        assert_eq!(place.source, OwnPlaceSource::TimeZone);
        let country = place.country.expect("a country").code().to_owned();
        (country, place.coordinates.latitude.round(), place.coordinates.longitude.round())
    }

    #[test]
    fn a_time_zone_is_somewhere_in_its_country() {
        assert_eq!(zone("Europe/Berlin"), ("DE".into(), 53.0, 13.0));
        assert_eq!(zone("America/Argentina/Ushuaia"), ("AR".into(), -55.0, -68.0));
        assert_eq!(zone("Pacific/Auckland"), ("NZ".into(), -37.0, 175.0));
        let berlin = from_time_zone("Europe/Berlin").expect("a zone");
        assert_eq!(berlin.label.as_deref(), Some("Germany"));
        assert!(berlin.accuracy_km >= 300, "a time zone does not know the city");
        assert!(from_time_zone("Europe/Luxembourg").expect("a zone").accuracy_km <= 50);
    }

    #[test]
    fn old_names_mean_the_same_zones() {
        for (old, now) in [
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("US/Eastern", "America/New_York"),
            ("Europe/Kiev", "Europe/Kyiv"),
            ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
            ("GB", "Europe/London"),
            ("Japan", "Asia/Tokyo"),
            ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ] {
            assert_eq!(from_time_zone(old), from_time_zone(now), "{old}");
            assert!(from_time_zone(old).is_some(), "{old}");
        }
    }

    #[test]
    fn a_clock_without_a_place_says_nothing() {
        for name in
            ["UTC", "Etc/UTC", "Etc/GMT+5", "GMT", "Zulu", "EST", "CET", "Factory", "", "Mars/Olympus"]
        {
            assert_eq!(from_time_zone(name), None, "{name}");
        }
    }

    #[test]
    fn every_row_is_read() {
        assert_eq!(TABLES.zones.len(), table::lines(TIME_ZONES).count());
        assert_eq!(TABLES.countries.len(), table::lines(COUNTRIES).count());
        assert_eq!(table::rows::<5>(TIME_ZONES).count(), 418);
        assert!(TABLES.zones.values().all(|point| country_point(point.country).is_some()));
    }

    #[test]
    fn a_country_is_drawn_where_its_people_are() {
        for (code, city) in
            [("BR", (-23.5, -46.6)), ("RU", (55.8, 37.6)), ("AU", (-33.9, 151.2)), ("FR", (48.9, 2.3))]
        {
            let (point, accuracy_km) =
                country_point(Country::new(code).expect("a country")).expect("a point");
            let city = Coordinates::new(city.0, city.1).expect("a point");
            assert!(point.distance_km(city) < 20.0, "{code}");
            assert!(accuracy_km >= 200, "{code}");
        }
        assert_eq!(country_point(Country::new("ZZ").expect("two letters")), None);
    }
}

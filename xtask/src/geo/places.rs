//! Reads a city database: every network with country, city and point. Understands the flat layout
//! (`country_code`, `city`, `latitude`) and the nested one (`country.iso_code`, `city.names.en`).

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use maxminddb::{Reader, geoip2};
use serde::{Deserialize, Deserializer, de::Visitor};
use tapmap_core::Country;

use super::ranges::{Families, Range, append};

/// What the source says of an address.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SourcePlace {
    pub(crate) country: Country,
    /// The city without a district in brackets.
    pub(crate) city: String,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

/// The whole source: ranges whose values are indices into the places.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) ranges: Families,
    pub(crate) places: Vec<SourcePlace>,
}

#[derive(Deserialize)]
struct Flat<'a> {
    #[serde(borrow)]
    city: Option<&'a str>,
    country_code: Option<&'a str>,
    latitude: Option<Degrees>,
    longitude: Option<Degrees>,
}

/// A number of either width, as databases of the same kind differ.
#[derive(Clone, Copy)]
struct Degrees(f64);

impl<'de> Deserialize<'de> for Degrees {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Degrees;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("degrees")
            }

            fn visit_f32<E>(self, value: f32) -> Result<Degrees, E> {
                Ok(Degrees(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Degrees, E> {
                Ok(Degrees(value))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Reads the files, IPv4 and IPv6 apart or together.
pub(crate) fn read(files: &[PathBuf]) -> Result<Source> {
    let mut source = Source::default();
    let mut numbers = HashMap::new();
    for file in files {
        read_file(file, &mut source, &mut numbers)
            .with_context(|| format!("cannot read {}", file.display()))?;
    }
    if source.places.is_empty() {
        bail!("the city databases name no place");
    }
    Ok(source)
}

type Numbers = HashMap<(Country, String, u64, u64), u32>;

fn read_file(file: &Path, source: &mut Source, numbers: &mut Numbers) -> Result<()> {
    let reader = Reader::open_readfile(file)?;
    let mut by_offset: HashMap<usize, Option<u32>> = HashMap::new();
    for found in reader.networks(maxminddb::WithinOptions::default())? {
        let found = found?;
        let Some(offset) = found.offset() else { continue };
        let number = if let Some(number) = by_offset.get(&offset) {
            *number
        } else {
            let number = decode(&found)?.map(|place| number_of(place, source, numbers)).transpose()?;
            by_offset.insert(offset, number);
            number
        };
        let Some(value) = number else { continue };
        let network = found.network()?;
        let bits = if matches!(network.ip(), IpAddr::V4(_)) { 32 } else { 128 };
        let (family, first) = source.ranges.of(network.ip());
        let above = 1_u128.checked_shl(bits - u32::from(network.prefix())).unwrap_or(0).wrapping_sub(1);
        append(family, Range { first, last: first | above, value });
    }
    Ok(())
}

fn decode(found: &maxminddb::LookupResult<'_, impl AsRef<[u8]>>) -> Result<Option<SourcePlace>> {
    if let Ok(flat) = found.decode::<Flat<'_>>() {
        return Ok(flat.and_then(|flat| {
            let degrees = |degrees: Option<Degrees>| degrees.map(|degrees| degrees.0);
            place(flat.country_code, flat.city, degrees(flat.latitude), degrees(flat.longitude))
        }));
    }
    let Some(city) = found.decode::<geoip2::City<'_>>()? else { return Ok(None) };
    Ok(place(city.country.iso_code, city.city.names.english, city.location.latitude, city.location.longitude))
}

fn place(
    country: Option<&str>,
    city: Option<&str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
) -> Option<SourcePlace> {
    let (latitude, longitude) = (latitude?, longitude?);
    tapmap_core::Coordinates::new(latitude, longitude)?;
    let city = without_district(city.unwrap_or_default()).to_owned();
    Some(SourcePlace { country: Country::new(country?)?, city, latitude, longitude })
}

/// "Cambridge (Area 2/MIT)" is Cambridge.
fn without_district(city: &str) -> &str {
    city.split_once(" (").map_or(city, |(city, _)| city)
}

fn number_of(place: SourcePlace, source: &mut Source, numbers: &mut Numbers) -> Result<u32> {
    let key = (place.country, place.city.clone(), place.latitude.to_bits(), place.longitude.to_bits());
    if let Some(number) = numbers.get(&key) {
        return Ok(*number);
    }
    let number = u32::try_from(source.places.len())?;
    numbers.insert(key, number);
    source.places.push(place);
    Ok(number)
}

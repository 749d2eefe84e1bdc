//! The embedded data against addresses whose place, country or network their owners state
//! (`fixtures/geo/known-addresses.csv`), and against its own digests.

use std::{fmt::Write as _, fs, net::IpAddr, path::PathBuf};

use sha2::{Digest as _, Sha256};
use tapmap_core::{AddressScope, Coordinates, Precision};
use tapmap_enrich::{
    cloud::CloudPack,
    pack::{AsnPack, PlacePack},
};

/// How far an answer may lie from the campus or region that the owner states.
const NEAR_KM: f64 = 60.0;

struct Packs {
    places: PlacePack<'static>,
    systems: AsnPack<'static>,
    cloud: CloudPack<'static>,
}

fn packs() -> Packs {
    Packs {
        places: PlacePack::open(tapmap_geodata::PLACES).expect("the places open"),
        systems: AsnPack::open(tapmap_geodata::ASNS).expect("the systems open"),
        cloud: CloudPack::open(tapmap_geodata::CLOUD).expect("the cloud regions open"),
    }
}

struct Row {
    kind: String,
    address: IpAddr,
    country: String,
    asn: Option<u32>,
    point: Option<Coordinates>,
}

fn rows() -> Vec<Row> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/geo/known-addresses.csv");
    let text = fs::read_to_string(file).expect("the list is there");
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    // The organisation's name is the only quoted field before the last.
    let mut fields = Vec::new();
    let (mut field, mut quoted) = (String::new(), false);
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(character),
        }
    }
    let number = |at: usize| fields[at].parse().ok();
    Row {
        kind: fields[0].clone(),
        address: fields[1].parse().expect("an address"),
        country: fields[2].clone(),
        asn: fields[3].parse().ok(),
        point: number(5)
            .zip(number(6))
            .and_then(|(latitude, longitude)| Coordinates::new(latitude, longitude)),
    }
}

#[test]
fn every_known_address_is_in_its_country_and_near_its_place() {
    let packs = packs();
    let mut wrong = Vec::new();
    let (mut checked, mut guessed) = ((0, 0), 0);
    for row in rows().iter().filter(|row| !row.country.is_empty()) {
        let Some(place) = packs.places.look_up(row.address) else {
            wrong.push(format!("{}: no answer", row.address));
            continue;
        };
        checked.0 += 1;
        if place.country.code() != row.country {
            wrong.push(format!("{}: {} instead of {}", row.address, place.country.code(), row.country));
        }
        let Some(point) = row.point else { continue };
        checked.1 += 1;
        let answered = Coordinates { latitude: place.latitude, longitude: place.longitude };
        let distance = answered.distance_km(point);
        if distance > NEAR_KM {
            wrong.push(format!("{}: {distance:.0} km away", row.address));
        }
        guessed += usize::from(place.precision == Precision::Country);
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(checked.0 >= 290 && checked.1 >= 200, "the list is shorter than it was: {checked:?}");
    // Some blocks hold places farther apart inside one /24: the answer is right and does not boast.
    assert!(50 * guessed <= checked.1, "{guessed} of {} known only by country", checked.1);
}

#[test]
fn published_cloud_regions_are_where_the_list_says() {
    let packs = packs();
    let mut found = 0;
    for row in rows().iter().filter(|row| row.kind == "cloud") {
        let Some(place) = packs.cloud.look_up(row.address).and_then(|answer| answer.place) else { continue };
        found += 1;
        assert_eq!(place.country.code(), row.country, "{}", row.address);
        if let Some(point) = row.point {
            let answered = Coordinates { latitude: place.latitude, longitude: place.longitude };
            assert!(
                answered.distance_km(point) <= f64::from(place.accuracy_km).max(NEAR_KM),
                "{}",
                row.address
            );
        }
    }
    assert!(found >= 100, "only {found} of the cloud rows are in a published region");
}

#[test]
fn every_known_network_is_named() {
    let packs = packs();
    let wrong: Vec<String> = rows()
        .iter()
        .filter_map(|row| {
            let found = packs.systems.look_up(row.address).map(|answer| answer.asn);
            (found != row.asn).then(|| format!("{}: {found:?} instead of {:?}", row.address, row.asn))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn special_addresses_have_no_answer() {
    let packs = packs();
    let listed = rows().into_iter().filter(|row| row.kind == "special").map(|row| row.address);
    // A public block inside a special one may be answered; nothing else of either registry.
    let registered = AddressScope::blocks().flat_map(|(network, length, _)| edges(network, length));
    let special: Vec<IpAddr> = listed
        .chain(registered)
        .filter(|address| AddressScope::of(*address) != AddressScope::Public)
        .collect();
    assert!(special.len() > 60, "{}", special.len());
    for address in special {
        assert_eq!(packs.places.look_up(address), None, "{address}");
        assert_eq!(packs.systems.look_up(address), None, "{address}");
        assert_eq!(packs.cloud.look_up(address), None, "{address}");
    }
}

fn edges(network: IpAddr, length: u32) -> [IpAddr; 3] {
    match network {
        IpAddr::V4(network) => {
            let above = u32::MAX.checked_shr(length).unwrap_or(0);
            [0, above / 2, above]
                .map(|offset| std::net::Ipv4Addr::from_bits(network.to_bits() | offset).into())
        }
        IpAddr::V6(network) => {
            let above = u128::MAX.checked_shr(length).unwrap_or(0);
            [0, above / 2, above]
                .map(|offset| std::net::Ipv6Addr::from_bits(network.to_bits() | offset).into())
        }
    }
}

#[test]
fn the_packs_are_sound_and_are_those_the_list_of_sources_names() {
    let packs = packs();
    assert!(packs.places.is_sound() && packs.systems.is_sound() && packs.cloud.is_sound());
    let digest = |bytes: &[u8]| <[u8; 32]>::from(Sha256::digest(bytes));
    assert_eq!(digest(packs.places.payload()), packs.places.info().digest);
    assert_eq!(digest(packs.systems.payload()), packs.systems.info().digest);
    assert_eq!(digest(packs.cloud.payload()), packs.cloud.info().digest);
    let sources = include_str!("../data/SOURCES.md");
    for bytes in [tapmap_geodata::PLACES, tapmap_geodata::ASNS, tapmap_geodata::CLOUD] {
        let hexadecimal = digest(bytes).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        assert!(sources.contains(&hexadecimal), "{hexadecimal} is not in SOURCES.md");
    }
}

#[test]
fn the_credits_are_those_of_the_licence_file() {
    let file = without_links(include_str!("../../../DATA-LICENSES.md"));
    for credit in tapmap_geodata::CREDITS {
        assert!(file.contains(credit.text), "{}", credit.text);
        assert!(include_str!("../../../DATA-LICENSES.md").contains(credit.url), "{}", credit.url);
    }
}

/// The words of a page: "[text](https://...)" is "text".
fn without_links(page: &str) -> String {
    let mut parts = page.split("(https://");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    text.replace(['[', ']'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

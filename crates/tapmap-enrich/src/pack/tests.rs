//! Tiny made-up packs, looked up and damaged.

use std::{collections::BTreeMap, net::IpAddr};

use proptest::prelude::*;
use tapmap_core::{Country, Precision};

use super::{
    AsnPack, PackError, PlacePack,
    write::{self, CloudLabel, CloudPlaceRecord, Description, PlaceRecord, PlaceValue, Tables},
};
use crate::cloud::CloudPack;

const TEXT: &str = "source: made up 2026-01\nsource: second\nlicence: none\n";

fn description() -> Description<'static> {
    Description { date: 20_260_605, text: TEXT, digest: |_| [7; 32] }
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn v4(text: &str) -> u32 {
    text.parse::<std::net::Ipv4Addr>().expect("an IPv4 address").to_bits()
}

fn v6(text: &str) -> u128 {
    text.parse::<std::net::Ipv6Addr>().expect("an IPv6 address").to_bits()
}

fn country(code: &str) -> Country {
    Country::new(code).expect("a country")
}

fn record(code: &str, city: &str, latitude: f64, longitude: f64) -> PlaceRecord {
    PlaceRecord { country: country(code), city: city.into(), latitude, longitude }
}

fn place_bytes() -> Vec<u8> {
    let value = |place, precision| PlaceValue { place, precision };
    let tables = Tables {
        v4: vec![
            (v4("1.0.0.0"), v4("1.0.0.255"), value(0, 0)),
            (v4("1.0.1.0"), v4("1.2.255.255"), value(1, 1)),
            (v4("9.9.9.0"), v4("9.9.9.255"), value(1, 3)),
            (v4("223.255.255.0"), v4("223.255.255.255"), value(0, 2)),
        ],
        v6: vec![
            (v6("2001:db9::"), v6("2001:db9:0:ffff:ffff:ffff:ffff:ffff"), value(0, 0)),
            (v6("2a00::"), v6("2a00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), value(1, 2)),
        ],
    };
    let records = [record("AU", "Sydney", -33.867, 151.207), record("DE", "Köln", 50.937, 6.96)];
    write::places(description(), &tables, &records, &BTreeMap::from([(country("DE"), 450)])).expect("fits")
}

fn asn_bytes() -> Vec<u8> {
    let tables = Tables {
        v4: vec![
            (v4("1.0.0.0"), v4("1.0.0.15"), 70_000),
            (v4("1.0.0.16"), v4("1.0.0.255"), 13_335),
            (v4("255.0.0.0"), v4("255.255.255.255"), 3),
        ],
        v6: vec![(v6("2001:db9::"), v6("2001:db9::ffff"), 3)],
    };
    let names = [(3, "MIT"), (13_335, "Cloudflare"), (70_000, "Small & Sons")];
    let names = names.map(|(asn, name)| (asn, name.to_owned())).into();
    write::systems(description(), &tables, &names).expect("fits")
}

fn cloud_bytes() -> Vec<u8> {
    let label = |provider: &str, region: &str, service: &str, global, place| CloudLabel {
        provider: provider.into(),
        region: region.into(),
        service: service.into(),
        global,
        place,
    };
    let labels = [label("aws", "eu-west-1", "EC2", false, Some(0)), label("cloudflare", "", "", true, None)];
    let places = [CloudPlaceRecord { place: record("IE", "Dublin", 53.35, -6.26), accuracy_km: 40 }];
    let tables = Tables {
        v4: vec![(v4("3.0.0.0"), v4("3.0.0.3"), 0), (v4("3.0.0.4"), v4("3.0.1.255"), 1)],
        v6: vec![(v6("2a05::"), v6("2a05::ffff:ffff:ffff:ffff"), 0)],
    };
    write::clouds(description(), &tables, &labels, &places).expect("fits")
}

#[test]
fn a_place_is_found_at_both_ends_of_its_range_and_nowhere_else() {
    let bytes = place_bytes();
    let pack = PlacePack::open(&bytes).expect("opens");
    assert!(pack.is_sound());
    let city =
        |text| pack.look_up(address(text)).map(|answer| (answer.country.code().to_owned(), answer.city));
    for (text, expected) in [
        ("0.255.255.255", None),
        ("1.0.0.0", Some(("AU".to_owned(), Some("Sydney")))),
        ("1.0.0.255", Some(("AU".to_owned(), Some("Sydney")))),
        ("1.0.1.0", Some(("DE".to_owned(), Some("Köln")))),
        ("1.2.255.255", Some(("DE".to_owned(), Some("Köln")))),
        ("1.3.0.0", None),
        ("9.9.8.255", None),
        ("9.9.9.9", Some(("DE".to_owned(), None))),
        ("223.255.255.255", Some(("AU".to_owned(), Some("Sydney")))),
        ("224.0.0.0", None),
        ("255.255.255.255", None),
        ("::ffff:1.0.0.1", Some(("AU".to_owned(), Some("Sydney")))),
        ("::", None),
        ("2001:db8:ffff:ffff::", None),
        ("2001:db9::1", Some(("AU".to_owned(), Some("Sydney")))),
        ("2001:db9:1::", None),
        ("2a00:ffff::1", Some(("DE".to_owned(), Some("Köln")))),
        ("ffff::", None),
    ] {
        assert_eq!(city(text), expected, "{text}");
    }
}

#[test]
fn precision_and_accuracy_come_with_the_range() {
    let bytes = place_bytes();
    let pack = PlacePack::open(&bytes).expect("opens");
    let known = |text| pack.look_up(address(text)).map(|answer| (answer.precision, answer.accuracy_km));
    assert_eq!(known("1.0.0.1"), Some((Precision::City, 5)));
    assert_eq!(known("1.0.1.1"), Some((Precision::Near, 25)));
    assert_eq!(known("2a00::1"), Some((Precision::Region, 200)));
    assert_eq!(known("9.9.9.9"), Some((Precision::Country, 450)));
    let answer = pack.look_up(address("1.0.0.1")).expect("an answer");
    assert!((answer.latitude - -33.87).abs() < 1e-9 && (answer.longitude - 151.21).abs() < 1e-9);
}

#[test]
fn a_pack_says_what_it_is_made_from() {
    let bytes = place_bytes();
    let info = PlacePack::open(&bytes).expect("opens").info();
    assert_eq!(info.date, (2026, 6, 5));
    assert_eq!(info.values("source").collect::<Vec<_>>(), ["made up 2026-01", "second"]);
    assert_eq!(info.digest, [7; 32]);
}

#[test]
fn a_network_owns_the_block_of_which_it_has_most() {
    let bytes = asn_bytes();
    let pack = AsnPack::open(&bytes).expect("opens");
    assert!(pack.is_sound());
    let asn = |text| pack.look_up(address(text)).map(|answer| (answer.asn, answer.organisation));
    assert_eq!(asn("1.0.0.1"), Some((13_335, "Cloudflare")));
    assert_eq!(asn("1.0.1.0"), None);
    assert_eq!(asn("255.255.255.255"), Some((3, "MIT")));
    assert_eq!(asn("2001:db9::1:0:0"), Some((3, "MIT")), "the grain is /48");
    assert_eq!(pack.organisation(70_000), Some("Small & Sons"));
    assert_eq!(pack.organisation(4), None);
    assert_eq!(pack.organisation(u32::MAX), None);
}

#[test]
fn a_cloud_range_names_provider_region_and_place() {
    let bytes = cloud_bytes();
    let pack = CloudPack::open(&bytes).expect("opens");
    assert!(pack.is_sound());
    let answer = pack.look_up(address("3.0.0.3")).expect("an answer");
    assert_eq!((answer.provider, answer.region, answer.service), ("aws", Some("eu-west-1"), Some("EC2")));
    let place = answer.place.expect("a place");
    assert_eq!((place.city, place.country.code(), place.accuracy_km), (Some("Dublin"), "IE", 40));
    let answer = pack.look_up(address("3.0.0.4")).expect("an answer");
    assert_eq!((answer.provider, answer.region, answer.global), ("cloudflare", None, true));
    assert_eq!(pack.look_up(address("3.0.2.0")), None);
    assert_eq!(pack.look_up(address("2.255.255.255")), None);
    assert!(pack.look_up(address("2a05::1")).is_some());
    assert_eq!(pack.look_up(address("2a05:0:0:1::")), None);
}

#[test]
fn what_is_no_pack_is_refused_with_the_reason() {
    let bytes = place_bytes();
    let error = |bytes: &[u8]| PlacePack::open(bytes).err();
    assert_eq!(error(b""), Some(PackError::WrongKind));
    assert_eq!(error(&asn_bytes()), Some(PackError::WrongKind));
    assert_eq!(error(&bytes[..bytes.len() - 1]), Some(PackError::Length));
    let with = |offset: usize, value: u8| {
        let mut changed = bytes.clone();
        changed[offset] = value;
        changed
    };
    assert_eq!(error(&with(8, 2)), Some(PackError::Version(2)));
    assert_eq!(error(&with(20, 9)), Some(PackError::Section));
    assert_eq!(error(&with(64 + 3, 0xff)), Some(PackError::Section), "the text begins outside");
    assert_eq!(error(&with(64 + 8 + 4, 0)), Some(PackError::Section), "the index is short");
}

/// Opens and asks: the body of the fuzz target as well. Nothing may panic.
fn ask_everything(bytes: &[u8], asked: IpAddr) {
    if let Ok(pack) = PlacePack::open(bytes) {
        let _ = (pack.look_up(asked), pack.is_sound());
    }
    if let Ok(pack) = AsnPack::open(bytes) {
        let _ = (pack.look_up(asked), pack.organisation(13_335), pack.is_sound());
    }
    if let Ok(pack) = CloudPack::open(bytes) {
        let _ = (pack.look_up(asked), pack.labels().count(), pack.is_sound());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn damaged_packs_never_panic(
        which in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..16),
        head_only: bool,
        asked: IpAddr,
    ) {
        let mut bytes = [place_bytes, asn_bytes, cloud_bytes][which]();
        let reach = if head_only { 200 } else { bytes.len() };
        for (index, value) in changes {
            bytes[index.index(reach)] = value;
        }
        ask_everything(&bytes, asked);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..512), asked: IpAddr) {
        ask_everything(&bytes, asked);
    }

    /// Against the plain meaning: the range that holds the address, at the grain of the pack.
    #[test]
    fn looking_up_is_looking_through_the_ranges(
        cuts in prop::collection::btree_set(0_u32..1 << 24, 2..40),
        asked in any::<u32>(),
    ) {
        let cuts: Vec<u32> = cuts.into_iter().collect();
        let ranges = cuts.windows(2).zip([5_u32, 3, 3, 8].into_iter().cycle()).step_by(2);
        let v4: Vec<(u32, u32, u32)> =
            ranges.map(|(pair, asn)| (pair[0] << 8, (pair[1] << 8) - 1, asn)).collect();
        let names = [3, 5, 8].map(|asn| (asn, format!("AS{asn}"))).into();
        let bytes = write::systems(description(), &Tables { v4: v4.clone(), v6: Vec::new() }, &names).expect("fits");
        let pack = AsnPack::open(&bytes).expect("opens");
        prop_assert!(pack.is_sound());
        let near = v4.iter().flat_map(|range| [range.0, range.1, range.1.wrapping_add(1)]).chain([asked]);
        for asked in near {
            let expected = v4.iter().find(|range| (range.0..=range.1).contains(&asked)).map(|range| range.2);
            let found = pack.look_up(std::net::Ipv4Addr::from_bits(asked).into()).map(|answer| answer.asn);
            prop_assert_eq!(found, expected);
        }
    }
}

//! Answers put together from tiny made-up packs and a user's file.

use std::{collections::BTreeMap, fs, net::IpAddr, path::Path};

use tapmap_core::{
    AddressScope, AnycastRule, Asn, Country, Enricher, PlaceSource, Precision, RemoteInfo, Role, Timestamp,
};

use super::{Data, Locator};
use crate::pack::write::{self, CloudLabel, CloudPlaceRecord, Description, PlaceRecord, PlaceValue, Tables};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn range(prefix: &str) -> (u32, u32) {
    let network: ipnet::Ipv4Net = prefix.parse().expect("a network");
    (network.network().to_bits(), network.broadcast().to_bits())
}

fn record(code: &str, city: &str, latitude: f64, longitude: f64) -> PlaceRecord {
    let country = Country::new(code).expect("two letters");
    PlaceRecord { country, city: city.into(), latitude, longitude }
}

fn table<Value: Copy>(rows: &[(&str, Value)]) -> Tables<Value> {
    let mut v4: Vec<_> =
        rows.iter().map(|(prefix, value)| (range(prefix).0, range(prefix).1, *value)).collect();
    v4.sort_by_key(|row| row.0);
    Tables { v4, v6: Vec::new() }
}

fn data() -> Data {
    let description =
        Description { date: 20_260_605, text: "source: made up 2026-06\n", digest: |_| [0; 32] };
    let place = |place, precision| PlaceValue { place, precision };
    let places = table(&[
        ("8.8.8.0/24", place(1, 0)),
        ("23.0.0.0/16", place(0, 0)),
        ("34.240.0.0/16", place(1, 0)),
        ("100.64.0.0/16", place(1, 0)),
        ("104.16.0.0/16", place(1, 0)),
        ("193.0.6.0/24", place(0, 1)),
        ("193.5.0.0/16", place(0, 3)),
    ]);
    let records = [record("NL", "Amsterdam", 52.37, 4.9), record("US", "Ashburn", 39.04, -77.49)];
    let systems = table(&[
        ("8.8.8.0/24", 15169),
        ("23.0.0.0/16", 20940),
        ("34.240.0.0/16", 16509),
        ("104.16.0.0/16", 13335),
        ("108.0.0.0/16", 16509),
        ("193.0.6.0/24", 3333),
        ("193.5.0.0/16", 3320),
    ]);
    let names = [
        (3320, "Deutsche Telekom AG"),
        (3333, "Example Network Centre B.V."),
        (13335, "Cloudflare, Inc."),
        (15169, "Google LLC"),
        (16509, "Amazon.com, Inc."),
        (20940, "Akamai International B.V."),
    ];
    let names: BTreeMap<u32, String> = names.map(|(asn, name)| (asn, name.to_owned())).into();
    let label = |region: &str, service: &str, global, place| CloudLabel {
        provider: "aws".into(),
        region: region.into(),
        service: service.into(),
        global,
        place,
    };
    let labels = [label("eu-west-1", "", false, Some(0)), label("", "CLOUDFRONT", true, None)];
    let dublin = CloudPlaceRecord { place: record("IE", "Dublin", 53.35, -6.26), accuracy_km: 30 };
    let cloud =
        write::clouds(description, &table(&[("34.240.0.0/16", 0), ("108.0.0.0/16", 1)]), &labels, &[dublin]);
    Data::open(
        write::places(description, &places, &records, &BTreeMap::new()).expect("it fits").leak(),
        write::systems(description, &systems, &names).expect("it fits").leak(),
        cloud.expect("it fits").leak(),
    )
    .expect("just written")
}

fn city(info: &RemoteInfo) -> Option<&str> {
    info.place.as_ref()?.city.as_deref()
}

fn role(info: &RemoteInfo) -> Option<(Role, String)> {
    info.role.as_ref().map(|verdict| (verdict.role, verdict.rule.to_string()))
}

#[test]
fn a_special_address_has_a_scope_and_nothing_else() {
    let locator = Locator::new(data());
    for text in
        ["10.0.0.1", "100.64.0.1", "192.0.2.1", "239.255.255.250", "::1", "fe80::1", "64:ff9b::10.0.0.1"]
    {
        let scope = AddressScope::of(address(text));
        assert_ne!(scope, AddressScope::Public);
        assert_eq!(*locator.remote(address(text)), RemoteInfo::bare(scope), "{text}");
    }
}

#[test]
fn a_plain_address_is_answered_from_inside_the_program() {
    let info = Locator::new(data()).remote(address("193.0.6.1"));
    let place = info.place.as_ref().expect("a place");
    assert_eq!(
        (city(&info), place.precision, place.source),
        (Some("Amsterdam"), Precision::Near, PlaceSource::Embedded)
    );
    let system = info.system.as_ref().expect("a network");
    assert_eq!((system.asn, &*system.organisation), (Asn(3333), "Example Network Centre B.V."));
    assert_eq!(&*system.operator, "Example Network Centre");
    assert_eq!((info.anycast.clone(), info.role.clone()), (None, None));
}

#[test]
fn a_translated_address_is_answered_as_the_one_inside() {
    let locator = Locator::new(data());
    let plain = locator.remote(address("193.0.6.1"));
    for text in ["64:ff9b::193.0.6.1", "2002:c100:601::1", "::ffff:193.0.6.1"] {
        assert_eq!(locator.remote(address(text)), plain, "{text}");
    }
}

#[test]
fn a_country_alone_is_not_a_city() {
    let info = Locator::new(data()).remote(address("193.5.0.1"));
    let place = info.place.as_ref().expect("a place");
    assert_eq!((place.precision, city(&info)), (Precision::Country, None));
    assert!(place.coordinates.is_some());
    assert_eq!(role(&info), Some((Role::Access, "asn 3320".into())));
}

#[test]
fn a_published_cloud_range_comes_first() {
    let info = Locator::new(data()).remote(address("34.240.1.1"));
    let place = info.place.as_ref().expect("a place");
    assert_eq!((city(&info), place.source), (Some("Dublin"), PlaceSource::CloudRegion));
    assert_eq!((place.precision, place.accuracy_km), (Precision::Region, 30));
    assert_eq!(role(&info), Some((Role::Cloud, "cloud_region aws eu-west-1".into())));
    assert_eq!(info.system.as_ref().map(|system| &*system.operator), Some("Amazon"));
}

#[test]
fn what_is_served_from_many_places_has_none() {
    let locator = Locator::new(data());
    for (text, anycast, says) in [
        ("104.16.1.1", AnycastRule::Asn(Asn(13335)), (Role::Cdn, "asn 13335")),
        ("8.8.8.8", AnycastRule::Prefix("8.8.8.0/24".into()), (Role::Dns, "prefix 8.8.8.0/24")),
        ("108.0.0.1", AnycastRule::GlobalRange("aws CLOUDFRONT".into()), (Role::Cloud, "asn 16509")),
    ] {
        let info = locator.remote(address(text));
        assert_eq!((info.anycast.clone(), info.place.clone()), (Some(anycast), None), "{text}");
        assert_eq!(role(&info), Some((says.0, says.1.to_owned())), "{text}");
        assert!(info.system.is_some(), "{text}");
    }
}

#[test]
fn an_unknown_address_is_public_and_nothing_more() {
    let locator = Locator::new(data());
    for text in ["200.1.1.1", "2a02::1"] {
        assert_eq!(*locator.remote(address(text)), RemoteInfo::bare(AddressScope::Public), "{text}");
    }
}

#[test]
fn answers_are_shared_by_addresses_of_which_the_same_is_known() {
    let locator = Locator::new(data());
    let first = locator.remote(address("193.0.6.1"));
    for (text, same) in [("193.0.6.1", true), ("193.0.6.2", true), ("193.5.0.1", false), ("8.8.8.8", false)] {
        assert_eq!(std::sync::Arc::ptr_eq(&first, &locator.remote(address(text))), same, "{text}");
    }
}

/// A user's file that moves 193.0.6.0/24 and 34.240.0.0/16 to Cork, knows 23.0.0.0/24 as anycast, and
/// calls AS20940 by its handle.
fn cork(folder: &Path) {
    use mmdb_writer::Value;

    let place = Value::map([
        ("country_code", Value::from("IE")),
        ("city", Value::from("Cork")),
        ("latitude", Value::from(51.9)),
        ("longitude", Value::from(-8.47)),
    ]);
    let anycast = Value::map([
        ("is_anycast", Value::from(true)),
        ("autonomous_system_number", Value::from(20_940_u32)),
        ("autonomous_system_organization", Value::from("AKAMAI-ASN1")),
    ]);
    let mut writer = mmdb_writer::Writer::builder("test")
        .description(&[("en", "made for a test")])
        .build_epoch(std::time::UNIX_EPOCH)
        .build();
    for (network, value) in [
        ("193.0.6.0/24", place.clone()),
        ("34.240.0.0/16", place.clone()),
        ("8.8.8.0/24", place),
        ("23.0.0.0/24", anycast),
    ] {
        writer
            .insert_value(network.parse::<ipnet::IpNet>().expect("a network"), value)
            .expect("it can be inserted");
    }
    fs::write(folder.join("mine.mmdb"), writer.to_bytes().expect("it can be written"))
        .expect("it can be kept");
}

#[test]
fn the_users_file_comes_before_the_programs_own_data_and_goes_with_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let locator = Locator::new(data());
    assert_eq!(city(&locator.remote(address("193.0.6.1"))), Some("Amsterdam"));
    cork(folder.path());
    let sources = locator.recheck(folder.path(), NOW);
    let names: Vec<_> =
        sources.iter().map(|source| (source.name.as_str(), source.kind, source.active)).collect();
    assert_eq!(
        names,
        [
            ("mine.mmdb", "places and networks", true),
            ("Places inside the program", "places", true),
            ("Networks inside the program", "networks", true),
            ("Cloud regions inside the program", "cloud regions", true),
        ]
    );
    assert_eq!(sources[1].build_date.as_deref(), Some("2026-06-05"));
    assert_eq!(sources[1].version, "made up 2026-06");

    let moved = locator.remote(address("193.0.6.1"));
    assert_eq!(city(&moved), Some("Cork"));
    assert_eq!(moved.place.as_ref().map(|place| place.source), Some(PlaceSource::UserDatabase));
    assert_eq!(city(&locator.remote(address("34.240.1.1"))), Some("Dublin"), "published ranges come first");
    assert_eq!(locator.remote(address("8.8.8.8")).place, None, "and so do marks of anycast");
    let akamai = locator.remote(address("23.0.0.1"));
    assert_eq!((akamai.anycast.clone(), akamai.place.clone()), (Some(AnycastRule::UserDatabase), None));
    let system = akamai.system.as_ref().expect("a network");
    assert_eq!((&*system.organisation, &*system.operator), ("AKAMAI-ASN1", "Akamai"));
    assert_eq!(city(&locator.remote(address("23.0.1.1"))), Some("Amsterdam"), "where the file says nothing");

    fs::remove_file(folder.path().join("mine.mmdb")).expect("it can be removed");
    assert_eq!(locator.recheck(folder.path(), NOW).len(), 3);
    assert_eq!(city(&locator.remote(address("193.0.6.1"))), Some("Amsterdam"));
}

#[test]
fn an_interface_with_a_global_address_says_where_this_computer_is() {
    let locator = Locator::new(data());
    let own = |texts: &[&str]| {
        let addresses: Vec<IpAddr> = texts.iter().map(|text| address(text)).collect();
        crate::from_interfaces(&addresses, &locator)
    };
    let place = own(&["127.0.0.1", "192.168.1.7", "fe80::1", "193.0.6.77"]).expect("a place");
    assert_eq!(
        (place.label.as_deref(), place.source),
        (Some("Amsterdam"), tapmap_core::OwnPlaceSource::Interface)
    );
    assert_eq!(place.country, Country::new("NL"));
    assert_eq!(own(&["192.168.1.7", "100.64.0.1", "::1"]), None, "private addresses are nowhere");
    assert_eq!(own(&["104.16.1.1", "8.8.8.8"]), None, "and so is what is served from many places");
    assert_eq!(own(&["2002:c100:601::1"]), None, "a tunnel's address is where the tunnel is");
    assert_eq!(own(&["193.5.0.1"]).and_then(|place| place.label).as_deref(), Some("Netherlands"));
}

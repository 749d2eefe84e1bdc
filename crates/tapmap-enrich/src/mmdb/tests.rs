//! Files as the vendors lay them out, made here, then cut, bent and overwritten.

use std::{
    fs,
    net::IpAddr,
    path::Path,
    thread,
    time::{Duration, UNIX_EPOCH},
};

use mmdb_writer::{IpVersion, Value, Writer};
use proptest::prelude::*;
use tapmap_core::{Coordinates, Country, Precision, Timestamp};

use super::{Answer, Contents, Refusal, UserDatabase, UserFiles};

/// 2026-11-03, in seconds.
const BUILT: u64 = 1_793_664_000;
/// Ten days later.
const NOW: Timestamp = Timestamp::from_millis(1_794_528_000_000);

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn file(kind: &str, described: bool, version: IpVersion, records: &[(&str, Value)]) -> Vec<u8> {
    let description: &[(&str, &str)] = if described { &[("en", "made for a test")] } else { &[] };
    let mut writer = Writer::builder(kind)
        .description(description)
        .ip_version(version)
        .build_epoch(UNIX_EPOCH + Duration::from_secs(BUILT))
        .build();
    for (network, value) in records {
        let network: ipnet::IpNet = network.parse().expect("a network");
        writer.insert_value(network, value.clone()).expect("it can be inserted");
    }
    writer.to_bytes().expect("it can be written")
}

fn names(name: &str) -> Value {
    Value::map([("names", Value::map([("de", "anders"), ("en", name)]))])
}

fn location(latitude: f64, longitude: f64, radius: u16) -> Value {
    Value::map([
        ("latitude", Value::from(latitude)),
        ("longitude", Value::from(longitude)),
        ("accuracy_radius", Value::from(radius)),
    ])
}

fn country(code: &str) -> Value {
    Value::map([("iso_code", Value::from(code))])
}

/// Like GeoLite2-City.
fn nested() -> Vec<u8> {
    let anycast = Value::map([("is_anycast", Value::from(true))]);
    file(
        "GeoLite2-City",
        true,
        IpVersion::V6,
        &[
            ("8.8.8.0/24", Value::map([("registered_country", country("US")), ("traits", anycast)])),
            (
                "193.0.6.0/24",
                Value::map([
                    ("city", names("Amsterdam")),
                    ("country", country("NL")),
                    ("registered_country", country("US")),
                    ("location", location(52.37, 4.9, 20)),
                ]),
            ),
            (
                "193.1.0.0/16",
                Value::map([
                    ("city", names("Cork")),
                    ("country", country("IE")),
                    ("location", location(51.9, -8.47, 100)),
                ]),
            ),
            (
                "193.2.0.0/16",
                Value::map([("country", country("US")), ("location", location(37.751, -97.822, 1000))]),
            ),
            (
                "193.3.0.0/16",
                Value::map([
                    ("country", country("DE")),
                    ("location", location(48.1, 11.6, 100)),
                    ("subdivisions", Value::array([names("Bavaria")])),
                ]),
            ),
            ("193.4.0.0/16", Value::map([("registered_country", country("FR"))])),
            (
                "193.5.0.0/16",
                Value::map([
                    ("city", names("Lyon")),
                    ("country", country("FR")),
                    ("location", location(45.75, 4.85, 500)),
                ]),
            ),
            (
                "2001:67c:2e8::/48",
                Value::map([
                    ("city", names("Amsterdam")),
                    ("country", country("NL")),
                    ("location", location(52.37, 4.9, 5)),
                ]),
            ),
        ],
    )
}

/// Like the flat files repackaged for package registries: no description, IPv4 only.
fn flat() -> Vec<u8> {
    file(
        "city ipv4",
        false,
        IpVersion::V4,
        &[
            (
                "193.0.6.0/24",
                Value::map([
                    ("country_code", Value::from("nl")),
                    ("city", Value::from("Amsterdam (Centrum)")),
                    ("latitude", Value::from(52.37_f32)),
                    ("longitude", Value::from("4.9")),
                ]),
            ),
            ("193.1.0.0/16", Value::map([("country_code", "IE"), ("city", "")])),
        ],
    )
}

/// Like IPinfo Lite: country as a name, network in the same record.
fn ipinfo() -> Vec<u8> {
    file(
        "ipinfo bundle_location_lite.mmdb",
        true,
        IpVersion::V6,
        &[
            (
                "193.0.6.0/24",
                Value::map([
                    ("country", "Netherlands"),
                    ("country_code", "NL"),
                    ("asn", "AS3333"),
                    ("as_name", "RIPE NCC"),
                ]),
            ),
            ("193.1.0.0/16", Value::map([("country", "IE"), ("asn", "AS1213")])),
        ],
    )
}

fn asn() -> Vec<u8> {
    let record = |number: u32, name: &str| {
        Value::map([
            ("autonomous_system_number", Value::from(number)),
            ("autonomous_system_organization", Value::from(name)),
        ])
    };
    file("GeoLite2-ASN", true, IpVersion::V6, &[("193.0.6.0/24", record(3333, "RIPE-NCC-AS"))])
}

fn open(bytes: Vec<u8>) -> UserDatabase {
    UserDatabase::open(bytes, NOW).expect("a good file")
}

fn refusal(bytes: Vec<u8>) -> Refusal {
    UserDatabase::open(bytes, NOW).expect_err("a bad file")
}

type Told<'a> = (&'a str, Option<&'a str>, Precision, u32);

fn told<'a>(answer: &Answer<'a>, country: &'a str) -> Option<Told<'a>> {
    let place = answer.place.as_ref()?;
    assert_eq!(place.country, Country::new(country).expect("two letters"));
    Some((country, place.city, place.precision, place.accuracy_km))
}

#[test]
fn nested_records_are_read_by_their_keys() {
    let database = open(nested());
    assert_eq!(database.contents(), Contents { places: true, networks: false });
    assert_eq!(database.kind(), "GeoLite2-City");
    assert_eq!(database.build_date().as_deref(), Some("2026-11-03"));
    let at = |text: &str| database.look_up(address(text));
    assert_eq!(told(&at("193.0.6.1"), "NL"), Some(("NL", Some("Amsterdam"), Precision::City, 20)));
    assert_eq!(told(&at("2001:67c:2e8::1"), "NL"), Some(("NL", Some("Amsterdam"), Precision::City, 5)));
    assert_eq!(told(&at("193.1.2.3"), "IE"), Some(("IE", Some("Cork"), Precision::Near, 100)));
    assert_eq!(told(&at("193.3.2.3"), "DE"), Some(("DE", None, Precision::Region, 100)));
    assert!(at("8.8.8.8").anycast && at("8.8.8.8").place.is_none());
    assert_eq!(at("193.4.0.1"), Answer::default(), "where a block is registered is not where it is");
    assert_eq!(at("10.0.0.1"), Answer::default());
}

#[test]
fn the_middle_of_a_country_is_drawn_as_the_country() {
    let database = open(nested());
    let place = database.look_up(address("193.2.0.1")).place.expect("a place");
    assert_eq!((place.city, place.precision), (None, Precision::Country));
    let unsure = database.look_up(address("193.5.0.1")).place.expect("a place");
    assert_eq!((unsure.city, unsure.precision), (None, Precision::Country), "a city within 500 km");
    let (point, accuracy_km) = crate::country_point(place.country).expect("a point");
    assert_eq!((place.coordinates, place.accuracy_km), (Some(point), accuracy_km));
}

#[test]
fn flat_records_are_read_by_their_keys() {
    let database = open(flat());
    assert_eq!(database.contents(), Contents { places: true, networks: false });
    let answer = database.look_up(address("193.0.6.1"));
    assert_eq!(told(&answer, "NL"), Some(("NL", Some("Amsterdam"), Precision::City, 50)));
    let point = answer.place.and_then(|place| place.coordinates).expect("a point");
    assert!(point.distance_km(Coordinates::new(52.37, 4.9).expect("a point")) < 0.1);
    assert_eq!(
        told(&database.look_up(address("193.1.0.1")), "IE").map(|told| told.2),
        Some(Precision::Country)
    );
    assert_eq!(database.look_up(address("2001:67c:2e8::1")), Answer::default(), "it knows IPv4 only");
    assert_eq!(database.unreadable(), 0);
}

#[test]
fn one_record_may_hold_place_and_network() {
    let database = open(ipinfo());
    assert_eq!(database.contents(), Contents { places: true, networks: true });
    let answer = database.look_up(address("193.0.6.1"));
    assert_eq!((answer.asn, answer.organisation), (Some(3333), Some("RIPE NCC")));
    assert_eq!(told(&answer, "NL").map(|told| (told.1, told.2)), Some((None, Precision::Country)));
    let older = database.look_up(address("193.1.0.1"));
    assert_eq!((older.asn, told(&older, "IE").map(|told| told.0)), (Some(1213), Some("IE")));
}

#[test]
fn what_is_no_database_is_refused_with_a_reason() {
    assert_eq!(refusal(Vec::new()), Refusal::Empty);
    assert_eq!(refusal(vec![0x1f, 0x8b, 8, 0]), Refusal::Packed);
    assert_eq!(refusal(b"<html>not found</html>".to_vec()), Refusal::NotADatabase);
    let whole = nested();
    assert_eq!(refusal(whole[..whole.len() / 2].to_vec()), Refusal::NotADatabase);
    let early = Timestamp::from_millis(1_700_000_000_000);
    let future = UserDatabase::open(nested(), early).expect_err("it is from the future");
    assert_eq!(future.to_string(), "its build date lies in the future: 2026-11-03");
    let strange = file("Weather", true, IpVersion::V6, &[("193.0.6.0/24", Value::map([("rain", true)]))]);
    assert_eq!(refusal(strange), Refusal::UnknownLayout);
}

#[test]
fn what_no_honest_file_holds_is_refused() {
    let place = |code: &str, city: &str, latitude: f64| {
        let record = Value::map([
            ("country_code", Value::from(code)),
            ("city", Value::from(city)),
            ("latitude", Value::from(latitude)),
            ("longitude", Value::from(4.9)),
        ]);
        file("city", true, IpVersion::V6, &[("193.0.6.0/24", record)])
    };
    assert!(UserDatabase::open(place("NL", "Amsterdam", 52.4), NOW).is_ok());
    assert!(matches!(refusal(place("NLD", "Amsterdam", 52.4)), Refusal::Fault(_)));
    assert!(matches!(refusal(place("NL", "Amsterdam", 95.0)), Refusal::Fault(_)));
    assert!(matches!(refusal(place("NL", "Amsterdam", f64::NAN)), Refusal::Fault(_)));
    assert!(matches!(refusal(place("NL", "Amster\u{1b}[2Jdam", 52.4)), Refusal::Fault(_)));
    assert!(matches!(refusal(place("NL", &"x".repeat(201), 52.4)), Refusal::Fault(_)));
}

#[test]
fn damage_inside_is_found() {
    let mut bytes = nested();
    let amsterdam = bytes.windows(9).position(|window| window == b"Amsterdam").expect("it is in there");
    // The byte before a text says that it is one and how long; 0xff claims a type there is not.
    bytes[amsterdam - 1] = 0xff;
    assert!(matches!(refusal(bytes), Refusal::Damaged | Refusal::NotADatabase));
    let mut flat = flat();
    let amsterdam = flat.windows(9).position(|window| window == b"Amsterdam").expect("it is in there");
    flat[amsterdam] = 0xff;
    assert_eq!(refusal(flat), Refusal::Damaged, "a text that is not UTF-8");
}

fn nested_deeply(depth: usize) -> Vec<u8> {
    let deep = (0..depth).fold(Value::from("NL"), |value, _| Value::map([("country", value)]));
    let record = Value::map([("country_code", Value::from("NL")), ("more", deep)]);
    file("deep", true, IpVersion::V6, &[("193.0.6.0/24", record)])
}

#[test]
fn a_record_nested_deeply_is_survived() {
    for depth in [10, 250, 2_000] {
        // The writer needs a deep stack for it; the reader must not.
        let writer = thread::Builder::new().stack_size(256 << 20).spawn(move || nested_deeply(depth));
        let bytes = writer.expect("a thread").join().expect("it is written");
        match UserDatabase::open(bytes, NOW) {
            Ok(database) => assert!(database.look_up(address("193.0.6.1")).place.is_some()),
            Err(refusal) => assert_eq!(refusal, Refusal::Damaged),
        }
    }
}

#[test]
fn trying_a_file_says_what_it_knows_or_why_it_is_not_taken() {
    assert_eq!(super::try_database(nested(), NOW), Ok(3));
    assert_eq!(super::try_database(Vec::new(), NOW), Err("it is empty".to_owned()));
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    fs::write(folder.join(name), bytes).expect("it can be written");
}

#[test]
fn files_are_taken_from_the_folder_and_a_mixed_pair_answers_together() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "GeoLite2-ASN.mmdb", &asn());
    put(folder.path(), "DBIP-City.mmdb", &flat());
    put(folder.path(), "notes.txt", b"nothing to see");
    let files = UserFiles::recheck(&UserFiles::default(), folder.path(), NOW);
    let answer = files.look_up(address("193.0.6.1"));
    assert_eq!((answer.asn, answer.organisation), (Some(3333), Some("RIPE-NCC-AS")));
    assert_eq!(told(&answer, "NL").and_then(|told| told.1), Some("Amsterdam"));
    let sources: Vec<_> = files.sources().collect();
    let names: Vec<_> =
        sources.iter().map(|source| (source.name.as_str(), source.kind, source.active)).collect();
    assert_eq!(names, [("GeoLite2-ASN.mmdb", "networks", true), ("DBIP-City.mmdb", "places", true)]);
    assert!(sources.iter().all(|source| source.problem.is_none() && source.source == "user"));
    assert_eq!(fs::read(folder.path().join("DBIP-City.mmdb")).expect("untouched"), flat());
}

#[test]
fn a_mere_country_yields_to_a_finer_place_in_the_same_country() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "ipinfo_lite.mmdb", &ipinfo());
    put(folder.path(), "dbip-city.mmdb", &flat());
    put(folder.path(), "GeoLite2-Country.mmdb", &{
        let records = [("193.0.6.0/24", Value::map([("country", country("NL"))]))];
        file("GeoLite2-Country", true, IpVersion::V6, &records)
    });
    let files = UserFiles::recheck(&UserFiles::default(), folder.path(), NOW);
    let answer = files.look_up(address("193.0.6.1"));
    assert_eq!(told(&answer, "NL").and_then(|told| told.1), Some("Amsterdam"));
    assert_eq!(told(&files.look_up(address("193.1.0.1")), "IE").map(|told| told.2), Some(Precision::Country));
}

#[test]
fn a_broken_file_leaves_the_data_before_in_use_even_over_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "GeoLite2-City.mmdb", &nested());
    let before = UserFiles::recheck(&UserFiles::default(), folder.path(), NOW);
    put(folder.path(), "GeoLite2-City.mmdb", &nested()[..700]);
    let amsterdam = |files: &UserFiles| {
        told(&files.look_up(address("193.0.6.1")), "NL").and_then(|told| told.1.map(str::to_owned))
    };
    let problem = "GeoLite2-City.mmdb was not taken: it is no MaxMind DB file, or it was cut short. The data \
                   accepted before stay in use.";
    for previous in [&before, &UserFiles::default()] {
        let after = UserFiles::recheck(previous, folder.path(), NOW);
        assert_eq!(amsterdam(&after).as_deref(), Some("Amsterdam"));
        let source = after.sources().next().expect("a source");
        assert_eq!((source.active, source.problem.as_deref()), (true, Some(problem)));
    }
    put(folder.path(), "GeoLite2-City.mmdb", &nested());
    let mended = UserFiles::recheck(&before, folder.path(), NOW);
    assert_eq!(mended.sources().next().expect("a source").problem, None);
}

#[test]
fn a_file_that_is_taken_away_takes_its_data_along() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "GeoLite2-City.mmdb", &nested());
    let before = UserFiles::recheck(&UserFiles::default(), folder.path(), NOW);
    assert!(!before.is_empty());
    let copies = folder.path().join(super::folder::ACCEPTED);
    assert_eq!(fs::read_dir(&copies).expect("it is there").count(), 1);
    fs::remove_file(folder.path().join("GeoLite2-City.mmdb")).expect("it can be removed");
    let after = UserFiles::recheck(&before, folder.path(), NOW);
    assert!(after.is_empty() && after.sources().next().is_none());
    assert_eq!(fs::read_dir(&copies).expect("it is there").count(), 0);
}

#[test]
fn a_bad_file_without_a_past_is_told_and_answers_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "GeoLite2-City.mmdb", b"");
    fs::create_dir(folder.path().join("folder.mmdb")).expect("a folder can be made");
    let files = UserFiles::recheck(&UserFiles::default(), folder.path(), NOW);
    assert!(files.is_empty());
    let problems: Vec<_> = files.sources().filter_map(|source| source.problem).collect();
    assert_eq!(
        problems,
        [
            "GeoLite2-City.mmdb was not taken: it is empty.",
            "folder.mmdb was not taken: it cannot be read: not a plain file."
        ]
    );
    assert!(files.sources().all(|source| !source.active));
    let nowhere = UserFiles::recheck(&files, &folder.path().join("missing"), NOW);
    assert!(nowhere.is_empty());
}

/// Opens what a mutation made of a good file and asks it: it may be refused or answer anything that
/// passes the checks, but it never panics and never hands on what a screen must not show.
fn survive(bytes: Vec<u8>) {
    let Ok(database) = UserDatabase::open(bytes, NOW) else { return };
    for text in ["8.8.8.8", "193.0.6.1", "193.1.2.3", "193.2.0.1", "193.3.2.3", "2001:67c:2e8::1", "::1"] {
        let answer = database.look_up(address(text));
        let shown = answer.place.and_then(|place| place.city).into_iter().chain(answer.organisation);
        for name in shown {
            assert!(name.len() <= 200 && !name.chars().any(char::is_control));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_harm_nothing(
        which in 0..4_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = [nested, flat, ipinfo, asn][which]();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        survive(bytes);
    }

    #[test]
    fn cut_and_moved_bytes_harm_nothing(
        which in 0..4_usize,
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        insert in any::<bool>(),
    ) {
        let mut bytes = [nested, flat, ipinfo, asn][which]();
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let (from, to) = (from.min(to), from.max(to));
        let piece: Vec<u8> = bytes.drain(from..to).collect();
        if insert {
            let at = bytes.len() / 2;
            bytes.splice(at..at, piece);
        }
        survive(bytes);
    }
}

//! The builder's whole way over the tiny source in `fixtures/geo-source`.

use std::{
    fs::{self, File},
    net::IpAddr,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use mmdb_writer::{IpVersion, Value, Writer};
use tapmap_enrich::{
    cloud::CloudPack,
    pack::{AsnPack, PlacePack},
};

use super::{Options, build, cut::Budgets, hexadecimal, sha256};

const TINY: Budgets = Budgets { common: [3, 2], exempt: [100, 100], near_km: 25.0, stray_share: 0.02 };

fn source(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/geo-source").join(name)
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn flat(fields: &[&str]) -> Value {
    let degrees = |at: usize| Value::from(fields[at].parse::<f32>().expect("degrees"));
    Value::map([
        ("country_code", Value::from(fields[1])),
        ("city", Value::from(fields[2])),
        ("latitude", degrees(3)),
        ("longitude", degrees(4)),
    ])
}

fn nested(fields: &[&str]) -> Value {
    let degrees = |at: usize| Value::from(fields[at].parse::<f64>().expect("degrees"));
    Value::map([
        ("country", Value::map([("iso_code", fields[1])])),
        ("city", Value::map([("names", Value::map([("en", fields[2])]))])),
        ("location", Value::map([("latitude", degrees(3)), ("longitude", degrees(4))])),
    ])
}

/// Both city databases made from the rows.
fn cities(folder: &Path, layout: fn(&[&str]) -> Value) -> Vec<PathBuf> {
    let text = fs::read_to_string(source("cities.csv")).expect("the rows");
    [(IpVersion::V4, false), (IpVersion::V6, true)]
        .into_iter()
        .map(|(version, colons)| {
            let mut writer = Writer::builder("made up").ip_version(version).build_epoch(UNIX_EPOCH).build();
            for row in text.lines().filter(|row| !row.starts_with('#')) {
                let fields: Vec<&str> = row.split(',').collect();
                if fields[0].contains(':') == colons {
                    let network: ipnet::IpNet = fields[0].parse().expect("a network");
                    writer.insert_value(network, layout(&fields)).expect("it fits");
                }
            }
            let file = folder.join(format!("cities-{colons}.mmdb"));
            fs::write(&file, writer.to_bytes().expect("it can be written")).expect("it is kept");
            file
        })
        .collect()
}

fn cloud(folder: &Path) -> PathBuf {
    let text = fs::read_to_string(source("cloud.json")).expect("the lists");
    let lists: serde_json::Value = serde_json::from_str(&text).expect("they are JSON");
    let file = folder.join("cloud.msgpack.gz");
    let compressed = File::create(&file).expect("it can be made");
    let mut encoder = flate2::write::GzEncoder::new(compressed, flate2::Compression::fast());
    rmp_serde::encode::write_named(&mut encoder, &lists).expect("it can be written");
    encoder.finish().expect("it can be finished");
    file
}

struct Product {
    report: String,
    sources: String,
    packs: [Vec<u8>; 3],
}

fn product(layout: fn(&[&str]) -> Value) -> Product {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let options = Options {
        cities: cities(folder.path(), layout),
        networks: vec![source("networks-v4.csv"), source("networks-v6.csv")],
        cloud: Some(cloud(folder.path())),
        origins: vec!["made up 1.0".into()],
        date: 20_260_105,
        out: Some(out.clone()),
    };
    let report = build(&options, &TINY).expect("it builds");
    let packs = ["places", "asn", "cloud"].map(|name| {
        let compressed = File::open(out.join(format!("{name}.pack.zst"))).expect("it was written");
        zstd::decode_all(compressed).expect("it expands")
    });
    let sources = fs::read_to_string(out.join("SOURCES.md")).expect("it was written");
    Product { report, sources, packs }
}

#[test]
fn places_are_cut_where_an_operator_keeps_more_than_its_budget_and_say_how_precise_they_are() {
    let product = product(flat);
    let pack = PlacePack::open(&product.packs[0]).expect("opens");
    let found = |text: &str| {
        let answer = pack.look_up(address(text))?;
        Some((answer.country.code().to_owned(), answer.city.unwrap_or("-"), answer.accuracy_km))
    };
    let place = |country: &str, city, accuracy_km| Some((country.to_owned(), city, accuracy_km));
    for (text, expected) in [
        // Two points of one city and a town near by, joined.
        ("1.0.0.1", place("AU", "Sydney", 25)),
        ("1.0.1.1", place("AU", "Sydney", 25)),
        ("1.0.2.1", place("AU", "Melbourne", 5)),
        ("1.0.3.1", place("NZ", "Auckland", 5)),
        ("1.0.4.1", None),
        // Above its budget: one range of the heaviest place, only the country is claimed, as far as Munich.
        ("20.0.0.1", place("DE", "-", 504)),
        ("20.0.1.1", place("DE", "-", 504)),
        ("20.0.7.1", place("DE", "-", 504)),
        // The same, but exempt.
        ("30.0.0.1", place("DE", "Berlin", 5)),
        ("30.0.1.1", place("DE", "Munich", 5)),
        ("30.0.3.1", place("DE", "Hamburg", 5)),
        // Special-purpose space between two blocks of one place.
        ("192.0.0.1", None),
        ("192.0.1.1", place("IE", "Dublin", 5)),
        ("192.0.2.1", None),
        ("192.0.3.1", place("IE", "Dublin", 5)),
        ("192.168.0.1", None),
        ("2a00:1::1", place("FR", "Paris", 5)),
        ("2a00:1:1::1", place("FR", "Lyon", 5)),
        // Nobody announces it.
        ("2a00:2::1", None),
        ("2001:db8::1", None),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
    assert_eq!(pack.info().date, (2026, 1, 5));
    assert_eq!(pack.info().values("licence").collect::<Vec<_>>(), ["CC BY 4.0"]);
}

#[test]
fn the_nested_layout_gives_the_same_places() {
    let [flat, nested] = [product(flat), product(nested)].map(|product| product.packs[0].clone());
    let [flat, nested] = [PlacePack::open(&flat), PlacePack::open(&nested)].map(|pack| pack.expect("opens"));
    assert_eq!(flat.places(), nested.places());
    for text in ["1.0.0.1", "1.0.3.1", "20.0.5.1", "30.0.2.1", "192.0.1.1", "2a00:1:1::1"] {
        assert_eq!(flat.look_up(address(text)), nested.look_up(address(text)), "{text}");
    }
}

#[test]
fn networks_are_clipped_where_they_overlap_and_keep_their_names() {
    let product = product(flat);
    let pack = AsnPack::open(&product.packs[1]).expect("opens");
    let found = |text: &str| pack.look_up(address(text)).map(|answer| (answer.asn, answer.organisation));
    assert_eq!(found("1.0.3.255"), Some((64_500, "Southern Cross, Ltd.")));
    assert_eq!(found("20.0.4.1"), Some((64_501, "Home Lines \"GmbH\"")));
    assert_eq!(found("2a00:1::1"), Some((64_503, "Réseau")));
    assert_eq!(found("192.0.2.1"), None);
    assert_eq!(found("8.8.8.8"), None);
}

#[test]
fn the_strongest_of_a_providers_lists_speaks() {
    let product = product(flat);
    let pack = CloudPack::open(&product.packs[2]).expect("opens");
    let found = |text: &str| {
        let answer = pack.look_up(address(text))?;
        let city = answer.place.and_then(|place| place.city);
        Some((answer.provider, answer.region, answer.service, city, answer.global))
    };
    let dublin = Some("Dublin");
    for (text, expected) in [
        ("3.0.1.1", Some(("aws", Some("eu-west-1"), Some("EC2"), dublin, false))),
        ("3.0.1.200", Some(("aws", None, Some("CLOUDFRONT"), None, true))),
        ("3.0.2.1", Some(("aws", Some("eu-west-1"), None, dublin, false))),
        // Listed under two regions.
        ("3.1.0.1", Some(("aws", None, None, None, false))),
        ("3.2.0.1", None),
        ("4.0.0.1", Some(("azure", Some("germanywc"), None, Some("Frankfurt"), false))),
        ("4.0.0.200", Some(("azure", None, None, None, false))),
        ("5.0.0.1", Some(("gcp", None, None, None, true))),
        ("2606:4700::1", Some(("cloudflare", None, None, None, true))),
        // A region without a place in the table.
        ("2a05:0:0:1::1", Some(("gcp", Some("europe-nowhere9"), None, None, false))),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
    assert_eq!(pack.info().date, (2026, 1, 2));
}

#[test]
fn report_and_sources_say_what_was_done() {
    let product = product(flat);
    assert!(product.report.contains("places"), "{}", product.report);
    // 256 of 4,608 source addresses moved from Munich and 256 from Hamburg to Berlin.
    assert!(product.report.contains("more than 100 km 11.11 %"), "{}", product.report);
    assert!(product.report.contains("country changed 0.000 %"), "{}", product.report);
    assert!(product.sources.contains("- made up 1.0\n"), "{}", product.sources);
    for pack in &product.packs {
        assert!(product.sources.contains(&hexadecimal(&sha256(pack))), "{}", product.sources);
    }
}

#[test]
fn what_is_missing_or_unknown_is_said() {
    let error = |arguments: &[&str]| super::run(arguments).expect_err("it is refused");
    assert!(error(&[]).starts_with("the cities, the networks and the date have to be given"));
    assert!(error(&["--city4"]).starts_with("--city4 needs a value"));
    assert!(error(&["--citty", "x"]).starts_with("--citty is not known"));
    let files = ["--city4", "/none.mmdb", "--asn", "/none.csv", "--date", "20260101", "--out", "/none"];
    assert!(error(&files).starts_with("--cloud is missing"));
}

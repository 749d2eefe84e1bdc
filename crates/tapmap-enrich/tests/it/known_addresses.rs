//! Addresses of which it is known where they are, from `fixtures/geo/known-addresses.csv`.

use std::net::IpAddr;

use tapmap_core::{AddressScope, Coordinates, Enricher, RemoteInfo};

use crate::locator;

const KNOWN: &str = include_str!("../../../../fixtures/geo/known-addresses.csv");
/// How far an answer may lie from a known place, in kilometres.
const NEAR_KM: f64 = 60.0;

/// One row: what is known of an address.
struct Known {
    kind: String,
    address: IpAddr,
    country: Option<String>,
    asn: Option<u32>,
    place: Option<Coordinates>,
    anycast: bool,
}

fn known() -> Vec<Known> {
    KNOWN
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("kind,"))
        .map(|line| {
            let fields = fields(line);
            let text = |at: usize| Some(fields[at].clone()).filter(|text| !text.is_empty());
            let number = |at: usize| fields[at].parse::<f64>().ok();
            Known {
                kind: fields[0].clone(),
                address: fields[1].parse().expect("an address"),
                country: text(2),
                asn: text(3).map(|asn| asn.parse().expect("a number")),
                place: number(5).zip(number(6)).and_then(|(north, east)| Coordinates::new(north, east)),
                anycast: fields[8] == "yes",
            }
        })
        .collect()
}

/// The fields of a line of comma-separated values with quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().expect("never empty").push(letter),
        }
    }
    fields
}

fn wrong(rows: impl Iterator<Item = Known>, is_right: impl Fn(&Known, &RemoteInfo) -> bool) -> Vec<String> {
    let locator = locator();
    let mut wrong = Vec::new();
    for row in rows {
        let info = locator.remote(row.address);
        if !is_right(&row, &info) {
            wrong.push(format!("{} {}: {info:?}", row.kind, row.address));
        }
    }
    wrong
}

#[test]
fn a_special_address_has_no_place_no_network_and_no_role() {
    let rows = known().into_iter().filter(|row| row.kind == "special");
    let wrong =
        wrong(rows, |_, info| info.scope != AddressScope::Public && *info == RemoteInfo::bare(info.scope));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_anycast_address_has_a_network_and_a_mark_but_no_place() {
    let rows = known().into_iter().filter(|row| row.anycast);
    let wrong = wrong(rows, |row, info| {
        info.anycast.is_some()
            && info.place.is_none()
            && info.system.as_ref().map(|system| system.asn.0) == row.asn
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_other_address_has_its_country_its_network_and_its_place() {
    let rows = known().into_iter().filter(|row| !row.anycast && row.kind != "special");
    let wrong = wrong(rows, |row, info| {
        let Some(place) = &info.place else { return false };
        let country = place.country.as_ref().map(|country| country.code().to_owned());
        let near = row
            .place
            .is_none_or(|known| place.coordinates.is_some_and(|found| found.distance_km(known) <= NEAR_KM));
        info.anycast.is_none()
            && country == row.country
            && near
            && info.system.as_ref().map(|system| system.asn.0) == row.asn
    });
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

#[test]
fn the_list_holds_what_this_test_believes() {
    let count = |wanted: &dyn Fn(&Known) -> bool| known().iter().filter(|row| wanted(row)).count();
    assert_eq!(count(&|row| row.anycast), 38);
    assert_eq!(count(&|row| row.kind == "special"), 11);
    assert_eq!(count(&|_| true), 345);
    assert!(count(&|row| row.place.is_some()) > 200);
}

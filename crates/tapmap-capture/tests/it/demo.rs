//! The demo's day is what it is made to be: full from the start, never still, and nobody's.

use std::{collections::HashSet, fs, net::IpAddr, path::Path};

use tapmap_capture::replay::Replay;
use tapmap_core::{AddressScope, Endpoint, LeadsTo, Observation, Sighting, SocketRow};

fn fixture(path: &str) -> std::path::PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures")).join(path)
}

fn day() -> Vec<Observation> {
    let mut replay = Replay::open(&fixture("demo/day.jsonl")).unwrap();
    assert!(replay.header().demo);
    let day: Vec<_> = std::iter::from_fn(|| replay.next().unwrap()).collect();
    assert!(!replay.cut_off());
    day
}

/// Its tables alone.
fn tables() -> Vec<Observation> {
    let is_table = |observation: &Observation| matches!(observation.sighting, Sighting::Table(_));
    day().into_iter().filter(is_table).collect()
}

fn rows(observation: &Observation) -> &[SocketRow] {
    match &observation.sighting {
        Sighting::Table(table) => &table.sockets,
        other => panic!("not a table: {other:?}"),
    }
}

fn remotes(rows: &[SocketRow]) -> HashSet<IpAddr> {
    rows.iter().filter_map(|row| row.remote).map(Endpoint::address).collect()
}

/// The addresses of a kind of the checked list, or of all kinds but the special ones.
fn known(wanted: Option<&str>) -> HashSet<IpAddr> {
    let text = fs::read_to_string(fixture("geo/known-addresses.csv")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let fields = rows.map(|line| line.splitn(3, ',').collect::<Vec<_>>());
    fields
        .filter(|fields| wanted.map_or(fields[0] != "special", |wanted| fields[0] == wanted))
        .map(|fields| fields[1].parse().unwrap())
        .collect()
}

#[test]
fn the_first_table_is_full() {
    let day = tables();
    let first = rows(&day[0]);
    let flows = first.iter().filter(|row| row.remote.is_some()).count();
    let (anycast, all) = (known(Some("anycast")), known(None));
    let remotes = remotes(first);
    assert!(flows >= 120, "{flows} flows");
    assert!(remotes.intersection(&anycast).count() >= 10);
    assert!(remotes.intersection(&all).filter(|address| !anycast.contains(*address)).count() >= 60);
    assert!(remotes.iter().filter(|address| address.is_ipv6()).count() >= 8);
    let apps: HashSet<_> = first.iter().filter_map(|row| row.owner.app()).map(|app| &app.name).collect();
    assert!(apps.len() >= 30, "{} apps", apps.len());
    for scope in [AddressScope::Public, AddressScope::Lan, AddressScope::Local, AddressScope::Cgnat] {
        assert!(remotes.iter().any(|address| AddressScope::of(*address) == scope), "{scope:?}");
    }
}

#[test]
fn something_opens_or_closes_at_least_every_minute_of_a_whole_day() {
    let day = tables();
    for pair in day.windows(2) {
        let pause = pair[1].at.since(pair[0].at).as_secs();
        let ids = |observation| rows(observation).iter().map(|row| row.id).collect::<HashSet<_>>();
        assert!(pause <= 60, "{pause} s before {:?}", pair[1].at);
        assert_ne!(ids(&pair[0]), ids(&pair[1]), "nothing happens at {:?}", pair[1].at);
    }
    assert!(day.last().unwrap().at.since(day[0].at).as_secs() >= 24 * 3600);
}

#[test]
fn public_addresses_are_from_the_list_and_every_kind_of_owner_occurs() {
    let known = known(None);
    let mut words = HashSet::new();
    for observation in tables() {
        for row in rows(&observation) {
            words.insert(row.owner.word());
        }
        for address in remotes(rows(&observation)) {
            assert!(
                known.contains(&address) || AddressScope::of(address) != AddressScope::Public,
                "{address}"
            );
        }
    }
    for word in ["descriptor", "not_permitted", "exited", "kernel", "not_found", "pending", "not_supported"] {
        assert!(words.contains(word), "{word}");
    }
}

#[test]
fn names_are_nobodys_and_come_before_what_they_lead_to() {
    let mut sources = HashSet::new();
    let mut told = HashSet::new();
    for observation in day() {
        match observation.sighting {
            Sighting::Named(heard) => {
                let mut names = heard.aliases.iter().chain([&heard.name]);
                assert!(names.all(|name| name.ends_with(".example")), "{heard:?}");
                sources.insert(heard.source.word());
                if let LeadsTo::Connection { from, .. } = heard.leads_to {
                    told.insert(from);
                }
            }
            Sighting::Table(table) => {
                assert!(told.drain().all(|from| table.sockets.iter().any(|row| row.local == from)));
            }
            other => panic!("neither a name nor a table: {other:?}"),
        }
    }
    assert_eq!(sources, HashSet::from(["dns", "tls_server_name", "quic_server_name"]));
}

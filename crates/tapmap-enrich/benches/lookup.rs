//! Prints what a look-up in the embedded data costs, beside the same look-up in `.mmdb` files made from
//! the same data in the same run: over the addresses of known servers again and again, over random
//! addresses, and the first after opening. What is asked for: 150 ns, 500 ns, 1 ms.
//! `cargo bench -p tapmap-enrich --bench lookup`; the cache has a bench of its own.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    error::Error,
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::{Instant, UNIX_EPOCH},
};

use maxminddb::Reader;
use mmdb_writer::{IpVersion, Value, Writer};
use serde::Deserialize;
use tapmap_core::{AddressScope, Enricher, Timestamp};
use tapmap_enrich::{Data, Locator};

/// Neighbouring blocks asked around each known server, so that some 2,500 addresses are asked.
const NEIGHBOURS: u32 = 8;
/// Random addresses asked.
const RANDOM: usize = 1_000_000;
/// Of several rounds the best counts.
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let data = Data::open(tapmap_geodata::PLACES, tapmap_geodata::ASNS, tapmap_geodata::CLOUD)?;
    let opened = start.elapsed();
    look_up(&data, Ipv4Addr::new(193, 0, 6, 139).into());
    println!("opened in {opened:?}, first answer {:?} after start (asked for: 1 ms)", start.elapsed());

    let (servers, random) = (servers()?, random());
    let files = Files::made_from(&data)?;
    println!("{:24} {:>12} {:>12} {:>8}", "place + network + cloud", "packs", "mmdb", "ratio");
    for (name, addresses, limit) in [("servers, warm", &servers, 150), ("random", &random, 500)] {
        let packs = each(addresses, |address| look_up(&data, address));
        let mmdb = each(addresses, |address| files.look_up(address));
        let ratio = mmdb / packs;
        println!("{name:24} {packs:9.1} ns {mmdb:9.1} ns {ratio:7.1}x   asked for: {limit} ns");
    }
    let locator = Locator::new(data);
    for (name, addresses) in [("servers", &servers[..]), ("random", &random[..20_000])] {
        let round = || {
            locator.recheck(Path::new("/nonexistent"), Timestamp::default());
            each_once(addresses, |address| drop(black_box(locator.remote(address))))
        };
        let best = (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min);
        println!("{name}, the whole answer with marks and role, put together and kept: {best:.1} ns");
    }
    Ok(())
}

/// What the packs say, as the whole answer asks them.
fn look_up(data: &Data, address: IpAddr) {
    black_box(data.asns.look_up(address));
    black_box(data.cloud.look_up(address));
    black_box(data.places.look_up(address));
}

/// The same in `.mmdb` files; the cloud regions have none.
struct Files {
    places: Reader<Vec<u8>>,
    systems: Reader<Vec<u8>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding them is what is measured")]
struct PlaceRow<'a> {
    country_code: &'a str,
    city: &'a str,
    latitude: f64,
    longitude: f64,
    accuracy_km: u32,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding them is what is measured")]
struct SystemRow<'a> {
    autonomous_system_number: u32,
    autonomous_system_organization: &'a str,
}

impl Files {
    /// Asks every /24 once and writes what is the same into one range.
    fn made_from(data: &Data) -> Result<Self, Box<dyn Error>> {
        let place = |address| {
            data.places.look_up(address).map(|answer| {
                Value::map([
                    ("country_code", Value::from(answer.country.code())),
                    ("city", Value::from(answer.city.unwrap_or_default())),
                    ("latitude", Value::from(answer.latitude)),
                    ("longitude", Value::from(answer.longitude)),
                    ("accuracy_km", Value::from(answer.accuracy_km)),
                ])
            })
        };
        let system = |address| {
            data.asns.look_up(address).map(|answer| {
                Value::map([
                    ("autonomous_system_number", Value::from(answer.asn)),
                    ("autonomous_system_organization", Value::from(answer.organisation)),
                ])
            })
        };
        let same_place = |one, other| data.places.look_up(one) == data.places.look_up(other);
        let same_system = |one, other| data.asns.look_up(one) == data.asns.look_up(other);
        Ok(Self { places: file(place, same_place)?, systems: file(system, same_system)? })
    }

    fn look_up(&self, address: IpAddr) {
        black_box(self.systems.lookup(address).ok().and_then(|found| found.decode::<SystemRow<'_>>().ok()));
        black_box(self.places.lookup(address).ok().and_then(|found| found.decode::<PlaceRow<'_>>().ok()));
    }
}

fn file(
    value: impl Fn(IpAddr) -> Option<Value>,
    same: impl Fn(IpAddr, IpAddr) -> bool,
) -> Result<Reader<Vec<u8>>, Box<dyn Error>> {
    let block = |number: u32| IpAddr::from(Ipv4Addr::from_bits(number << 8));
    let mut writer =
        Writer::builder("made from the packs").ip_version(IpVersion::V4).build_epoch(UNIX_EPOCH).build();
    let mut first = 0;
    for next in 1..=1_u32 << 24 {
        if next == 1 << 24 || !same(block(first), block(next)) {
            if let Some(value) = value(block(first)) {
                writer.insert_range(
                    block(first),
                    Ipv4Addr::from_bits((next - 1) << 8 | 255).into(),
                    &value,
                )?;
            }
            first = next;
        }
    }
    Ok(Reader::from_source(writer.to_bytes()?)?)
}

/// The known servers and blocks beside them.
fn servers() -> Result<Vec<IpAddr>, Box<dyn Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/geo/known-addresses.csv");
    let text = std::fs::read_to_string(file)?;
    let known = text.lines().filter_map(|line| line.split(',').nth(1)?.parse::<Ipv4Addr>().ok());
    let around = known.flat_map(|known| (0..NEIGHBOURS).map(move |step| known.to_bits() ^ (step << 8)));
    Ok(public(around).collect())
}

/// Random public addresses, the same in every run.
fn random() -> Vec<IpAddr> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let numbers = std::iter::repeat_with(move || {
        // Xorshift, Marsaglia 2003.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::try_from(state >> 32).unwrap_or_default()
    });
    public(numbers).take(RANDOM).collect()
}

fn public(numbers: impl Iterator<Item = u32>) -> impl Iterator<Item = IpAddr> {
    let addresses = numbers.map(|number| IpAddr::from(Ipv4Addr::from_bits(number)));
    addresses.filter(|address| AddressScope::of(*address) == AddressScope::Public)
}

/// Nanoseconds an address costs, the best of several rounds.
fn each(addresses: &[IpAddr], mut work: impl FnMut(IpAddr)) -> f64 {
    (0..ROUNDS).map(|_| each_once(addresses, &mut work)).fold(f64::INFINITY, f64::min)
}

#[expect(clippy::cast_precision_loss, reason = "a million addresses")]
fn each_once(addresses: &[IpAddr], mut work: impl FnMut(IpAddr)) -> f64 {
    let start = Instant::now();
    for address in addresses {
        work(black_box(*address));
    }
    start.elapsed().as_secs_f64() * 1e9 / addresses.len() as f64
}

//! Prints what an answer for an address costs, beside the same two look-ups in `.mmdb` files made from
//! the same data, at the same addresses in the same run: the packs alone, the whole answer (place,
//! network, cloud, mark of anycast and role, put together and kept), and one that is known already. Over
//! known servers and blocks beside them again and again (warm), and over random addresses that were not
//! asked before. Next to it what is asked for. `cargo bench -p tapmap-enrich`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    error::Error,
    fmt,
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
/// Addresses asked in one round: so few that the round is mostly over before another program's turn.
const ROUND: usize = 1_000;
/// Rounds over the known servers.
const WARM_ROUNDS: usize = 401;

fn main() -> Result<(), Box<dyn Error>> {
    first_answers()?;
    let data = open()?;
    let (servers, random) = (servers()?, random());
    let warm: Vec<&[IpAddr]> = std::iter::repeat_n(&servers[..], WARM_ROUNDS).collect();
    let random: Vec<&[IpAddr]> = random.chunks(ROUND).collect();
    let files = Files::made_from(&data)?;
    let (mmdb_warm, mmdb_random) = (files.cost(&warm), files.cost(&random));
    let locator = Locator::new(data);
    let forget = || drop(locator.recheck(Path::new("/nonexistent"), Timestamp::default()));
    let ask = |address| drop(black_box(locator.remote(address)));

    println!(
        "{:30} {:>16} {:>16} {:>6}   asked for",
        "ns an address: quiet, median", "TapMap", "mmdb", "ratio"
    );
    let row = |name, cost: Cost, mmdb: Cost, limit: f64| {
        let verdict = if cost.quiet <= limit { "" } else { ", missed" };
        println!("{name:30} {cost} {mmdb} {:5.1}x   {limit:.0}{verdict}", mmdb.quiet / cost.quiet);
    };
    row(
        "packs alone, servers, warm",
        cost(&warm, || (), |address| look_up(&data, address)),
        mmdb_warm,
        150.0,
    );
    row("packs alone, random", cost(&random, || (), |address| look_up(&data, address)), mmdb_random, 500.0);
    row("whole answer, servers, warm", cost(&warm, forget, ask), mmdb_warm, 150.0);
    row("whole answer, random", cost(&random, || (), ask), mmdb_random, 500.0);
    row("whole answer, from the cache", cost(&warm, || (), ask), mmdb_warm, 30.0);
    println!(
        "mmdb: place and network decoded, nothing put together. Quiet: the fastest tenth of the rounds."
    );
    Ok(())
}

fn open() -> Result<Data, Box<dyn Error>> {
    Ok(Data::open(tapmap_geodata::PLACES, tapmap_geodata::ASNS, tapmap_geodata::CLOUD)?)
}

/// The first answer after start, of the packs alone and with every table.
fn first_answers() -> Result<(), Box<dyn Error>> {
    let address = Ipv4Addr::new(193, 0, 6, 139).into();
    let start = Instant::now();
    look_up(&open()?, address);
    println!("packs: opened and first answer after {:?} (asked for: 1 ms)", start.elapsed());
    let start = Instant::now();
    black_box(Locator::new(open()?).remote(address));
    println!("whole answer: tables read and first answer after {:?} (asked for: 1 ms)", start.elapsed());
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

    fn cost(&self, rounds: &[&[IpAddr]]) -> Cost {
        cost(rounds, || (), |address| self.look_up(address))
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

/// Nanoseconds an address costs.
#[derive(Clone, Copy)]
struct Cost {
    /// In the fastest tenth of the rounds, when other programs leave memory and processor alone: this is
    /// held to what is asked for.
    quiet: f64,
    median: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:8.1}{:8.1}", self.quiet, self.median)
    }
}

/// What an address costs over all rounds. What `before` does is not counted.
fn cost(rounds: &[&[IpAddr]], before: impl Fn(), work: impl Fn(IpAddr)) -> Cost {
    let round = |addresses: &&[IpAddr]| {
        before();
        each(addresses, &work)
    };
    let mut costs: Vec<f64> = rounds.iter().map(round).collect();
    costs.sort_by(f64::total_cmp);
    let at = |place: usize| costs.get(place).copied().unwrap_or(f64::NAN);
    Cost { quiet: at(costs.len() / 10), median: at(costs.len() / 2) }
}

#[expect(clippy::cast_precision_loss, reason = "some thousand addresses")]
fn each(addresses: &[IpAddr], work: impl Fn(IpAddr)) -> f64 {
    let start = Instant::now();
    for address in addresses {
        work(black_box(*address));
    }
    start.elapsed().as_secs_f64() * 1e9 / addresses.len() as f64
}

//! Prints what whole answers cost over the data the program carries: one that is already known, one put
//! together over addresses that were asked for before (warm), and over addresses at random; and how long
//! opening and the first answer take. `cargo bench -p tapmap-enrich --bench cache`.
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
    time::Instant,
};

use tapmap_core::{AddressScope, Enricher, Timestamp};
use tapmap_enrich::{Data, Locator};

const ROUNDS: usize = 9;
const KNOWN: usize = 1_000;
const RANDOM: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let locator =
        Locator::new(Data::open(tapmap_geodata::PLACES, tapmap_geodata::ASNS, tapmap_geodata::CLOUD)?);
    let opened = start.elapsed();
    let start = Instant::now();
    locator.remote(Ipv4Addr::new(193, 0, 6, 139).into());
    println!("opened with its tables in {opened:?}, first answer {:?} later", start.elapsed());

    let addresses: Vec<IpAddr> = random_addresses().take(RANDOM).collect();
    let few = addresses.get(..KNOWN).unwrap_or_default();
    let warm = best(&mut || forget(&locator), &mut || ask(&locator, few));
    let cached = best(&mut || (), &mut || ask(&locator, few));
    let random = best(&mut || forget(&locator), &mut || ask(&locator, &addresses));
    println!("cached {:.1} ns", each(cached, few.len()));
    println!("put together, warm {:.0} ns, at random {:.0} ns", each(warm, few.len()), each(random, RANDOM));
    Ok(())
}

/// Drops what is cached: there are no files of a user's there.
fn forget(locator: &Locator) {
    locator.recheck(Path::new("/nonexistent"), Timestamp::default());
}

fn ask(locator: &Locator, addresses: &[IpAddr]) {
    for address in addresses {
        black_box(locator.remote(black_box(*address)));
    }
}

/// The least time of several rounds, in nanoseconds; what `before` does is not counted.
fn best(before: &mut dyn FnMut(), work: &mut dyn FnMut()) -> f64 {
    let mut round = || {
        before();
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e9
    };
    (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min)
}

fn each(nanoseconds: f64, count: usize) -> f64 {
    nanoseconds / f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Public IPv4 addresses, the same in every run: a multiplicative generator, Knuth's MMIX constants.
fn random_addresses() -> impl Iterator<Item = IpAddr> {
    let mut state = 42_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        IpAddr::from(Ipv4Addr::from_bits(u32::try_from(state >> 32).unwrap_or_default()))
    })
    .filter(|address| AddressScope::of(*address) == AddressScope::Public)
}

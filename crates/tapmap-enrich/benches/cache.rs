//! Prints what an answer costs that is already known, and what one costs that has to be put together
//! from tiny packs: nanoseconds, the best of several rounds. `cargo bench -p tapmap-enrich --bench cache`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    collections::BTreeMap,
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::Instant,
};

use tapmap_core::{Country, Enricher, Timestamp};
use tapmap_enrich::{
    Data, Locator,
    pack::write::{self, Description, PlaceRecord, PlaceValue, Tables},
};

const ROUNDS: usize = 9;

fn main() {
    let locator = Locator::new(data());
    for known in [100_u32, 1_000, 10_000] {
        let addresses: Vec<IpAddr> =
            (0..known).map(|number| Ipv4Addr::from_bits(0x0900_0000 + number * 256 + 1).into()).collect();
        let assembled = time(|| {
            locator.recheck(Path::new("/nonexistent"), Timestamp::default());
            ask(&locator, &addresses);
        });
        let cached = time(|| ask(&locator, &addresses));
        let each = |nanoseconds: f64| nanoseconds / f64::from(known);
        println!(
            "{known:>6} addresses: cached {:5.1} ns, put together {:6.1} ns",
            each(cached),
            each(assembled)
        );
    }
}

fn ask(locator: &Locator, addresses: &[IpAddr]) {
    for address in addresses {
        black_box(locator.remote(black_box(*address)));
    }
}

/// The least time of several rounds, in nanoseconds.
fn time(mut work: impl FnMut()) -> f64 {
    let round = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e9
    };
    (0..ROUNDS).map(|_| round(&mut work)).fold(f64::INFINITY, f64::min)
}

fn data() -> Data {
    let description = Description { date: 20_261_101, text: "source: made up\n", digest: |_| [0; 32] };
    let country = Country::new("NL").unwrap_or_else(|| unreachable!("two letters"));
    let record = PlaceRecord { country, city: "Amsterdam".into(), latitude: 52.37, longitude: 4.9 };
    let everywhere = |value| Tables { v4: vec![(0x0900_0000, 0x09ff_ffff, value)], v6: Vec::new() };
    let places = everywhere(PlaceValue { place: 0, precision: 0 });
    let systems = Tables { v4: vec![(0x0900_0000, 0x09ff_ffff, 3333)], v6: Vec::new() };
    let names = BTreeMap::from([(3333, "RIPE NCC".to_owned())]);
    let packs = (
        write::places(description, &places, &[record], &BTreeMap::new()),
        write::systems(description, &systems, &names),
        write::clouds(description, &Tables::default(), &[], &[]),
    );
    let (Ok(places), Ok(systems), Ok(cloud)) = packs else { unreachable!("tiny packs fit") };
    let opened = Data::open(places.leak(), systems.leak(), cloud.leak());
    opened.unwrap_or_else(|error| unreachable!("just written: {error}"))
}

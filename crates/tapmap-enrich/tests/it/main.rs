//! The locator over the location data that the program carries.

mod known_addresses;
mod role_names;

use tapmap_enrich::{Data, Locator};

fn data() -> Data {
    Data::open(tapmap_geodata::PLACES, tapmap_geodata::ASNS, tapmap_geodata::CLOUD)
        .expect("the data are in order")
}

fn locator() -> Locator {
    Locator::new(data())
}

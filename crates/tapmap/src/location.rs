//! The location data inside the program, opened.

use anyhow::Context;
use tapmap_enrich::{Data, Locator};

/// A locator over the data inside the program.
///
/// # Errors
/// When that data is damaged, which a test of the data excludes.
pub(crate) fn locator() -> anyhow::Result<Locator> {
    let data = Data::open(tapmap_geodata::PLACES, tapmap_geodata::ASNS, tapmap_geodata::CLOUD)
        .context("the location data inside the program cannot be used")?;
    Ok(Locator::new(data))
}

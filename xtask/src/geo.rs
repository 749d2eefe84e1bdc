//! `cargo xtask geo`: builds the location data that the program carries from source files given to it.
//! Downloads nothing. What it writes is checked in under `crates/tapmap-geodata/data`.
//!
//! The places are cut where it costs least (see [`cut`]); how much was lost is measured against the
//! source afterwards ([`measure`]), stored as the precision of every range and written as a report.

mod cloud;
mod cut;
mod measure;
mod merge;
mod networks;
mod output;
mod places;
mod ranges;
#[cfg(test)]
mod tests;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

/// How to call it.
const USAGE: &str = "cargo xtask geo --city4 FILE.mmdb --city6 FILE.mmdb --asn FILE.csv --asn FILE.csv \
                     --cloud cloudip.msgpack.gz --from TEXT ... --date YYYYMMDD --out FOLDER\n\
                     The date is that of the newest source of places and networks; each TEXT names a source with its \
                     version: see crates/tapmap-geodata/data/SOURCES.md.\n\
                     Much faster as cargo run --release --package xtask -- geo ...: it compares every address.";

/// The files to build from and the folder to write to.
#[derive(Debug, Default)]
struct Options {
    cities: Vec<PathBuf>,
    networks: Vec<PathBuf>,
    cloud: Option<PathBuf>,
    /// Names and versions of the sources, for `SOURCES.md`.
    origins: Vec<String>,
    date: u32,
    out: Option<PathBuf>,
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        let mut rest = arguments.iter().copied();
        while let Some(name) = rest.next() {
            let value = rest.next().with_context(|| format!("{name} needs a value\n{USAGE}"))?;
            match name {
                "--city4" | "--city6" => options.cities.push(value.into()),
                "--asn" => options.networks.push(value.into()),
                "--cloud" => options.cloud = Some(value.into()),
                "--from" => options.origins.push(value.to_owned()),
                "--date" => options.date = value.parse().context("--date is written YYYYMMDD")?,
                "--out" => options.out = Some(value.into()),
                _ => bail!("{name} is not known\n{USAGE}"),
            }
        }
        if options.cities.is_empty() || options.networks.is_empty() || options.date < 20_000_101 {
            bail!("the cities, the networks and the date have to be given\n{USAGE}");
        }
        Ok(options)
    }
}

/// Runs the command with what follows `geo` on the command line.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let report = Options::parse(arguments).and_then(|options| build(&options, &cut::Budgets::PRODUCT));
    println!("{}", report.map_err(|error| format!("{error:#}"))?);
    Ok(())
}

/// Builds everything, writes it and returns the report.
fn build(options: &Options, budgets: &cut::Budgets) -> Result<String> {
    let out = options.out.as_deref().with_context(|| format!("--out is missing\n{USAGE}"))?;
    let cloud_file = options.cloud.as_deref().with_context(|| format!("--cloud is missing\n{USAGE}"))?;
    let networks = networks::read(&options.networks)?;
    let source = places::read(&options.cities)?;
    let merged = merge::merge(&source)?;
    let cut = cut::cut(&merged, &networks, budgets);
    let measured = measure::measure(&source, &cut, &networks);
    let clouds = cloud::read(cloud_file)?;

    let mut packs = vec![
        output::places(&cut, &measured, options.date)?,
        output::networks(&networks, options.date)?,
        output::clouds(&clouds)?,
    ];
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    for pack in &mut packs {
        pack.write(out)?;
    }
    let report = report(&cut, &measured, &networks, &clouds, &packs)?;
    fs::write(out.join("REPORT.txt"), &report)?;
    let files: Vec<&Path> =
        options.cities.iter().chain(&options.networks).map(PathBuf::as_path).chain([cloud_file]).collect();
    fs::write(out.join("SOURCES.md"), output::sources(&options.origins, &files, &packs, options.date)?)?;
    Ok(report)
}

fn report(
    cut: &merge::Placed,
    measured: &measure::Measured,
    networks: &networks::Networks,
    clouds: &cloud::Clouds,
    packs: &[output::Built],
) -> Result<String> {
    let mut text = String::from("The embedded location data against its sources\n\n");
    writeln!(
        text,
        "{:8} {:>10} {:>10} {:>8} {:>12} {:>12}",
        "pack", "IPv4", "IPv6", "names", "bytes", "zstd -19"
    )?;
    let rows = [
        ("places", cut.families, cut.places.len()),
        ("asn", networks.families(), networks.names.len()),
        ("cloud", clouds.families(), clouds.labels.len()),
    ];
    for ((name, counts, names), pack) in rows.iter().zip(packs) {
        let [v4, v6] = counts.map(|count| count.to_string());
        writeln!(
            text,
            "{name:8} {v4:>10} {v6:>10} {names:>8} {:>12} {:>12}",
            pack.bytes.len(),
            pack.compressed.len()
        )?;
    }
    text.push('\n');
    text.push_str(&measured.report()?);
    Ok(text)
}

/// SHA-256 of bytes.
fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Bytes as lower-case hexadecimal digits.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

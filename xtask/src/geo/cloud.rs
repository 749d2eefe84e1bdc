//! Reads the published ranges of public clouds and gives each address one label.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::File,
    io::Read as _,
    net::IpAddr,
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use tapmap_core::Country;
use tapmap_enrich::pack::write::{CloudLabel, CloudPlaceRecord, PlaceRecord};

use super::ranges::{Families, Range};

/// Where the regions are, typed by hand.
const REGIONS: &str = include_str!("cloud-regions.csv");

/// The file's content, as the package that collects the providers' lists writes it.
#[derive(Deserialize)]
struct Published {
    version: String,
    providers: Vec<String>,
    ranges: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    cidr: String,
    p: usize,
    r: Option<String>,
    s: Option<String>,
}

/// The ranges with their labels.
#[derive(Debug, Default)]
pub(crate) struct Clouds {
    /// Date of the lists, YYYYMMDD.
    pub(crate) date: u32,
    pub(crate) ranges: Families,
    pub(crate) labels: Vec<CloudLabel>,
    pub(crate) places: Vec<CloudPlaceRecord>,
}

impl Clouds {
    /// How many ranges each family has.
    pub(crate) fn families(&self) -> [usize; 2] {
        self.ranges.counts()
    }
}

/// What an entry is worth where several cover an address: the higher speaks, then the longer prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The provider's own, nothing more.
    Provider,
    /// A region.
    Region,
    /// A region's rented computers.
    Computers,
    /// A region and one service.
    Service,
    /// A service that is served from many places.
    Global,
}

/// Reads the file (`MessagePack` inside gzip).
pub(crate) fn read(file: &Path) -> Result<Clouds> {
    let mut bytes = Vec::new();
    let opened = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    flate2::read::GzDecoder::new(opened).read_to_end(&mut bytes)?;
    label(&rmp_serde::from_slice(&bytes).with_context(|| format!("cannot read {}", file.display()))?)
}

fn label(published: &Published) -> Result<Clouds> {
    let mut clouds = Clouds { date: published.version.replace('-', "").parse()?, ..Clouds::default() };
    let regions = regions(&mut clouds.places)?;
    let contradicting = contradicting(published);
    let mut numbers: HashMap<CloudLabel, u32> = HashMap::new();
    let mut entries = Vec::new();
    for entry in &published.ranges {
        let provider = published.providers.get(entry.p).context("an entry without a provider")?;
        let Some((rank, mut label)) = classify(provider, entry) else { continue };
        if contradicting.contains(&(entry.p, entry.cidr.as_str())) && !label.global {
            label.region.clear();
        }
        label.place = regions.get(&(provider.as_str(), label.region.as_str())).copied();
        let next = u32::try_from(clouds.labels.len())?;
        let value = *numbers.entry(label.clone()).or_insert_with(|| {
            clouds.labels.push(label);
            next
        });
        let (address, length) = prefix(&entry.cidr)?;
        entries.push((rank, length, address, value));
    }
    // Painted in this order, the strongest comes last and stays.
    entries.sort_unstable();
    let mut canvas = [BTreeMap::new(), BTreeMap::new()];
    for (_, length, address, value) in entries {
        let mut scratch = Families::default();
        let (_, first) = scratch.of(address);
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let last = first | 1_u128.checked_shl(bits - length).unwrap_or(0).wrapping_sub(1);
        paint(&mut canvas[usize::from(address.is_ipv6())], Range { first, last, value });
    }
    let [v4, v6] = canvas.map(|canvas| canvas.into_values().collect());
    clouds.ranges = Families { v4, v6 }.only_public();
    Ok(clouds)
}

/// What an entry says, if it is one that is kept.
fn classify(provider: &str, entry: &Entry) -> Option<(Rank, CloudLabel)> {
    let region = entry.r.as_deref().unwrap_or_default();
    let service = entry.s.as_deref().unwrap_or_default();
    let label = |rank, region: &str, service: &str| {
        let global = rank == Rank::Global;
        let (region, service) = (region.to_owned(), service.to_owned());
        Some((rank, CloudLabel { provider: provider.to_owned(), region, service, global, place: None }))
    };
    match (provider, service, region) {
        ("cloudflare", ..) | ("gcp", _, "global") => label(Rank::Global, "", ""),
        ("aws", "CLOUDFRONT" | "GLOBALACCELERATOR" | "ROUTE53", "GLOBAL") => label(Rank::Global, "", service),
        ("aws", "AMAZON" | "EC2", "GLOBAL") => label(Rank::Provider, "", ""),
        ("aws", _, "GLOBAL") => label(Rank::Service, "", service),
        ("aws", "AMAZON", _) => label(Rank::Region, region, ""),
        ("aws", "EC2", _) => label(Rank::Computers, region, service),
        ("aws", ..) => label(Rank::Service, region, service),
        ("azure", "AZUREFRONTDOOR.FRONTEND" | "AZUREFRONTDOOR.FIRSTPARTY", _) => {
            label(Rank::Global, "", "AZUREFRONTDOOR")
        }
        ("azure", _, "") if service == "AZURECLOUD" => label(Rank::Provider, "", ""),
        ("azure", _, region) if service.starts_with("AZURECLOUD.") => label(Rank::Region, region, ""),
        // Azure lists every range again under each service: a region is all that helps here.
        ("azure", ..) => None,
        _ => label(Rank::Region, region, ""),
    }
}

/// Prefixes that a provider lists under two regions: such a list names neither.
fn contradicting(published: &Published) -> HashSet<(usize, &str)> {
    let mut seen: HashMap<(usize, &str), &str> = HashMap::new();
    let mut contradicting = HashSet::new();
    for entry in &published.ranges {
        let provider = published.providers.get(entry.p).map_or("", String::as_str);
        let regional = classify(provider, entry)
            .filter(|(_, label)| !label.global && !label.region.is_empty())
            .and(entry.r.as_deref());
        let Some(region) = regional else { continue };
        if *seen.entry((entry.p, &entry.cidr)).or_insert(region) != region {
            contradicting.insert((entry.p, entry.cidr.as_str()));
        }
    }
    contradicting
}

fn prefix(text: &str) -> Result<(IpAddr, u32)> {
    let (address, length) = text.split_once('/').with_context(|| format!("{text} is not a prefix"))?;
    let (address, length): (IpAddr, u32) = (address.parse()?, length.parse()?);
    if length > if address.is_ipv4() { 32 } else { 128 } {
        bail!("{text} is not a prefix");
    }
    Ok((address, length))
}

/// Puts a range over what is there.
fn paint(canvas: &mut BTreeMap<u128, Range>, range: Range) {
    let before = canvas.range(..range.first).next_back().map(|(_, under)| *under);
    if let Some(under) = before.filter(|under| under.last >= range.first) {
        canvas.insert(under.first, Range { last: range.first - 1, ..under });
        if under.last > range.last {
            canvas.insert(range.last + 1, Range { first: range.last + 1, ..under });
        }
    }
    let covered: Vec<Range> = canvas.range(range.first..=range.last).map(|(_, under)| *under).collect();
    for under in covered {
        canvas.remove(&under.first);
        if under.last > range.last {
            canvas.insert(range.last + 1, Range { first: range.last + 1, ..under });
        }
    }
    canvas.insert(range.first, range);
}

/// The table of region places, by provider and region; puts the places themselves into `places`.
fn regions(places: &mut Vec<CloudPlaceRecord>) -> Result<HashMap<(&'static str, &'static str), usize>> {
    let mut regions = HashMap::new();
    let lines = REGIONS.lines().filter(|line| !line.starts_with('#')).skip(1);
    for line in lines {
        let fields: Vec<&str> = line.splitn(8, ',').collect();
        let [provider, region, country, city, latitude, longitude, accuracy_km, _] = fields.as_slice() else {
            bail!("cloud-regions.csv: {line}");
        };
        let place = PlaceRecord {
            country: Country::new(country).with_context(|| format!("cloud-regions.csv: {line}"))?,
            city: (*city).to_owned(),
            latitude: latitude.parse()?,
            longitude: longitude.parse()?,
        };
        let record = CloudPlaceRecord { place, accuracy_km: accuracy_km.parse()? };
        let number = places.iter().position(|other| *other == record).unwrap_or_else(|| {
            places.push(record);
            places.len() - 1
        });
        regions.insert((*provider, *region), number);
    }
    Ok(regions)
}

//! Writes packs: for `cargo xtask geo` and for tests that need a tiny one. The program never writes.

use std::collections::BTreeMap;
use std::fmt;

use tapmap_core::Country;

use super::{PackKind, asn, header, place, ranges::INDEX_ENTRIES};
use crate::cloud;

/// Something that does not fit into the format; holds what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge(pub &'static str);

impl fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} do not fit into the format", self.0)
    }
}

impl std::error::Error for TooLarge {}

/// What a pack says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    /// Date of the newest source, decimal yyyymmdd.
    pub date: u32,
    /// Lines "key: value".
    pub text: &'a str,
    /// SHA-256; the caller's, so that the program need not carry it.
    pub digest: fn(&[u8]) -> [u8; 32],
}

/// Addresses from the first to the last and what holds for them; sorted, without overlap.
#[derive(Clone, Debug, Default)]
pub struct Tables<Value> {
    /// IPv4.
    pub v4: Vec<(u32, u32, Value)>,
    /// IPv6.
    pub v6: Vec<(u128, u128, Value)>,
}

/// What holds for a range of a places pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceValue {
    /// Index of the place.
    pub place: u32,
    /// 0 the city, 1 near, 2 the region, 3 the country.
    pub precision: u8,
}

/// A place of a places pack.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceRecord {
    /// The country.
    pub country: Country,
    /// The city, may be empty.
    pub city: String,
    /// Degrees north; rounded to 0.01.
    pub latitude: f64,
    /// Degrees east; rounded to 0.01.
    pub longitude: f64,
}

/// Writes a places pack. `spreads` holds, per country, the kilometres stated where only the country is
/// known; a country that is missing gets 1,000.
pub fn places(
    description: Description<'_>,
    tables: &Tables<PlaceValue>,
    records: &[PlaceRecord],
    spreads: &BTreeMap<Country, u16>,
) -> Result<Vec<u8>, TooLarge> {
    let value =
        |value: PlaceValue| (u32::from(value.precision & 3) << place::PRECISION_SHIFT) | (value.place + 1);
    if records.len() >= place::RECORD_MASK as usize {
        return Err(TooLarge("places"));
    }
    let (mut sections, counts) = range_sections(tables, value)?;
    let mut countries: Vec<Country> = records.iter().map(|record| record.country).collect();
    countries.sort_unstable();
    countries.dedup();
    let mut country_bytes = Vec::new();
    for country in &countries {
        country_bytes.extend(country.code().as_bytes());
        country_bytes.extend(spreads.get(country).copied().unwrap_or(1_000).to_le_bytes());
    }
    let (mut record_bytes, mut names) = (Vec::new(), Vec::new());
    for record in records {
        let number = countries.binary_search(&record.country).unwrap_or_default();
        record_bytes.extend(hundredths(record.latitude).to_le_bytes());
        record_bytes.extend(hundredths(record.longitude).to_le_bytes());
        record_bytes.push(u8::try_from(number).map_err(|_| TooLarge("countries"))?);
        record_bytes.extend(name_start(names.len())?);
        names.extend(record.city.as_bytes());
    }
    record_bytes.extend([0; 5]);
    record_bytes.extend(name_start(names.len())?);
    sections.extend([country_bytes, record_bytes, names]);
    assemble(PackKind::Places, description, counts, sections)
}

/// Writes a pack of autonomous systems; the values are the numbers, `names` names them.
pub fn systems(
    description: Description<'_>,
    tables: &Tables<u32>,
    names: &BTreeMap<u32, String>,
) -> Result<Vec<u8>, TooLarge> {
    let numbers: Vec<u32> = names.keys().copied().collect();
    if numbers.len() >= 1 << 24 {
        return Err(TooLarge("autonomous systems"));
    }
    let value = |asn| numbers.binary_search(&asn).ok().and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0);
    let (mut sections, counts) = range_sections(tables, value)?;
    let (mut records, mut texts) = (Vec::new(), Vec::new());
    for (asn, name) in names {
        records.extend(asn.to_le_bytes());
        records.extend(number(texts.len(), "names")?.to_le_bytes());
        texts.extend(name.as_bytes());
    }
    records.extend(u32::MAX.to_le_bytes());
    records.extend(number(texts.len(), "names")?.to_le_bytes());
    debug_assert_eq!(records.len(), (names.len() + 1) * asn::RECORD_LENGTH);
    sections.extend([records, texts]);
    assemble(PackKind::AutonomousSystems, description, counts, sections)
}

/// What a published cloud range says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloudLabel {
    /// The provider.
    pub provider: String,
    /// The region; empty for none.
    pub region: String,
    /// The service; empty for none.
    pub service: String,
    /// Whether the provider serves it from many places.
    pub global: bool,
    /// Index of the region's place.
    pub place: Option<usize>,
}

/// Where a cloud region is.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudPlaceRecord {
    /// The place.
    pub place: PlaceRecord,
    /// How far the data centres may be from the point, in kilometres.
    pub accuracy_km: u16,
}

/// Writes a pack of cloud regions. The values are indices into `labels`; IPv6 is kept to /64.
pub fn clouds(
    description: Description<'_>,
    tables: &Tables<u16>,
    labels: &[CloudLabel],
    places: &[CloudPlaceRecord],
) -> Result<Vec<u8>, TooLarge> {
    let mut texts = Texts::default();
    let mut label_bytes = Vec::new();
    for label in labels {
        for text in [&label.provider, &label.region, &label.service] {
            label_bytes.extend(texts.number(text)?.to_le_bytes());
        }
        label_bytes.push(if label.global { cloud::FLAG_GLOBAL } else { 0 });
        let place = label.place.map_or(Ok(0), |place| u8::try_from(place + 1));
        label_bytes.push(place.map_err(|_| TooLarge("cloud places"))?);
    }
    let mut place_bytes = Vec::new();
    for record in places {
        place_bytes.extend(hundredths(record.place.latitude).to_le_bytes());
        place_bytes.extend(hundredths(record.place.longitude).to_le_bytes());
        place_bytes.extend(record.place.country.code().as_bytes());
        place_bytes.extend(texts.number(&record.place.city)?.to_le_bytes());
        place_bytes.extend(record.accuracy_km.to_le_bytes());
        place_bytes.extend([0; 2]);
    }
    debug_assert_eq!(label_bytes.len(), labels.len() * cloud::LABEL_LENGTH);
    debug_assert_eq!(place_bytes.len(), places.len() * cloud::PLACE_LENGTH);
    let v4 = tables.v4.iter().map(|(first, last, label)| (u128::from(*first), u128::from(*last), *label));
    let v4 = breakpoints(&coarse(v4, 0), 1 << 32);
    let v6 = breakpoints(&coarse(tables.v6.iter().copied(), 64), 1 << 64);
    let label = |label: Option<u16>| label.map_or(0, |label| label + 1).to_le_bytes();
    let sections = vec![
        v4.iter().flat_map(|(start, _)| low_bytes::<4>(*start)).collect(),
        v4.iter().flat_map(|(_, value)| label(*value)).collect(),
        v6.iter().flat_map(|(start, _)| low_bytes::<8>(*start)).collect(),
        v6.iter().flat_map(|(_, value)| label(*value)).collect(),
        label_bytes,
        place_bytes,
        texts.starts()?,
        texts.bytes,
    ];
    let counts = [number(v4.len(), "ranges")?, number(v6.len(), "ranges")?];
    assemble(PackKind::CloudRegions, description, counts, sections)
}

#[derive(Default)]
struct Texts {
    numbers: BTreeMap<String, u16>,
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl Texts {
    fn number(&mut self, text: &str) -> Result<u16, TooLarge> {
        if text.is_empty() {
            return Ok(0);
        }
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        self.bytes.extend(text.as_bytes());
        self.ends.push(self.bytes.len());
        let number = u16::try_from(self.ends.len()).map_err(|_| TooLarge("texts"))?;
        self.numbers.insert(text.to_owned(), number);
        Ok(number)
    }

    fn starts(&self) -> Result<Vec<u8>, TooLarge> {
        let mut bytes = 0_u32.to_le_bytes().to_vec();
        for end in &self.ends {
            bytes.extend(number(*end, "texts")?.to_le_bytes());
        }
        Ok(bytes)
    }
}

/// Ranges of whole blocks of 2^`shift` addresses; where several ranges share a block, the value with the
/// most addresses gets it.
fn coarse<Value: Copy + PartialEq>(
    ranges: impl Iterator<Item = (u128, u128, Value)>,
    shift: u32,
) -> Vec<(u128, u128, Value)> {
    let mut blocks = Vec::new();
    let mut shared: Option<(u128, Vec<(Value, u128)>)> = None;
    let below = (1_u128 << shift) - 1;
    for (first, last, value) in ranges {
        let (mut block, end) = (first >> shift, last >> shift);
        let whole = |block: u128| first <= block << shift && last >= (block << shift | below);
        if !whole(block) {
            share(&mut shared, &mut blocks, block, value, last.min(block << shift | below) - first + 1);
            block += 1;
        }
        if block <= end {
            let last_whole = if whole(end) { end } else { end - 1 };
            if block <= last_whole {
                flush(&mut shared, &mut blocks);
                blocks.push((block, last_whole, value));
            }
            if last_whole < end {
                share(&mut shared, &mut blocks, end, value, last - (end << shift) + 1);
            }
        }
    }
    flush(&mut shared, &mut blocks);
    blocks
}

type Shared<Value> = Option<(u128, Vec<(Value, u128)>)>;

fn share<Value: Copy + PartialEq>(
    shared: &mut Shared<Value>,
    blocks: &mut Vec<(u128, u128, Value)>,
    block: u128,
    value: Value,
    addresses: u128,
) {
    if shared.as_ref().is_some_and(|(other, _)| *other != block) {
        flush(shared, blocks);
    }
    let (_, members) = shared.get_or_insert_with(|| (block, Vec::new()));
    match members.iter_mut().find(|(member, _)| *member == value) {
        Some((_, sum)) => *sum += addresses,
        None => members.push((value, addresses)),
    }
}

fn flush<Value: Copy>(shared: &mut Shared<Value>, blocks: &mut Vec<(u128, u128, Value)>) {
    if let Some((block, members)) = shared.take() {
        let heaviest = members.iter().copied().reduce(|best, next| if next.1 > best.1 { next } else { best });
        blocks.extend(heaviest.map(|(value, _)| (block, block, value)));
    }
}

/// Where what holds changes: `None` begins a gap.
fn breakpoints<Value: Copy + PartialEq>(
    blocks: &[(u128, u128, Value)],
    beyond: u128,
) -> Vec<(u128, Option<Value>)> {
    let mut points: Vec<(u128, Option<Value>)> = Vec::new();
    let mut next = 0;
    for (first, last, value) in blocks {
        if *first > next {
            points.push((next, None));
        }
        if points.last().is_none_or(|(_, current)| *current != Some(*value)) {
            points.push((*first, Some(*value)));
        }
        next = last + 1;
    }
    if next < beyond {
        points.push((next, None));
    }
    points
}

type Sections = Vec<Vec<u8>>;

fn range_sections<Value: Copy + PartialEq>(
    tables: &Tables<Value>,
    encode: impl Fn(Value) -> u32,
) -> Result<(Sections, [u32; 2]), TooLarge> {
    let v4 = tables.v4.iter().map(|(first, last, value)| (u128::from(*first), u128::from(*last), *value));
    let v4 = breakpoints(&coarse(v4, 8), 1 << 24);
    let v6 = breakpoints(&coarse(tables.v6.iter().copied(), 80), 1 << 48);
    let encode = |value: Option<Value>| value.map_or(0, &encode);
    let (mut index, mut octets, mut values_v4) = (Vec::new(), Vec::new(), Vec::new());
    let (mut current, mut points) = (0, v4.iter().peekable());
    for bucket in 0..INDEX_ENTRIES as u128 - 1 {
        index.extend(number(octets.len(), "ranges")?.to_le_bytes());
        if points.peek().is_none_or(|(block, _)| *block != bucket << 8) {
            octets.push(0);
            values_v4.push(current);
        }
        while let Some((block, value)) = points.next_if(|(block, _)| block >> 8 == bucket) {
            current = encode(*value);
            octets.extend(low_bytes::<1>(*block));
            values_v4.push(current);
        }
    }
    index.extend(number(octets.len(), "ranges")?.to_le_bytes());
    let values_v6: Vec<u32> = v6.iter().map(|(_, value)| encode(*value)).collect();
    let counts = [number(octets.len(), "ranges")?, number(v6.len(), "ranges")?];
    let sections = vec![
        index,
        octets,
        values_v4.iter().flat_map(|value| low_bytes::<3>((*value).into())).collect(),
        v6.iter().flat_map(|(block, _)| low_bytes::<4>(block >> 16)).collect(),
        v6.iter().flat_map(|(block, _)| low_bytes::<2>(*block)).collect(),
        values_v6.iter().flat_map(|value| low_bytes::<3>((*value).into())).collect(),
    ];
    Ok((sections, counts))
}

fn assemble(
    kind: PackKind,
    description: Description<'_>,
    counts: [u32; 2],
    sections: Vec<Vec<u8>>,
) -> Result<Vec<u8>, TooLarge> {
    let sections: Vec<Vec<u8>> =
        std::iter::once(description.text.as_bytes().to_vec()).chain(sections).collect();
    let mut payload = Vec::new();
    let mut start = header::HEADER_LENGTH + 8 * sections.len();
    for section in &sections {
        payload.extend(number(start, "sections")?.to_le_bytes());
        payload.extend(number(section.len(), "sections")?.to_le_bytes());
        start += section.len();
    }
    payload.extend(sections.iter().flatten());
    let mut pack = header::MAGIC.to_vec();
    pack.push(kind.letter());
    let fields = [
        header::FORMAT_VERSION,
        number(start, "sections")?,
        description.date,
        number(sections.len(), "sections")?,
        counts[0],
        counts[1],
    ];
    pack.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
    pack.extend((description.digest)(&payload));
    pack.extend(payload);
    Ok(pack)
}

fn number(value: usize, what: &'static str) -> Result<u32, TooLarge> {
    u32::try_from(value).map_err(|_| TooLarge(what))
}

fn name_start(start: usize) -> Result<[u8; 3], TooLarge> {
    let [low, middle, high, beyond] = number(start, "names")?.to_le_bytes();
    if beyond == 0 { Ok([low, middle, high]) } else { Err(TooLarge("names")) }
}

fn low_bytes<const N: usize>(value: u128) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&value.to_le_bytes()[..N]);
    bytes
}

#[expect(clippy::cast_possible_truncation, reason = "degrees times 100 are far inside i16; others saturate")]
fn hundredths(degrees: f64) -> i16 {
    (degrees * 100.0).round() as i16
}

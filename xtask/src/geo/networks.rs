//! Reads the table of networks: lines `first,last,number,"organisation"`.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead as _, BufReader},
    net::IpAddr,
    path::PathBuf,
};

use anyhow::{Context as _, Result, bail};

use super::ranges::{Families, Range, append};

/// Who announces which addresses; the values of the ranges are the numbers of the systems.
#[derive(Debug, Default)]
pub(crate) struct Networks {
    pub(crate) ranges: Families,
    pub(crate) names: BTreeMap<u32, String>,
}

impl Networks {
    /// How many ranges each family has.
    pub(crate) fn families(&self) -> [usize; 2] {
        self.ranges.counts()
    }
}

/// Reads the files; overlaps are clipped, special-purpose space is left out.
pub(crate) fn read(files: &[PathBuf]) -> Result<Networks> {
    let mut networks = Networks::default();
    let mut ranges = Families::default();
    for file in files {
        let lines =
            BufReader::new(File::open(file).with_context(|| format!("cannot open {}", file.display()))?);
        for (number, line) in lines.lines().enumerate() {
            let place = || format!("{}:{}", file.display(), number + 1);
            let line = line.with_context(place)?;
            let fields = fields(&line);
            let [first, last, asn, name] = fields.as_slice() else { bail!("{}: not four fields", place()) };
            let (first, last): (IpAddr, IpAddr) =
                (first.parse().with_context(place)?, last.parse().with_context(place)?);
            let asn = asn.parse().with_context(place)?;
            networks.names.entry(asn).or_insert_with(|| name.clone());
            let (_, last) = ranges.of(last);
            let (family, first) = ranges.of(first);
            family.push(Range { first, last, value: asn });
        }
    }
    for family in [&mut ranges.v4, &mut ranges.v6] {
        family.sort_unstable();
        let mut joined = Vec::new();
        for range in family.iter() {
            append(&mut joined, *range);
        }
        *family = joined;
    }
    networks.ranges = ranges.only_public();
    Ok(networks)
}

/// The fields of a line of comma-separated values; a quoted field may hold commas and doubled quotes.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(character),
        }
    }
    fields.push(field);
    fields
}

//! The head of a pack: what it is, how old, from what, and where its sections lie.

use std::fmt;

use super::{read_text, read_u32};

/// The version this program reads and writes.
pub(super) const FORMAT_VERSION: u32 = 1;
/// The bytes every pack begins with, before the kind.
pub(super) const MAGIC: &[u8; 7] = b"TAPMAPG";
/// Length of the fixed head.
pub(super) const HEADER_LENGTH: usize = 64;

/// What a pack answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackKind {
    /// Country, city and coordinates.
    Places,
    /// Number and organisation of the network.
    AutonomousSystems,
    /// Provider, region and service of published cloud ranges.
    CloudRegions,
}

impl PackKind {
    pub(super) fn letter(self) -> u8 {
        match self {
            Self::Places => b'P',
            Self::AutonomousSystems => b'A',
            Self::CloudRegions => b'C',
        }
    }
}

/// Why bytes are not a pack that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackError {
    /// Not a pack, or one that answers something else.
    WrongKind,
    /// Made for another version of the program; holds the version found.
    Version(u32),
    /// Shorter or longer than its head says.
    Length,
    /// A section lies outside the pack or has an impossible length.
    Section,
    /// The description is not text.
    Text,
}

impl fmt::Display for PackError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKind => formatter.write_str("this is not location data of the expected kind"),
            Self::Version(version) => {
                write!(
                    formatter,
                    "the location data has format {version}, this program reads {FORMAT_VERSION}"
                )
            }
            Self::Length => formatter.write_str("the location data is cut short or has something appended"),
            Self::Section => formatter.write_str("the location data is damaged: a section lies outside"),
            Self::Text => formatter.write_str("the location data is damaged: its description is not text"),
        }
    }
}

impl std::error::Error for PackError {}

/// What a pack says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackInfo<'a> {
    /// Date of the newest source as year, month, day.
    pub date: (u16, u8, u8),
    /// Entries of the IPv4 table.
    pub entries_v4: u32,
    /// Entries of the IPv6 table.
    pub entries_v6: u32,
    /// SHA-256 of everything after the head.
    pub digest: [u8; 32],
    text: &'a str,
}

impl<'a> PackInfo<'a> {
    /// The values of one key of the description (`source`, `licence`, `credit`), in order.
    pub fn values(&self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.text
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(move |(name, _)| *name == key)
            .map(|(_, value)| value)
    }
}

/// A pack whose head and section bounds are right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pack<'a> {
    bytes: &'a [u8],
    info: PackInfo<'a>,
}

impl<'a> Pack<'a> {
    /// Checks head and section table of a pack that has to have exactly `sections` sections.
    pub(crate) fn open(bytes: &'a [u8], kind: PackKind, sections: usize) -> Result<Self, PackError> {
        let field = |offset| read_u32(bytes, offset).ok_or(PackError::Length);
        if bytes.get(..7) != Some(MAGIC.as_slice()) || bytes.get(7) != Some(&kind.letter()) {
            return Err(PackError::WrongKind);
        }
        let version = field(8)?;
        if version != FORMAT_VERSION {
            return Err(PackError::Version(version));
        }
        if usize::try_from(field(12)?) != Ok(bytes.len()) {
            return Err(PackError::Length);
        }
        if usize::try_from(field(20)?) != Ok(sections) {
            return Err(PackError::Section);
        }
        let digest = bytes.get(32..64).and_then(|digest| digest.try_into().ok()).ok_or(PackError::Length)?;
        let info = PackInfo {
            date: calendar(field(16)?),
            entries_v4: field(24)?,
            entries_v6: field(28)?,
            digest,
            text: "",
        };
        let mut pack = Self { bytes, info };
        for number in 0..sections {
            pack.section(number)?;
        }
        let text = pack.section(0)?;
        pack.info.text = read_text(text, 0, text.len()).ok_or(PackError::Text)?;
        Ok(pack)
    }

    /// The bytes of one section.
    pub(crate) fn section(&self, number: usize) -> Result<&'a [u8], PackError> {
        let entry = HEADER_LENGTH + 8 * number;
        let part = |offset| read_u32(self.bytes, offset).and_then(|value| usize::try_from(value).ok());
        let range = part(entry).zip(part(entry + 4)).and_then(|(start, length)| {
            let end = start.checked_add(length)?;
            self.bytes.get(start..end)
        });
        range.ok_or(PackError::Section)
    }

    /// What the pack says of itself.
    pub(crate) fn info(&self) -> PackInfo<'a> {
        self.info
    }

    /// Everything the digest is made over.
    pub(crate) fn payload(&self) -> &'a [u8] {
        self.bytes.get(HEADER_LENGTH..).unwrap_or_default()
    }
}

fn calendar(date: u32) -> (u16, u8, u8) {
    let part = |value: u32| u8::try_from(value % 100).unwrap_or_default();
    (u16::try_from(date / 10_000).unwrap_or_default(), part(date / 100), part(date))
}

//! The pack of autonomous systems: whose network an address belongs to.
//!
//! Sections after the text: the range tables; records (8 bytes each, ascending by number, one more at
//! the end: u32 number, u32 start of the name); names. A value of the tables is record + 1.

use std::net::IpAddr;

use super::{Pack, PackError, PackInfo, PackKind, ranges, ranges::Ranges, read_text, read_u32};

/// Sections of a pack of autonomous systems.
pub(super) const SECTIONS: usize = 1 + ranges::SECTIONS + 2;
/// Length of a record.
pub(super) const RECORD_LENGTH: usize = 8;

/// Whose network an address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsnAnswer<'a> {
    /// The number of the autonomous system.
    pub asn: u32,
    /// The organisation, as the source names it.
    pub organisation: &'a str,
}

/// The autonomous systems of all addresses, looked up in place.
#[derive(Clone, Copy, Debug)]
pub struct AsnPack<'a> {
    pack: Pack<'a>,
    ranges: Ranges<'a>,
    records: &'a [u8],
    names: &'a [u8],
}

impl<'a> AsnPack<'a> {
    /// Opens a pack: checks its head and the bounds of its sections.
    pub fn open(bytes: &'a [u8]) -> Result<Self, PackError> {
        let pack = Pack::open(bytes, PackKind::AutonomousSystems, SECTIONS)?;
        let (records, names) = (pack.section(1 + ranges::SECTIONS)?, pack.section(2 + ranges::SECTIONS)?);
        if records.len() % RECORD_LENGTH != 0 || records.is_empty() {
            return Err(PackError::Section);
        }
        Ok(Self { pack, ranges: Ranges::open(&pack, 1)?, records, names })
    }

    /// Whose network an address belongs to; `None` for space that nobody announces.
    pub fn look_up(&self, address: IpAddr) -> Option<AsnAnswer<'a>> {
        let [value] = Ranges::find([&self.ranges], address);
        self.answer(value)
    }

    /// Its range tables: equal values in them are equal answers.
    pub(crate) fn ranges(&self) -> &Ranges<'a> {
        &self.ranges
    }

    /// What a value of the tables stands for.
    pub(crate) fn answer(&self, value: u32) -> Option<AsnAnswer<'a>> {
        let record = usize::try_from(value).ok()?.checked_sub(1)?;
        Some(AsnAnswer { asn: self.number(record)?, organisation: self.name(record)? })
    }

    /// The organisation behind a number, where the data knows it.
    pub fn organisation(&self, asn: u32) -> Option<&'a str> {
        let (mut low, mut high) = (0, self.systems());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.number(middle)? < asn {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low < self.systems() && self.number(low)? == asn { self.name(low) } else { None }
    }

    /// What the pack says of itself.
    pub fn info(&self) -> PackInfo<'a> {
        self.pack.info()
    }

    /// How many autonomous systems it knows.
    pub fn systems(&self) -> usize {
        self.records.len() / RECORD_LENGTH - 1
    }

    /// Everything the digest in the head is made over.
    pub fn payload(&self) -> &'a [u8] {
        self.pack.payload()
    }

    /// Reads everything and says whether it is in order: for the builder and tests.
    pub fn is_sound(&self) -> bool {
        let Ok(systems) = u32::try_from(self.systems()) else { return false };
        self.ranges.is_sound(u32::MAX, systems)
            && (0..self.systems()).all(|record| self.name(record).is_some())
            && (1..self.systems()).all(|record| self.number(record - 1) < self.number(record))
    }

    fn number(&self, record: usize) -> Option<u32> {
        read_u32(self.records, record * RECORD_LENGTH)
    }

    fn name(&self, record: usize) -> Option<&'a str> {
        let bound = |record: usize| read_u32(self.records, record * RECORD_LENGTH + 4);
        let (start, end) = (bound(record)?, bound(record + 1)?);
        read_text(self.names, usize::try_from(start).ok()?, usize::try_from(end).ok()?)
    }
}

//! The places pack: country, city, point and precision of an address.
//!
//! Sections after the text: the range tables; countries (4 bytes each: two letters, u16 kilometres
//! within which 95 % of the addresses lie that are known only by this country); records (8 bytes each,
//! one more at the end: i16 latitude and longitude in hundredths of a degree, u8 country, u24 start of
//! the city's name); names. A value of the tables is precision << 22 | record + 1.

use std::net::IpAddr;

use tapmap_core::{Country, Precision};

use super::{Pack, PackError, PackInfo, PackKind, ranges, ranges::Ranges, read_text, read_u16, read_u32};

/// Sections of a places pack.
pub(super) const SECTIONS: usize = 1 + ranges::SECTIONS + 3;
/// Where the precision lies in a value.
pub(super) const PRECISION_SHIFT: u32 = 22;
/// Bits of a value that number the record.
pub(super) const RECORD_MASK: u32 = (1 << PRECISION_SHIFT) - 1;
/// Length of a record.
pub(super) const RECORD_LENGTH: usize = 8;
/// Within how many kilometres 95 % of a range's addresses lie from its point according to the source,
/// for the precisions 0 (the city), 1 (near) and 2 (the region). 3 (the country) has a table.
pub const ACCURACY_KM: [u32; 3] = [5, 25, 200];

/// Where an address is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaceAnswer<'a> {
    /// The country.
    pub country: Country,
    /// The city in English; `None` where only the country is known.
    pub city: Option<&'a str>,
    /// Degrees north, in steps of 0.01.
    pub latitude: f64,
    /// Degrees east, in steps of 0.01.
    pub longitude: f64,
    /// How finely the place is known.
    pub precision: Precision,
    /// Within how many kilometres of the point the source sees 95 % of the range's addresses.
    pub accuracy_km: u32,
}

/// The places of all addresses, looked up in place.
#[derive(Clone, Copy, Debug)]
pub struct PlacePack<'a> {
    pack: Pack<'a>,
    ranges: Ranges<'a>,
    countries: &'a [u8],
    records: &'a [u8],
    names: &'a [u8],
}

impl<'a> PlacePack<'a> {
    /// Opens a pack: checks its head and the bounds of its sections.
    pub fn open(bytes: &'a [u8]) -> Result<Self, PackError> {
        let pack = Pack::open(bytes, PackKind::Places, SECTIONS)?;
        let after = 1 + ranges::SECTIONS;
        let (countries, records, names) =
            (pack.section(after)?, pack.section(after + 1)?, pack.section(after + 2)?);
        if countries.len() % 4 != 0 || records.len() % RECORD_LENGTH != 0 || records.is_empty() {
            return Err(PackError::Section);
        }
        Ok(Self { pack, ranges: Ranges::open(&pack, 1)?, countries, records, names })
    }

    /// Where an address is; `None` where nothing is known and for special-purpose addresses.
    pub fn look_up(&self, address: IpAddr) -> Option<PlaceAnswer<'a>> {
        let [value] = Ranges::find([&self.ranges], address);
        self.answer(value)
    }

    /// Its range tables: equal values in them are equal answers.
    pub(crate) fn ranges(&self) -> &Ranges<'a> {
        &self.ranges
    }

    /// What a value of the tables stands for.
    pub(crate) fn answer(&self, value: u32) -> Option<PlaceAnswer<'a>> {
        let record = usize::try_from((value & RECORD_MASK).checked_sub(1)?).ok()?;
        let offset = record * RECORD_LENGTH;
        let degrees = |at| read_u16(self.records, at).map(|bits| f64::from(bits.cast_signed()) / 100.0);
        let (country, spread) = self.country(*self.records.get(offset + 4)?)?;
        let (precision, accuracy_km) = match value >> PRECISION_SHIFT {
            0 => (Precision::City, ACCURACY_KM[0]),
            1 => (Precision::Near, ACCURACY_KM[1]),
            2 => (Precision::Region, ACCURACY_KM[2]),
            _ => (Precision::Country, spread),
        };
        let city = if precision == Precision::Country { None } else { self.name(offset) };
        Some(PlaceAnswer {
            country,
            city: city.filter(|name| !name.is_empty()),
            latitude: degrees(offset)?,
            longitude: degrees(offset + 2)?,
            precision,
            accuracy_km,
        })
    }

    /// What the pack says of itself.
    pub fn info(&self) -> PackInfo<'a> {
        self.pack.info()
    }

    /// How many places it knows.
    pub fn places(&self) -> usize {
        self.records.len() / RECORD_LENGTH - 1
    }

    /// Everything the digest in the head is made over.
    pub fn payload(&self) -> &'a [u8] {
        self.pack.payload()
    }

    /// Reads everything and says whether it is in order: for the builder and tests.
    pub fn is_sound(&self) -> bool {
        let Ok(places) = u32::try_from(self.places()) else { return false };
        self.ranges.is_sound(RECORD_MASK, places)
            && (0..self.places()).all(|place| {
                let offset = place * RECORD_LENGTH;
                self.name(offset).is_some()
                    && self.records.get(offset + 4).is_some_and(|country| self.country(*country).is_some())
            })
    }

    fn country(&self, number: u8) -> Option<(Country, u32)> {
        let offset = 4 * usize::from(number);
        let country = Country::new(read_text(self.countries, offset, offset + 2)?)?;
        Some((country, read_u16(self.countries, offset + 2)?.into()))
    }

    fn name(&self, offset: usize) -> Option<&'a str> {
        let bound = |at| read_u32(self.records, at).and_then(|value| usize::try_from(value >> 8).ok());
        read_text(self.names, bound(offset + 4)?, bound(offset + 4 + RECORD_LENGTH)?)
    }
}

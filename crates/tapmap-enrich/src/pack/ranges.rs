//! The two range tables of a pack: which 24-bit value holds for an address.

use std::{cmp::Ordering, net::IpAddr};

use tapmap_core::AddressScope;

use super::{Pack, PackError, read_u16, read_u32};

/// How many sections the tables take.
pub(crate) const SECTIONS: usize = 6;
/// Entries of the index over the upper halves of IPv4 addresses.
pub(crate) const INDEX_ENTRIES: usize = 65_537;

/// Both tables, in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranges<'a> {
    index: &'a [u8],
    octets: &'a [u8],
    values_v4: Values<'a>,
    upper: &'a [u8],
    lower: &'a [u8],
    values_v6: Values<'a>,
}

/// Numbers of 24 bits, one after the other: all of one lies in one line of the processor's cache.
#[derive(Clone, Copy, Debug)]
struct Values<'a>(&'a [u8]);

/// The entries of one upper half: the third octets at which they begin, and the number of the first.
#[derive(Clone, Copy, Debug)]
struct Bucket<'a> {
    start: usize,
    octets: &'a [u8],
}

impl Bucket<'_> {
    /// The number of the entry that holds for a third octet.
    fn entry(self, third: u8) -> Option<usize> {
        // At most 255 of them lie above. Counting them all is quicker than halving: no step waits for
        // memory that the step before chose.
        let above =
            self.octets.iter().fold(0_u8, |count, octet| count.wrapping_add(u8::from(*octet > third)));
        (self.start + self.octets.len())
            .checked_sub(usize::from(above) + 1)
            .filter(|entry| *entry >= self.start)
    }
}

impl<'a> Values<'a> {
    fn open(bytes: &'a [u8], count: usize) -> Result<Self, PackError> {
        if Some(bytes.len()) == count.checked_mul(3) { Ok(Self(bytes)) } else { Err(PackError::Section) }
    }

    fn get(&self, entry: usize) -> Option<u32> {
        let [low, middle, high] = *self.0.get(3 * entry..)?.first_chunk()?;
        Some(u32::from_le_bytes([low, middle, high, 0]))
    }
}

impl<'a> Ranges<'a> {
    /// The tables in the sections from `first` on.
    pub(crate) fn open(pack: &Pack<'a>, first: usize) -> Result<Self, PackError> {
        let (index, octets) = (pack.section(first)?, pack.section(first + 1)?);
        let (upper, lower) = (pack.section(first + 3)?, pack.section(first + 4)?);
        if index.len() != 4 * INDEX_ENTRIES || upper.len() % 4 != 0 || lower.len() != upper.len() / 2 {
            return Err(PackError::Section);
        }
        let values_v4 = Values::open(pack.section(first + 2)?, octets.len())?;
        let values_v6 = Values::open(pack.section(first + 5)?, upper.len() / 4)?;
        Ok(Self { index, octets, values_v4, upper, lower, values_v6 })
    }

    /// The values that some tables have for an address, 0 where they say nothing. All are looked up side
    /// by side, so that the waits for memory fall together.
    pub(crate) fn find<const TABLES: usize>(tables: [&Self; TABLES], address: IpAddr) -> [u32; TABLES] {
        let values = match AddressScope::carried(address) {
            IpAddr::V4(address) => {
                let [first, second, third, _] = address.octets();
                let buckets = tables.map(|table| (table, table.bucket([first, second])));
                let entries =
                    buckets.map(|(table, bucket)| (table, bucket.and_then(|bucket| bucket.entry(third))));
                entries.map(|(table, entry)| table.values_v4.get(entry?))
            }
            IpAddr::V6(address) => tables.map(|table| table.find_v6(address.to_bits())),
        };
        values.map(Option::unwrap_or_default)
    }

    /// The entries of an upper half of an IPv4 address.
    fn bucket(&self, upper: [u8; 2]) -> Option<Bucket<'a>> {
        let place = 4 * usize::from(u16::from_be_bytes(upper));
        let start = usize::try_from(read_u32(self.index, place)?).ok()?;
        let end = usize::try_from(read_u32(self.index, place + 4)?).ok()?;
        Some(Bucket { start, octets: self.octets.get(start..end)? })
    }

    fn find_v6(&self, address: u128) -> Option<u32> {
        let upper = u32::try_from(address >> 96).ok()?;
        let lower = u16::try_from(address >> 80 & 0xffff).ok()?;
        let (mut low, mut high) = (0, self.upper.len() / 4);
        while low < high {
            let middle = usize::midpoint(low, high);
            // The lower parts are looked at only where the upper ones do not decide.
            let before = match read_u32(self.upper, 4 * middle)?.cmp(&upper) {
                Ordering::Less => true,
                Ordering::Equal => read_u16(self.lower, 2 * middle)? <= lower,
                Ordering::Greater => false,
            };
            if before {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.values_v6.get(low.checked_sub(1)?)
    }

    fn start_v6(&self, entry: usize) -> Option<u64> {
        let upper = read_u32(self.upper, 4 * entry)?;
        Some(u64::from(upper) << 16 | u64::from(read_u16(self.lower, 2 * entry)?))
    }

    /// Whether the index and both tables ascend, and no value is above `largest` once `mask`ed: what
    /// opening does not check because it would read everything.
    pub(crate) fn is_sound(&self, mask: u32, largest: u32) -> bool {
        let starts: Vec<u32> =
            (0..INDEX_ENTRIES).filter_map(|entry| read_u32(self.index, 4 * entry)).collect();
        let ascending = starts.first() == Some(&0)
            && starts.last().and_then(|last| usize::try_from(*last).ok()) == Some(self.octets.len())
            && starts.windows(2).all(|pair| self.bucket_is_sound(pair));
        let count_v6 = self.upper.len() / 4;
        let ordered_v6 = (1..count_v6).all(|entry| self.start_v6(entry - 1) < self.start_v6(entry));
        let bounded = |values: &Values<'_>, count| {
            (0..count).all(|entry| values.get(entry).is_some_and(|value| value & mask <= largest))
        };
        ascending
            && ordered_v6
            && bounded(&self.values_v4, self.octets.len())
            && bounded(&self.values_v6, count_v6)
    }

    fn bucket_is_sound(&self, bounds: &[u32]) -> bool {
        let [Ok(start), Ok(end)] = [bounds[0], bounds[1]].map(usize::try_from) else { return false };
        let octets = self.octets.get(start..end).unwrap_or_default();
        octets.first() == Some(&0) && octets.windows(2).all(|pair| pair[0] < pair[1])
    }
}

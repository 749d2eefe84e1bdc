//! The published ranges of public clouds: provider, region, service and the region's place. Knows
//! nothing of roles and anycast rules; it only passes on what the providers list as global.
//!
//! Sections of the pack after the text: IPv4 starts (u32) and their labels (u16), IPv6 starts (u64, the
//! upper half of an address) and their labels; labels (8 bytes each: u16 provider, u16 region,
//! u16 service, u8 flags, u8 place); places (12 bytes each: i16 latitude and longitude in hundredths of
//! a degree, two letters of country, u16 city, u16 accuracy in kilometres, u16 zero); starts of the
//! texts (u32, one more at the end); texts. An entry holds until the next; label, place and text 0 mean
//! "none".

use std::net::IpAddr;

use tapmap_core::{AddressScope, Country};

use crate::pack::{Pack, PackError, PackInfo, PackKind, read_text, read_u16, read_u32};

/// Sections of the pack.
pub(crate) const SECTIONS: usize = 9;
/// Length of a label.
pub(crate) const LABEL_LENGTH: usize = 8;
/// Length of a place.
pub(crate) const PLACE_LENGTH: usize = 12;
/// Flag of a label: the provider lists the range as served from everywhere.
pub(crate) const FLAG_GLOBAL: u8 = 1;

/// Which published cloud range an address lies in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CloudAnswer<'a> {
    /// The provider: `aws`, `azure`, `gcp`, `oracle`, `digitalocean`, `cloudflare`.
    pub provider: &'a str,
    /// The region as the provider writes it; `None` when the list names none.
    pub region: Option<&'a str>,
    /// The service as the provider writes it, when the list names one of its own.
    pub service: Option<&'a str>,
    /// Where the region is; `None` when it is not published or the range belongs to no region.
    pub place: Option<CloudPlace<'a>>,
    /// Whether the provider serves the range from many places.
    pub global: bool,
}

/// Where a cloud region is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CloudPlace<'a> {
    /// The country.
    pub country: Country,
    /// The city or metropolitan area; `None` when the provider names only a wider region.
    pub city: Option<&'a str>,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// How far the data centres may be from the point, in kilometres.
    pub accuracy_km: u32,
}

/// The published cloud ranges, looked up in place.
#[derive(Clone, Copy, Debug)]
pub struct CloudPack<'a> {
    pack: Pack<'a>,
    starts_v4: &'a [u8],
    labels_v4: &'a [u8],
    starts_v6: &'a [u8],
    labels_v6: &'a [u8],
    labels: &'a [u8],
    places: &'a [u8],
    text_starts: &'a [u8],
    texts: &'a [u8],
}

impl<'a> CloudPack<'a> {
    /// Opens a pack: checks its head and the bounds of its sections.
    pub fn open(bytes: &'a [u8]) -> Result<Self, PackError> {
        let pack = Pack::open(bytes, PackKind::CloudRegions, SECTIONS)?;
        let cloud = Self {
            pack,
            starts_v4: pack.section(1)?,
            labels_v4: pack.section(2)?,
            starts_v6: pack.section(3)?,
            labels_v6: pack.section(4)?,
            labels: pack.section(5)?,
            places: pack.section(6)?,
            text_starts: pack.section(7)?,
            texts: pack.section(8)?,
        };
        let fits = cloud.starts_v4.len() == 2 * cloud.labels_v4.len()
            && cloud.starts_v4.len().is_multiple_of(4)
            && cloud.starts_v6.len() == 4 * cloud.labels_v6.len()
            && cloud.starts_v6.len().is_multiple_of(8)
            && cloud.labels.len().is_multiple_of(LABEL_LENGTH)
            && cloud.places.len().is_multiple_of(PLACE_LENGTH)
            && cloud.text_starts.len().is_multiple_of(4);
        if fits { Ok(cloud) } else { Err(PackError::Section) }
    }

    /// Which published range an address lies in.
    pub fn look_up(&self, address: IpAddr) -> Option<CloudAnswer<'a>> {
        self.answer(self.find(address))
    }

    /// The label of an address, 0 for none: equal labels are equal answers.
    pub(crate) fn find(&self, address: IpAddr) -> u16 {
        self.label(address).unwrap_or_default()
    }

    fn label(&self, address: IpAddr) -> Option<u16> {
        match AddressScope::carried(address) {
            IpAddr::V4(address) => {
                let wanted = address.to_bits();
                let count = self.starts_v4.len() / 4;
                let following =
                    partition(count, |entry| Some(read_u32(self.starts_v4, 4 * entry)? <= wanted))?;
                read_u16(self.labels_v4, 2 * following.checked_sub(1)?)
            }
            IpAddr::V6(address) => {
                let wanted = u64::try_from(address.to_bits() >> 64).ok()?;
                let count = self.starts_v6.len() / 8;
                let following = partition(count, |entry| Some(self.start_v6(entry)? <= wanted))?;
                read_u16(self.labels_v6, 2 * following.checked_sub(1)?)
            }
        }
    }

    /// What the pack says of itself.
    pub fn info(&self) -> PackInfo<'a> {
        self.pack.info()
    }

    /// Every provider, region and service it tells apart.
    pub fn labels(&self) -> impl Iterator<Item = CloudAnswer<'a>> {
        let count = u16::try_from(self.labels.len() / LABEL_LENGTH).unwrap_or(u16::MAX);
        (1..=count).filter_map(|label| self.answer(label))
    }

    /// Everything the digest in the head is made over.
    pub fn payload(&self) -> &'a [u8] {
        self.pack.payload()
    }

    /// Reads everything and says whether it is in order: for the builder and tests.
    pub fn is_sound(&self) -> bool {
        let labels = self.labels.len() / LABEL_LENGTH;
        let bounded = |numbers: &[u8]| {
            numbers
                .chunks_exact(2)
                .all(|number| usize::from(u16::from_le_bytes([number[0], number[1]])) <= labels)
        };
        let ordered_v4 = (1..self.starts_v4.len() / 4)
            .all(|entry| read_u32(self.starts_v4, 4 * entry - 4) < read_u32(self.starts_v4, 4 * entry));
        let ordered_v6 =
            (1..self.starts_v6.len() / 8).all(|entry| self.start_v6(entry - 1) < self.start_v6(entry));
        bounded(self.labels_v4)
            && bounded(self.labels_v6)
            && ordered_v4
            && ordered_v6
            && self.labels().count() == labels
    }

    fn start_v6(&self, entry: usize) -> Option<u64> {
        self.starts_v6.get(8 * entry..)?.first_chunk().copied().map(u64::from_le_bytes)
    }

    /// What a label stands for.
    pub(crate) fn answer(&self, label: u16) -> Option<CloudAnswer<'a>> {
        let offset = usize::from(label.checked_sub(1)?) * LABEL_LENGTH;
        let label = self.labels.get(offset..)?.first_chunk::<LABEL_LENGTH>()?;
        let text = |at: usize| self.text(u16::from_le_bytes([label[at], label[at + 1]]));
        Some(CloudAnswer {
            provider: text(0)?,
            region: text(2),
            service: text(4),
            place: label[7].checked_sub(1).and_then(|place| self.place(place.into())),
            global: label[6] & FLAG_GLOBAL != 0,
        })
    }

    fn place(&self, place: usize) -> Option<CloudPlace<'a>> {
        let place = self.places.get(place * PLACE_LENGTH..)?.first_chunk::<PLACE_LENGTH>()?;
        let number = |at: usize| u16::from_le_bytes([place[at], place[at + 1]]);
        Some(CloudPlace {
            country: Country::new(read_text(place, 4, 6)?)?,
            city: self.text(number(6)),
            latitude: f64::from(number(0).cast_signed()) / 100.0,
            longitude: f64::from(number(2).cast_signed()) / 100.0,
            accuracy_km: number(8).into(),
        })
    }

    fn text(&self, number: u16) -> Option<&'a str> {
        let offset = 4 * usize::from(number.checked_sub(1)?);
        let bound = |at| read_u32(self.text_starts, at).and_then(|start| usize::try_from(start).ok());
        read_text(self.texts, bound(offset)?, bound(offset + 4)?)
    }
}

/// The first of `count` entries for which `before` no longer holds; `None` when one cannot be read.
fn partition(count: usize, before: impl Fn(usize) -> Option<bool>) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = usize::midpoint(low, high);
        if before(middle)? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Some(low)
}

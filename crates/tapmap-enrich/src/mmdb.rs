//! Database files of the user's own (`.mmdb`): opened from memory, checked before anything is asked of
//! them, and looked up by the keys of their records. Never mapped: a file that is overwritten while it
//! is mapped ends the program. Where the files lie is [`folder`]'s.

mod folder;
mod record;
#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::atomic::{AtomicU64, Ordering},
};

use maxminddb::{MaxMindDbError, Reader, WithinOptions};
use tapmap_core::{Country, Place, Precision, Timestamp};

pub(crate) use folder::UserFiles;
use record::{Record, Value};

/// The largest file that is taken, in bytes: 512 MB. It is held in memory.
pub(crate) const LARGEST: u64 = 512 << 20;
/// How many of a file's first records are looked at before it is taken.
const SAMPLE: usize = 200;
/// A build date may lie this far ahead of the clock: one day, in seconds.
const CLOCK_TOLERANCE: u64 = 86_400;
/// Accuracy, in kilometres, of a city in a file that does not say it.
const CITY_KM: u32 = 50;
/// From this accuracy radius on, in kilometres, a place is no city but an area.
const AREA_KM: u32 = 200;

/// Addresses that every database of the world answers, asked of each file before it is taken.
const PROBES: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
    IpAddr::V4(Ipv4Addr::new(193, 0, 6, 139)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0x67c, 0x2e8, 0x22, 0, 0, 0xc100, 0x68b)),
];

/// Why a file is not taken. Displayed as a sentence for a person that follows the file's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("it is empty")]
    Empty,
    #[error("it is larger than 512 MB")]
    TooLarge,
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    #[error("it is still packed (gzip); unpack it first")]
    Packed,
    #[error("it is no MaxMind DB file, or it was cut short")]
    NotADatabase,
    #[error("it is damaged")]
    Damaged,
    #[error("its build date lies in the future: {0}")]
    Future(String),
    #[error("its records hold neither a place nor a network in a layout that this program reads")]
    UnknownLayout,
    #[error("a record holds {0}")]
    Fault(&'static str),
}

/// What a file answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) places: bool,
    pub(crate) networks: bool,
}

/// What a file knows of one address.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer<'a> {
    pub(crate) place: Option<FoundPlace<'a>>,
    pub(crate) asn: Option<u32>,
    pub(crate) organisation: Option<&'a str>,
    pub(crate) anycast: bool,
}

/// A place as a file tells it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FoundPlace<'a> {
    pub(crate) country: Country,
    pub(crate) city: Option<&'a str>,
    pub(crate) coordinates: Option<tapmap_core::Coordinates>,
    pub(crate) accuracy_km: u32,
    pub(crate) precision: Precision,
}

/// One file that passed the checks.
pub(crate) struct UserDatabase {
    reader: Reader<Vec<u8>>,
    contents: Contents,
    /// How many look-ups met a record that cannot be read.
    unreadable: AtomicU64,
}

impl UserDatabase {
    /// Opens and checks a file's bytes, in the order of what costs least.
    pub(crate) fn open(bytes: Vec<u8>, now: Timestamp) -> Result<Self, Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::Empty);
        }
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return Err(Refusal::Packed);
        }
        let reader = Reader::from_source(bytes).map_err(|_| Refusal::NotADatabase)?;
        check_metadata(&reader, now)?;
        let contents = sample(&reader)?;
        verify(&reader)?;
        Ok(Self { reader, contents, unreadable: AtomicU64::new(0) })
    }

    /// What it answers.
    pub(crate) fn contents(&self) -> Contents {
        self.contents
    }

    /// What the file calls itself: `GeoLite2-City`.
    pub(crate) fn kind(&self) -> String {
        let kind = &self.reader.metadata().database_type;
        kind.chars().filter(|letter| !letter.is_control()).take(100).collect()
    }

    /// When it was built, as a date: `2026-11-03`.
    pub(crate) fn build_date(&self) -> Option<String> {
        date(self.reader.metadata().build_epoch)
    }

    /// How many look-ups met a record that cannot be read.
    pub(crate) fn unreadable(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    /// What it knows of an address; nothing where its record cannot be read, which is counted.
    pub(crate) fn look_up(&self, address: IpAddr) -> Answer<'_> {
        match find(&self.reader, address) {
            Ok(Some(value)) => Record::of(&value).answer(),
            Ok(None) => Answer::default(),
            Err(_) => {
                self.unreadable.fetch_add(1, Ordering::Relaxed);
                Answer::default()
            }
        }
    }
}

impl fmt::Debug for UserDatabase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UserDatabase").field("kind", &self.kind()).finish_non_exhaustive()
    }
}

impl<'a> Record<'a> {
    /// The record in the program's own terms. A place without a city and without a region, or one that
    /// is only sure to 200 km, is no more than the country.
    fn answer(&self) -> Answer<'a> {
        let place = self.country.map(|country| {
            let radius = self.radius_km;
            let precision = match (self.city, self.coordinates) {
                _ if radius.is_some_and(|radius| radius >= AREA_KM) => Precision::Country,
                (Some(_), Some(_)) if radius.unwrap_or(CITY_KM) <= CITY_KM => Precision::City,
                (Some(_), Some(_)) => Precision::Near,
                (None, Some(_)) if self.region => Precision::Region,
                _ => Precision::Country,
            };
            match precision {
                Precision::Country => {
                    let (coordinates, accuracy_km) = crate::country_point(country).unzip();
                    let accuracy_km = accuracy_km.unwrap_or(AREA_KM);
                    FoundPlace { country, city: None, coordinates, accuracy_km, precision }
                }
                Precision::City | Precision::Near | Precision::Region => {
                    let unsaid = if precision == Precision::Region { AREA_KM } else { CITY_KM };
                    let accuracy_km = radius.unwrap_or(unsaid);
                    FoundPlace {
                        country,
                        city: self.city,
                        coordinates: self.coordinates,
                        accuracy_km,
                        precision,
                    }
                }
            }
        });
        Answer { place, asn: self.asn, organisation: self.organisation, anycast: self.anycast }
    }
}

impl FoundPlace<'_> {
    /// As a place of the live state.
    pub(crate) fn to_place(&self) -> Place {
        Place {
            country: Some(self.country),
            city: self.city.map(Into::into),
            coordinates: self.coordinates,
            accuracy_km: self.accuracy_km,
            precision: self.precision,
            source: tapmap_core::PlaceSource::UserDatabase,
        }
    }
}

/// Opens bytes as a database file of the user's, with every check of [`crate::Locator::recheck`], and
/// asks it for a few addresses; returns how many it knew. For trying broken input on it.
///
/// # Errors
/// With the reason why the bytes are not taken.
pub fn try_database(bytes: Vec<u8>, now: Timestamp) -> Result<usize, String> {
    let database = UserDatabase::open(bytes, now).map_err(|refusal| refusal.to_string())?;
    let known = |address: &&IpAddr| database.look_up(**address) != Answer::default();
    Ok(PROBES.iter().filter(known).count())
}

/// The record of an address; `None` where there is none, an IPv6 address in an IPv4 file included.
fn find(reader: &Reader<Vec<u8>>, address: IpAddr) -> Result<Option<Value<'_>>, MaxMindDbError> {
    if address.is_ipv6() && reader.metadata().ip_version == 4 {
        return Ok(None);
    }
    reader.lookup(address)?.decode()
}

fn check_metadata(reader: &Reader<Vec<u8>>, now: Timestamp) -> Result<(), Refusal> {
    let metadata = reader.metadata();
    if !matches!(metadata.ip_version, 4 | 6) || metadata.node_count == 0 {
        return Err(Refusal::NotADatabase);
    }
    let now = u64::try_from(now.as_millis() / 1000).unwrap_or(0);
    if metadata.build_epoch > now.saturating_add(CLOCK_TOLERANCE) {
        return Err(Refusal::Future(
            date(metadata.build_epoch).unwrap_or_else(|| "beyond all calendars".into()),
        ));
    }
    Ok(())
}

/// Reads the first records and those of addresses that every file knows; what they hold decides what
/// the file answers, whatever it calls itself.
fn sample(reader: &Reader<Vec<u8>>) -> Result<Contents, Refusal> {
    let mut contents = Contents::default();
    let mut note = |value: &Value<'_>| {
        let record = Record::of(value);
        if let Some(fault) = record.fault {
            return Err(Refusal::Fault(fault));
        }
        contents.places |= record.country.is_some();
        contents.networks |= record.asn.is_some();
        Ok(())
    };
    let networks = reader.networks(WithinOptions::default()).map_err(|_| Refusal::Damaged)?;
    for network in networks.take(SAMPLE) {
        let value =
            network.and_then(|network| network.decode::<Value<'_>>()).map_err(|_| Refusal::Damaged)?;
        value.as_ref().map_or(Ok(()), &mut note)?;
    }
    for probe in PROBES {
        let value = find(reader, probe).map_err(|_| Refusal::Damaged)?;
        value.as_ref().map_or(Ok(()), &mut note)?;
    }
    if contents == Contents::default() { Err(Refusal::UnknownLayout) } else { Ok(contents) }
}

/// Walks the whole file. Its work is bounded by the file's size: the library gives up on trees and data
/// that lead it in circles. A description that is merely missing is no damage, but the library looks no
/// further then, so that the tree and the records are walked here.
fn verify(reader: &Reader<Vec<u8>>) -> Result<(), Refusal> {
    if !reader.metadata().description.is_empty() {
        return reader.verify().map_err(|_| Refusal::Damaged);
    }
    let most = usize::try_from(reader.metadata().node_count).unwrap_or(usize::MAX).saturating_mul(3);
    let mut seen = HashSet::new();
    for (number, network) in
        reader.networks(WithinOptions::default()).map_err(|_| Refusal::Damaged)?.enumerate()
    {
        let network = network.map_err(|_| Refusal::Damaged)?;
        if number > most {
            return Err(Refusal::Damaged);
        }
        if network.offset().is_some_and(|offset| seen.insert(offset)) {
            network.decode::<Value<'_>>().map_err(|_| Refusal::Damaged)?;
        }
    }
    Ok(())
}

/// A moment in seconds since 1970 as a date.
fn date(seconds: u64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    moment.to_string().get(..10).map(str::to_owned)
}

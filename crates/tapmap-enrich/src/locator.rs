//! The answer for an address, put together: scope, then the published cloud range, then the user's own
//! files, then the data inside the program; marks of "served from many places" take the place away.

#[cfg(test)]
mod tests;

use std::{
    fmt::Write as _,
    net::IpAddr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hashbrown::HashMap;
use tapmap_core::{
    AddressScope, AnycastRule, Asn, AutonomousSystem, Coordinates, Enricher, Place, PlaceSource, Precision,
    Protocol, RemoteInfo, Role, RoleRule, RoleVerdict, Service, Timestamp,
};

use crate::{
    cache::Cache,
    cloud::{CloudAnswer, CloudPack},
    mmdb::{Answer, UserFiles},
    operators::{Operators, without_legal_form},
    pack::{AsnPack, PackError, PackInfo, PlacePack, Ranges},
    roles::{Block, Roles},
    services::Services,
};

/// How many addresses a generation of the cache holds, some 32 bytes each: few enough to stay in the
/// processor's own cache, which is worth more than remembering longer (`cargo bench -p tapmap-enrich`).
const ADDRESSES: usize = 4_096;
/// How many different answers a generation holds, some 200 bytes each; a computer meets some hundreds.
const FINDINGS: usize = 2_048;
/// How many autonomous systems are kept ready, some 200 bytes each; a computer meets some hundreds.
const MOST_SYSTEMS: usize = 4_096;

/// The location data inside the program, opened.
#[derive(Clone, Copy, Debug)]
pub struct Data {
    /// Places of addresses.
    pub places: PlacePack<'static>,
    /// Networks of addresses.
    pub asns: AsnPack<'static>,
    /// Published ranges of clouds.
    pub cloud: CloudPack<'static>,
}

impl Data {
    /// Opens the three packs.
    pub fn open(places: &'static [u8], asns: &'static [u8], cloud: &'static [u8]) -> Result<Self, PackError> {
        Ok(Self {
            places: PlacePack::open(places)?,
            asns: AsnPack::open(asns)?,
            cloud: CloudPack::open(cloud)?,
        })
    }
}

/// One source of location data, as it is told to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSource {
    /// What it is called: a file's name, or what is inside the program.
    pub name: String,
    /// What it answers: `places`, `networks`, `places and networks`, `cloud regions`, `unknown`.
    pub kind: &'static str,
    /// Where it is from: `embedded` or `user`.
    pub source: &'static str,
    /// Which version or type it calls itself; empty when it says nothing.
    pub version: String,
    /// When it was built, as a date: `2026-06-01`.
    pub build_date: Option<String>,
    /// Whether answers come from it.
    pub active: bool,
    /// What is wrong with it, in a sentence.
    pub problem: Option<String>,
}

/// Everything that is known of addresses and ports, from local data. Shared between threads; a look-up
/// waits for nothing but another look-up.
#[derive(Debug)]
pub struct Locator {
    data: Data,
    roles: Roles,
    services: Services,
    known: Mutex<Known>,
    /// Held through a recheck: two at once would write the same copies.
    rechecking: Mutex<()>,
}

/// The user's files and what was put together so far.
#[derive(Debug)]
struct Known {
    user: Arc<UserFiles>,
    /// Answers by address.
    addresses: Cache,
    /// Answers by what the data inside the program have ([`Finding::key`]): neighbours share one, and it
    /// outlives a change of the user's files.
    findings: Cache,
    systems: Systems,
}

/// What the data inside the program have for an address, each as the number by which it is looked up, 0
/// for nothing. Equal findings are equal answers.
#[derive(Clone, Copy, Debug)]
struct Finding {
    place: u32,
    system: u32,
    cloud: u16,
    block: usize,
}

impl Locator {
    /// A locator over the data inside the program, without files of the user's yet: see
    /// [`Locator::recheck`].
    pub fn new(data: Data) -> Self {
        let known = Known {
            user: Arc::default(),
            addresses: Cache::new(ADDRESSES),
            findings: Cache::new(FINDINGS),
            systems: Systems::new(),
        };
        Self {
            data,
            roles: Roles::new(),
            services: Services::new(),
            known: Mutex::new(known),
            rechecking: Mutex::default(),
        }
    }

    /// Looks for database files (`.mmdb`) in the data folder, checks them, and answers from them from
    /// now on. Reads whole files: up to seconds for large ones, so not for a thread that others wait
    /// for. A file that is refused leaves the data it gave before in use. Returns [`Locator::data`].
    pub fn recheck(&self, data_dir: &Path, now: Timestamp) -> Vec<DataSource> {
        let _one_at_a_time = self.rechecking.lock().unwrap_or_else(PoisonError::into_inner);
        let files = UserFiles::recheck(&self.user_files(), data_dir, now);
        let mut known = self.known();
        known.user = Arc::new(files);
        known.addresses.clear();
        drop(known);
        self.data()
    }

    /// The sources that answers come from, the user's first.
    pub fn data(&self) -> Vec<DataSource> {
        let user = self.user_files();
        let embedded = [
            ("Places inside the program", "places", self.data.places.info()),
            ("Networks inside the program", "networks", self.data.asns.info()),
            ("Cloud regions inside the program", "cloud regions", self.data.cloud.info()),
        ];
        user.sources().chain(embedded.map(|(name, kind, info)| embedded_source(name, kind, &info))).collect()
    }

    fn user_files(&self) -> Arc<UserFiles> {
        Arc::clone(&self.known().user)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer for an address that is not among those known.
    fn answer(&self, address: IpAddr, known: &mut Known) -> Arc<RemoteInfo> {
        let address = AddressScope::carried(address);
        let scope = AddressScope::of(address);
        if scope != AddressScope::Public {
            return Arc::new(RemoteInfo::bare(scope));
        }
        let finding = self.find(address);
        let user = if known.user.is_empty() { Answer::default() } else { known.user.look_up(address) };
        if user != Answer::default() {
            return Arc::new(self.assemble(finding, &user, &mut known.systems));
        }
        let key = finding.key();
        known.findings.get(key).unwrap_or_else(|| {
            let answer = Arc::new(self.assemble(finding, &user, &mut known.systems));
            known.findings.insert(key, Arc::clone(&answer));
            answer
        })
    }

    fn find(&self, address: IpAddr) -> Finding {
        let [place, system] = Ranges::find([self.data.places.ranges(), self.data.asns.ranges()], address);
        Finding { place, system, cloud: self.data.cloud.find(address), block: self.roles.find(address) }
    }

    fn assemble(&self, finding: Finding, user: &Answer<'_>, systems: &mut Systems) -> RemoteInfo {
        let system = self.system(finding, user, systems);
        let asn = system.as_ref().map(|system| system.asn);
        let cloud = self.data.cloud.answer(finding.cloud);
        let block = self.roles.block(finding.block);
        let anycast = self.anycast(asn, block, cloud.as_ref(), user);
        let place = if anycast.is_some() { None } else { self.place(finding, cloud.as_ref(), user) };
        let role = block
            .and_then(Block::role)
            .or_else(|| cloud.as_ref().and_then(cloud_role))
            .or_else(|| self.roles.role(asn?));
        RemoteInfo { scope: AddressScope::Public, place, system, anycast, role }
    }

    fn system(
        &self,
        finding: Finding,
        user: &Answer<'_>,
        systems: &mut Systems,
    ) -> Option<Arc<AutonomousSystem>> {
        let Some(asn) = user.asn else { return systems.embedded(finding.system, &self.data.asns) };
        let embedded = self.data.asns.organisation(asn);
        let organisation = user.organisation.or(embedded).unwrap_or_default();
        Some(systems.of_user(asn, organisation, embedded))
    }

    fn anycast(
        &self,
        asn: Option<Asn>,
        block: Option<&Block>,
        cloud: Option<&CloudAnswer<'_>>,
        user: &Answer<'_>,
    ) -> Option<AnycastRule> {
        let global =
            || cloud.filter(|cloud| cloud.global).map(|cloud| AnycastRule::GlobalRange(cloud_name(cloud)));
        block
            .map(Block::anycast)
            .or_else(|| self.roles.anycast(asn?))
            .or_else(global)
            .or_else(|| user.anycast.then_some(AnycastRule::UserDatabase))
    }

    fn place(&self, finding: Finding, cloud: Option<&CloudAnswer<'_>>, user: &Answer<'_>) -> Option<Place> {
        if let Some(place) = cloud.and_then(|cloud| cloud.place) {
            return Some(Place {
                country: Some(place.country),
                city: place.city.map(Into::into),
                coordinates: Coordinates::new(place.latitude, place.longitude),
                accuracy_km: place.accuracy_km,
                precision: Precision::Region,
                source: PlaceSource::CloudRegion,
            });
        }
        if let Some(place) = &user.place {
            return Some(place.to_place());
        }
        let place = self.data.places.answer(finding.place)?;
        Some(Place {
            country: Some(place.country),
            city: place.city.map(Into::into),
            coordinates: Coordinates::new(place.latitude, place.longitude),
            accuracy_km: place.accuracy_km,
            precision: place.precision,
            source: PlaceSource::Embedded,
        })
    }
}

impl Enricher for Locator {
    fn remote(&self, address: IpAddr) -> Arc<RemoteInfo> {
        let mut known = self.known();
        let key = address_key(address);
        known.addresses.get(key).unwrap_or_else(|| {
            let answer = self.answer(address, &mut known);
            known.addresses.insert(key, Arc::clone(&answer));
            answer
        })
    }

    fn service(&self, protocol: Protocol, port: u16) -> Service {
        self.services.look_up(protocol, port)
    }
}

impl Finding {
    /// All of it as one number, the quickest to hash.
    fn key(self) -> u128 {
        let numbers = u64::from(self.place) << 32 | u64::from(self.system);
        let marks = u64::from(self.cloud) << 32 | u64::try_from(self.block).unwrap_or_default();
        u128::from(numbers) << 64 | u128::from(marks)
    }
}

/// An address as one number: IPv4 addresses as IPv4-mapped ones, which are the same addresses.
fn address_key(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The autonomous systems met so far, each with its names made once and shared. What is kept depends on
/// number and organisation alone, so it outlives a change of data.
#[derive(Debug)]
struct Systems {
    operators: Operators,
    /// By their number in the data inside the program.
    embedded: SharedSystems,
    /// By number, as the user's files name them.
    of_user: SharedSystems,
}

type SharedSystems = HashMap<u32, Arc<AutonomousSystem>, foldhash::fast::RandomState>;

impl Systems {
    fn new() -> Self {
        Self { operators: Operators::new(), embedded: HashMap::default(), of_user: HashMap::default() }
    }

    /// The system that the data inside the program have under a value of their tables.
    fn embedded(&mut self, value: u32, asns: &AsnPack<'_>) -> Option<Arc<AutonomousSystem>> {
        if let Some(system) = self.embedded.get(&value) {
            return Some(Arc::clone(system));
        }
        let found = asns.answer(value)?;
        let system = Arc::new(self.system(found.asn, found.organisation, None));
        keep(&mut self.embedded, value, &system);
        Some(system)
    }

    /// A system of a user's file. The name that the program's own data have for the number (`embedded`)
    /// decides the operator where the table of aliases knows it, so that `CLOUDFLARENET` of a user's
    /// file is Cloudflare too.
    fn of_user(&mut self, asn: u32, organisation: &str, embedded: Option<&str>) -> Arc<AutonomousSystem> {
        if let Some(system) = self.of_user.get(&asn).filter(|system| *system.organisation == *organisation) {
            return Arc::clone(system);
        }
        let system = Arc::new(self.system(asn, organisation, embedded));
        keep(&mut self.of_user, asn, &system);
        system
    }

    fn system(&self, asn: u32, organisation: &str, embedded: Option<&str>) -> AutonomousSystem {
        let alias = embedded.and_then(|embedded| self.operators.alias(embedded));
        let alias = alias.or_else(|| self.operators.alias(organisation));
        let operator = alias.unwrap_or_else(|| without_legal_form(organisation));
        AutonomousSystem {
            asn: Asn(asn),
            organisation: organisation.into(),
            operator: if operator.is_empty() { Asn(asn).to_string().into() } else { operator.into() },
        }
    }
}

/// Writes a system down; when there are too many, begins again.
fn keep(systems: &mut SharedSystems, key: u32, system: &Arc<AutonomousSystem>) {
    if systems.len() >= MOST_SYSTEMS {
        systems.clear();
    }
    systems.insert(key, Arc::clone(system));
}

/// `aws eu-west-1`, `aws CLOUDFRONT`, `cloudflare`.
fn cloud_name(cloud: &CloudAnswer<'_>) -> Arc<str> {
    match cloud.region.or(cloud.service) {
        Some(detail) => format!("{} {detail}", cloud.provider).into(),
        None => cloud.provider.into(),
    }
}

/// A range of a region is a cloud's; of a global range only what its network is can be told.
fn cloud_role(cloud: &CloudAnswer<'_>) -> Option<RoleVerdict> {
    (!cloud.global).then(|| RoleVerdict { role: Role::Cloud, rule: RoleRule::CloudRegion(cloud_name(cloud)) })
}

fn embedded_source(name: &str, kind: &'static str, info: &PackInfo<'_>) -> DataSource {
    let (year, month, day) = info.date;
    let mut version = String::new();
    for source in info.values("source") {
        let separator = if version.is_empty() { "" } else { "; " };
        // Writing to a text cannot fail.
        write!(version, "{separator}{source}").unwrap_or_default();
    }
    DataSource {
        name: name.to_owned(),
        kind,
        source: "embedded",
        version,
        build_date: Some(format!("{year:04}-{month:02}-{day:02}")),
        active: true,
        problem: None,
    }
}

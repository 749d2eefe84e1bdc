//! The answer for an address, put together: scope, then the published cloud range, then the user's own
//! files, then the data inside the program; marks of "served from many places" take the place away.

#[cfg(test)]
mod tests;

use std::{
    fmt::Write as _,
    net::IpAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
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
    pack::{AsnPack, PackError, PackInfo, PlacePack},
    roles::{Block, Roles},
    services::Services,
};

/// How many autonomous systems are kept ready; a computer meets some hundreds.
const MOST_SYSTEMS: usize = 50_000;

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
/// waits for nothing but another look-up that is writing its answer down.
#[derive(Debug)]
pub struct Locator {
    data: Data,
    user: RwLock<Arc<UserFiles>>,
    cache: Cache,
    systems: Systems,
    roles: Roles,
    services: Services,
}

impl Locator {
    /// A locator over the data inside the program, without files of the user's yet: see
    /// [`Locator::recheck`].
    pub fn new(data: Data) -> Self {
        Self {
            data,
            user: RwLock::default(),
            cache: Cache::default(),
            systems: Systems { operators: Operators::new(), known: Mutex::default() },
            roles: Roles::new(),
            services: Services::new(),
        }
    }

    /// Looks for database files (`.mmdb`) in the data folder, checks them, and answers from them from
    /// now on. Reads whole files: up to seconds for large ones, so not for a thread that others wait
    /// for. A file that is refused leaves the data it gave before in use. Returns [`Locator::data`].
    pub fn recheck(&self, data_dir: &Path, now: Timestamp) -> Vec<DataSource> {
        let files = UserFiles::recheck(&self.user_files(), data_dir, now);
        *self.user.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(files);
        self.cache.clear();
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
        Arc::clone(&self.user.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn assemble(&self, address: IpAddr) -> RemoteInfo {
        let address = AddressScope::carried(address);
        let scope = AddressScope::of(address);
        if scope != AddressScope::Public {
            return RemoteInfo::bare(scope);
        }
        let user = self.user_files();
        let user = if user.is_empty() { Answer::default() } else { user.look_up(address) };
        let system = self.system(address, &user);
        let asn = system.as_ref().map(|system| system.asn);
        let cloud = self.data.cloud.look_up(address);
        let block = self.roles.block(address);
        let anycast = self.anycast(asn, block, cloud.as_ref(), &user);
        let place = if anycast.is_some() { None } else { self.place(address, cloud.as_ref(), &user) };
        let role = block
            .and_then(Block::role)
            .or_else(|| cloud.as_ref().and_then(cloud_role))
            .or_else(|| self.roles.role(asn?));
        RemoteInfo { scope, place, system, anycast, role }
    }

    fn system(&self, address: IpAddr, user: &Answer<'_>) -> Option<AutonomousSystem> {
        if let Some(asn) = user.asn {
            let embedded = self.data.asns.organisation(asn);
            let organisation = user.organisation.or(embedded).unwrap_or_default();
            return Some(self.systems.get(asn, organisation, embedded));
        }
        let found = self.data.asns.look_up(address)?;
        Some(self.systems.get(found.asn, found.organisation, None))
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

    fn place(&self, address: IpAddr, cloud: Option<&CloudAnswer<'_>>, user: &Answer<'_>) -> Option<Place> {
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
        let place = self.data.places.look_up(address)?;
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
        self.cache.get_or_assemble(address, |address| self.assemble(address))
    }

    fn service(&self, protocol: Protocol, port: u16) -> Service {
        self.services.look_up(protocol, port)
    }
}

/// The autonomous systems met so far, each with its names made once and shared. What is kept depends on
/// number and organisation alone, so it outlives a change of data.
#[derive(Debug)]
struct Systems {
    operators: Operators,
    known: Mutex<HashMap<u32, AutonomousSystem, foldhash::fast::RandomState>>,
}

impl Systems {
    /// A system. The name that the program's own data have for the number (`embedded`) decides the
    /// operator where the table of aliases knows it, so that `CLOUDFLARENET` of a user's file is
    /// Cloudflare too.
    fn get(&self, asn: u32, organisation: &str, embedded: Option<&str>) -> AutonomousSystem {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(system) = known.get(&asn).filter(|system| *system.organisation == *organisation) {
            return system.clone();
        }
        let alias = embedded.and_then(|embedded| self.operators.alias(embedded));
        let alias = alias.or_else(|| self.operators.alias(organisation));
        let operator = alias.unwrap_or_else(|| without_legal_form(organisation));
        let system = AutonomousSystem {
            asn: Asn(asn),
            organisation: organisation.into(),
            operator: if operator.is_empty() { Asn(asn).to_string().into() } else { operator.into() },
        };
        if known.len() >= MOST_SYSTEMS {
            known.clear();
        }
        known.insert(asn, system.clone());
        system
    }
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

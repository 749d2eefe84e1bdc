//! Made-up flows, sessions and places to keep them.

use std::{net::IpAddr, ops::ControlFlow, sync::Arc};

use tapmap_core::{
    AddressScope, App, AppEvidence, Asn, Attribution, AutonomousSystem, Batch, Coordinates, Counters,
    Country, Direction, Ending, Endpoint, Evidence, FileIdentity, Flow, FlowEntry, FlowId, FlowQuery,
    FlowRecord, HistoryReader, HistoryStore, Listener, MatchQuality, Name, NameSource, Namespace, Place,
    PlaceSource, Precision, Process, ProcessKey, ProgramFile, ProgramSeen, Protocol, Rates, RemoteInfo,
    Service, Session, SocketId, SocketState, Span, Timestamp, UnknownOwner,
};
use tapmap_history::SqliteStore;

/// 2026-11-25T12:00:00Z.
pub(crate) const NOON: i64 = 1_795_608_000_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn session(started_at: i64, zone: &str) -> Session {
    Session {
        started_at: at(started_at),
        zone: zone.into(),
        version: "0.1.0".into(),
        data_version: "2026-01".into(),
    }
}

pub(crate) fn app(name: &str, pid: u32) -> Attribution {
    let process = Process {
        key: ProcessKey { pid, start: u64::from(pid) * 10 },
        name: name.to_lowercase().into(),
        executable: Some(format!("/usr/bin/{}", name.to_lowercase()).into()),
        file: None,
        app: App { name: name.into(), evidence: AppEvidence::DesktopEntry },
        user: Some("ann".into()),
        started: None,
        own: false,
    };
    Attribution::Owned { process: Arc::new(process), quality: MatchQuality::Descriptor }
}

pub(crate) fn nobody() -> Attribution {
    Attribution::Unknown { reason: UnknownOwner::NotPermitted, app: None }
}

/// What is known of an address: a public one lies in Oslo or Paris, in one of two networks.
pub(crate) fn info(address: IpAddr) -> Arc<RemoteInfo> {
    let scope = AddressScope::of(address);
    if scope != AddressScope::Public {
        return Arc::new(RemoteInfo::bare(scope));
    }
    let last = match address {
        IpAddr::V4(address) => address.octets()[3],
        IpAddr::V6(address) => address.octets()[15],
    };
    let (country, city, latitude, longitude) =
        if last.is_multiple_of(2) { ("NO", "Oslo", 59.91, 10.75) } else { ("FR", "Paris", 48.86, 2.35) };
    let place = Place {
        country: Country::new(country),
        city: Some(city.into()),
        coordinates: Coordinates::new(latitude, longitude),
        accuracy_km: 25,
        precision: Precision::City,
        source: PlaceSource::Embedded,
    };
    let number = 64_500 + u32::from(last % 3);
    let system = AutonomousSystem {
        asn: Asn(number),
        organisation: format!("EXAMPLE-{number}").into(),
        operator: if last.is_multiple_of(3) { "Telenor" } else { "Orange" }.into(),
    };
    Arc::new(RemoteInfo { place: Some(place), system: Some(Arc::new(system)), ..RemoteInfo::bare(scope) })
}

/// A flow of an app to port 443 of an address, from a port that its number says.
pub(crate) fn flow(id: u64, owner: Attribution, remote: &str, first_seen: i64, last_seen: i64) -> Flow {
    let address: IpAddr = remote.parse().unwrap();
    let local: IpAddr = if address.is_ipv4() { [10, 0, 0, 5].into() } else { "fd00::5".parse().unwrap() };
    Flow {
        id: FlowId(id),
        socket: SocketId(id),
        protocol: Protocol::Tcp,
        local: Endpoint::new(local, 40_000 + u16::try_from(id % 20_000).unwrap()),
        remote: Endpoint::new(address, 443),
        direction: Direction::Outbound,
        state: SocketState::Established,
        span: Span { first_seen: at(first_seen), last_seen: at(last_seen) },
        attribution: owner,
        possibly: None,
        peer: None,
        info: info(address),
        service: Service::default(),
        counters: Counters { bytes_sent: Some(100), bytes_received: Some(2000), round_trip: None },
        rates: Rates::default(),
        name: None,
        namespace: Namespace::OWN,
        evidence: Evidence::List.into(),
    }
}

pub(crate) fn named(mut flow: Flow, names: &[&str]) -> Flow {
    flow.name = Some(Arc::new(Name {
        candidates: names.iter().map(|name| Arc::from(*name)).collect(),
        source: NameSource::Dns,
        heard_at: flow.span.first_seen,
        aliases: vec![],
    }));
    flow
}

pub(crate) fn entry(flow: &Flow, ending: Ending) -> FlowEntry {
    FlowEntry { flow: Arc::new(flow.clone()), ending }
}

/// A batch of flows that ended.
pub(crate) fn ended(now: i64, flows: &[Flow]) -> Batch {
    let flows = flows.iter().map(|flow| entry(flow, Ending::Seen)).collect();
    Batch { at: at(now), flows, ..Batch::default() }
}

/// A batch of flows that are open.
pub(crate) fn open(now: i64, flows: &[Flow]) -> Batch {
    let flows = flows.iter().map(|flow| entry(flow, Ending::Open)).collect();
    Batch { at: at(now), flows, ..Batch::default() }
}

/// That an app's program was the file with this number.
pub(crate) fn program(app: &str, inode: u64, first_seen: i64) -> ProgramSeen {
    let identity = FileIdentity { inode, size: u64::MAX - 1, modified: at(NOON - 5) };
    let file = ProgramFile { path: format!("/usr/bin/{app}").into(), identity };
    ProgramSeen { app: app.into(), file, first_seen: at(first_seen) }
}

pub(crate) fn listener(id: u64, port: u16, first_seen: i64) -> Listener {
    let local = Endpoint::new([0, 0, 0, 0].into(), port);
    Listener {
        id: SocketId(id),
        protocol: Protocol::Tcp,
        local,
        scope: AddressScope::of(local.address()),
        attribution: app("sshd", 7),
        service: Service::default(),
        first_seen: at(first_seen),
    }
}

/// Every flow of a query, by pages of three, each record once and in order.
pub(crate) fn all(reader: &dyn HistoryReader, query: &FlowQuery, now: i64) -> Vec<FlowRecord> {
    let mut records: Vec<FlowRecord> = Vec::new();
    let mut query = FlowQuery { limit: 3, ..query.clone() };
    loop {
        let page = reader.flows(&query, at(now)).unwrap();
        assert!(page.flows.len() <= 3);
        records.extend(page.flows);
        let Some(next) = page.next else { break };
        query.before = Some(next);
    }
    assert!(records.is_sorted_by(|one, other| one.id > other.id), "the latest first, each once");
    let mut walked = Vec::new();
    let whole = FlowQuery { before: None, ..query };
    let visit = &mut |record| {
        walked.push(record);
        ControlFlow::Continue(())
    };
    reader.each_flow(&whole, at(now), visit).unwrap();
    assert_eq!(walked, records, "pages and the walk agree");
    records
}

/// Every flow there is.
pub(crate) fn everything(store: &dyn HistoryStore, now: i64) -> Vec<FlowRecord> {
    all(&*store.reader().unwrap(), &FlowQuery::default(), now)
}

/// A fresh history in a folder of its own.
pub(crate) fn sqlite() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let opened = SqliteStore::open(&folder.path().join("history.db"), at(NOON)).unwrap();
    assert_eq!(opened.set_aside, None);
    (folder, opened.store)
}

//! A made-up month of a busy desktop: the same for the same seed. A few apps and places make most of
//! the flows, many make few, and nights are quiet.

use std::{net::IpAddr, sync::Arc};

use tapmap_core::{
    AddressScope, App, AppEvidence, Asn, Attribution, AutonomousSystem, Coordinates, Counters, Country,
    Direction, Endpoint, Evidence, Flow, FlowId, MatchQuality, Name, NameSource, Namespace, Place,
    PlaceSource, Precision, Process, ProcessKey, Protocol, Rates, RemoteInfo, Service, SocketId, SocketState,
    Span, Timestamp,
};

/// When the month begins: 2026-10-26T00:00:00Z.
pub(crate) const START: i64 = 1_792_972_800_000;
/// How many days it has.
pub(crate) const DAYS: i64 = 30;
const APPS: usize = 60;
const SITES: usize = 3000;
const REMOTES: usize = 8000;
/// Countries, the frequent ones first.
const COUNTRIES: [&str; 24] = [
    "US", "DE", "IE", "NL", "GB", "FR", "SE", "FI", "AT", "CH", "JP", "CA", "PL", "IT", "ES", "BE", "DK",
    "NO", "CZ", "SG", "AU", "BR", "IN", "IS",
];
const PORTS: [u16; 8] = [443, 443, 443, 443, 80, 53, 993, 5228];

/// Flows in the order of their beginnings.
pub(crate) struct MadeUp {
    random: u64,
    number: usize,
    count: usize,
    owners: Vec<Arc<Process>>,
    infos: Vec<(IpAddr, Arc<RemoteInfo>)>,
    names: Vec<Arc<Name>>,
}

impl MadeUp {
    pub(crate) fn new(seed: u64, count: usize) -> Self {
        let mut made_up = Self {
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            number: 0,
            count,
            owners: Vec::new(),
            infos: Vec::new(),
            names: Vec::new(),
        };
        made_up.owners = (0..APPS).map(owner).collect();
        made_up.infos = (0..REMOTES).map(info).collect();
        made_up.names = (0..SITES).map(name).collect();
        made_up
    }

    fn next_number(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next_number() >> 16).unwrap_or(0) % limit
    }

    /// A number below a limit, small ones far more often.
    fn skewed(&mut self, limit: usize) -> usize {
        let (one, other) = (self.below(limit), self.below(limit));
        one.min(other) * (self.below(limit) + 1) / limit
    }

    /// Days are alike; three quarters of the flows lie between 8 and 24 o'clock.
    fn moment(&mut self) -> i64 {
        let spread = i64::try_from(self.number).unwrap_or(0) * (DAYS * 86_400_000)
            / i64::try_from(self.count.min(1 << 40)).unwrap_or(1).max(1);
        START + spread
    }
}

impl Iterator for MadeUp {
    type Item = Arc<Flow>;

    fn next(&mut self) -> Option<Arc<Flow>> {
        if self.number == self.count {
            return None;
        }
        let begin = self.moment();
        self.number += 1;
        let who = self.skewed(APPS);
        // An app goes to places of its own, and now and then anywhere.
        let site =
            if self.below(10) == 0 { self.skewed(SITES) } else { (who * 50 + self.skewed(200)) % SITES };
        let (one, other) = (self.below(3), self.below(PORTS.len()));
        let (address, info) = self.infos[(site * 7 + one) % REMOTES].clone();
        let port = PORTS[other];
        let lasted =
            i64::try_from(self.skewed(600_000)).unwrap_or(0) * if self.below(200) == 0 { 30 } else { 1 };
        let sent = self.skewed(100_000) as u64;
        let received = self.skewed(5_000_000) as u64;
        let local: IpAddr =
            if address.is_ipv4() { [192, 168, 1, 20].into() } else { [0xfd00, 0, 0, 0, 0, 0, 0, 9].into() };
        let number = self.number as u64;
        let at = Timestamp::from_millis;
        Some(Arc::new(Flow {
            id: FlowId(number),
            socket: SocketId(number),
            protocol: if port == 53 { Protocol::Udp } else { Protocol::Tcp },
            local: Endpoint::new(local, 32_768 + u16::try_from(self.below(28_000)).unwrap_or(0)),
            remote: Endpoint::new(address, port),
            direction: Direction::Outbound,
            state: SocketState::Established,
            span: Span { first_seen: at(begin), last_seen: at(begin + lasted) },
            attribution: Attribution::Owned {
                process: Arc::clone(&self.owners[who]),
                quality: if self.below(20) == 0 {
                    MatchQuality::Remembered
                } else {
                    MatchQuality::Descriptor
                },
            },
            possibly: None,
            peer: None,
            info,
            service: Service::default(),
            counters: Counters { bytes_sent: Some(sent), bytes_received: Some(received), round_trip: None },
            rates: Rates::default(),
            name: (self.below(10) < 8).then(|| Arc::clone(&self.names[site])),
            namespace: Namespace::OWN,
            evidence: Evidence::List.into(),
        }))
    }
}

fn owner(number: usize) -> Arc<Process> {
    let name = format!("app-{number}");
    let pid = 1000 + u32::try_from(number).unwrap_or(0);
    Arc::new(Process {
        key: ProcessKey { pid, start: u64::from(pid) * 100 },
        name: name.as_str().into(),
        executable: Some(format!("/usr/lib/{name}/{name}").into()),
        file: None,
        app: App { name: name.into(), evidence: AppEvidence::DesktopEntry },
        user: Some("ann".into()),
        started: None,
        own: false,
    })
}

fn info(number: usize) -> (IpAddr, Arc<RemoteInfo>) {
    let country = COUNTRIES[(number % 97 * (number % 89)) / 360 % COUNTRIES.len()];
    let system = 64_512 + u32::try_from(number % 150).unwrap_or(0);
    let [high, low] = u16::try_from(number).unwrap_or(0).to_be_bytes();
    let address: IpAddr = if number.is_multiple_of(4) {
        [0x2a00, 0x1450, 0, 0, 0, 0, u16::from(high), u16::from(low)].into()
    } else {
        [34, 1, high, low].into()
    };
    let place = Place {
        country: Country::new(country),
        city: Some(format!("City {}", number % 40).into()),
        coordinates: Coordinates::new(48.0, 16.0),
        accuracy_km: 25,
        precision: Precision::City,
        source: PlaceSource::Embedded,
    };
    let system = AutonomousSystem {
        asn: Asn(system),
        organisation: format!("EXAMPLE-NETWORK-{system}").into(),
        operator: format!("Operator {}", system % 120).into(),
    };
    let info = RemoteInfo {
        place: Some(place),
        system: Some(Arc::new(system)),
        ..RemoteInfo::bare(AddressScope::Public)
    };
    (address, Arc::new(info))
}

fn name(number: usize) -> Arc<Name> {
    Arc::new(Name {
        candidates: vec![format!("www.site-{number}.example").into()],
        source: NameSource::TlsServerName,
        heard_at: Timestamp::from_millis(START),
        aliases: vec![],
    })
}

//! Several sources tell of the same sockets: in any order, late, twice or not at all. Whatever comes,
//! the live state stays one consistent account.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use proptest::prelude::*;
use tapmap_core::{
    Account, AddressScope, App, AppEvidence, Attribution, Change, Counters, Coverage, Endpoint, Enricher,
    Evidence, Flow, FlowId, Layer, LayerName, LiveState, MatchQuality, Namespace, Observation, Process,
    ProcessKey, Protocol, RemoteInfo, Service, Sighting, SocketId, SocketRow, SocketState, SocketTable,
    Timestamp, UnknownOwner,
};

/// How often everything is listed, in milliseconds.
const LOOK: i64 = 1_000;
/// When the last socket is gone.
const END: i64 = 12_000;
/// How long a remnant is kept; sixty seconds in truth.
const REMNANT: i64 = 2_000;
/// How late a source may tell what happened: the pace at which events are read is 100 ms.
const LATE: i64 = 400;
/// Bytes that go out through a socket in a millisecond of its life.
const PACE: i64 = 10;

/// One socket's true life, and what the sources make of it.
#[derive(Clone, Debug)]
struct Life {
    id: u64,
    /// The port of its near end; another for each life.
    port: u16,
    local: Endpoint,
    remote: Endpoint,
    born: i64,
    died: i64,
    /// By how much the event of its birth is late; `None` when it never comes.
    birth: Option<i64>,
    /// The same of the event of its end.
    death: Option<i64>,
    /// The same of the message that it ended, which knows no owner.
    end: Option<i64>,
    /// Whether each of these comes twice.
    twice: bool,
    /// Whether the list of sockets shows its owner.
    readable: bool,
    /// Whether the kernel keeps a remnant of it afterwards, under an identity of its own if it was never
    /// listed before.
    lingers: bool,
}

impl Life {
    fn row(&self, at: i64, state: SocketState, evidence: Evidence, owner: Attribution) -> SocketRow {
        let sent = u64::try_from((at.min(self.died) - self.born) * PACE).unwrap_or(0);
        let is_counted = evidence != Evidence::Event || state == SocketState::Closed;
        SocketRow {
            id: SocketId(self.id),
            protocol: Protocol::Tcp,
            local: self.local,
            remote: Some(self.remote),
            state,
            owner,
            counters: Counters { bytes_sent: is_counted.then_some(sent), ..Counters::default() },
            namespace: Namespace::OWN,
            evidence,
        }
    }

    fn owner(&self, quality: MatchQuality) -> Attribution {
        let app = App { name: format!("app {}", self.port).into(), evidence: AppEvidence::FileName };
        let process = Process {
            key: ProcessKey { pid: self.port.into(), start: 1 },
            name: Arc::clone(&app.name),
            executable: None,
            file: None,
            app,
            user: None,
            started: None,
            own: false,
        };
        Attribution::Owned { process: Arc::new(process), quality }
    }

    /// What the list holds of it at a moment.
    fn listed(&self, at: i64) -> Option<SocketRow> {
        let owner = if self.readable { self.owner(MatchQuality::Descriptor) } else { unknown() };
        if self.is_alive(at) {
            return Some(self.row(at, SocketState::Established, Evidence::List, owner));
        }
        let mut remnant = self.row(at, SocketState::TimeWait, Evidence::List, unknown());
        remnant.counters = Counters::default();
        if !self.is_listed() && self.birth.is_none() {
            remnant.id = SocketId(1_000_000 + u64::from(self.port));
        }
        (self.lingers && (self.died..self.died + REMNANT).contains(&at)).then_some(remnant)
    }

    /// Whether a table holds it while it is alive.
    fn is_listed(&self) -> bool {
        (0..=END / LOOK).any(|look| self.is_alive(look * LOOK))
    }

    fn is_alive(&self, at: i64) -> bool {
        (self.born..self.died).contains(&at)
    }

    /// The event and messages about it, with when each is told.
    fn told(&self) -> Vec<(i64, SocketRow)> {
        let by_event = |at, state| self.row(at, state, Evidence::Event, self.owner(MatchQuality::Event));
        let ended = |state| self.row(self.died, state, Evidence::End, unknown());
        let told = [
            self.birth.map(|late| (self.born + late, by_event(self.born, SocketState::Established))),
            self.death.map(|late| (self.died + late, by_event(self.died, SocketState::Closed))),
            self.end.map(|late| (self.died + late, ended(SocketState::Closed))),
        ];
        let once = told.into_iter().flatten();
        once.flat_map(|one| std::iter::repeat_n(one, 1 + usize::from(self.twice))).collect()
    }

    /// Whether all that is told of it is told before a table shows that it has ended.
    fn is_told_in_time(&self) -> bool {
        self.told()
            .iter()
            .all(|(at, _)| (self.died - 1).div_euclid(LOOK) == at.div_euclid(LOOK) || *at < self.died)
    }

    /// Whether its absence from a table is known before anybody tells of its end.
    fn is_missed_first(&self) -> bool {
        let words = [self.death, self.end].into_iter().flatten();
        let is_later = |late: i64| (self.died + late).div_euclid(LOOK) > (self.died - 1).div_euclid(LOOK);
        self.is_listed() && words.into_iter().all(is_later)
    }

    /// Whether any source tells of it at all, and whether one of those knows its owner.
    fn is_told(&self) -> (bool, bool) {
        let by_event = self.birth.or(self.death).is_some();
        let is_told = self.is_listed() || self.lingers || by_event || self.end.is_some();
        (is_told, by_event || (self.is_listed() && self.readable))
    }
}

fn endpoint(text: &str) -> Endpoint {
    Endpoint::from(text.parse::<SocketAddr>().unwrap())
}

fn unknown() -> Attribution {
    Attribution::Unknown { reason: UnknownOwner::Exited, app: None }
}

/// Some lives. Each has its port; two in a row may have the same identity, as sockets of two runs of a
/// machine have, the second long after the first.
fn lives() -> impl Strategy<Value = Vec<Life>> {
    let late = || proptest::option::of(0..LATE);
    let one = (1..4_000_i64, 1..1_500_i64, late(), late(), late(), any::<[bool; 4]>());
    proptest::collection::vec(one, 1..10).prop_map(|drawn| {
        let mut lives: Vec<Life> = Vec::new();
        for (port, (born, length, birth, death, end, [twice, readable, lingers, is_again])) in
            (50_000_u16..).zip(drawn)
        {
            let id = u64::from(port);
            let died = born + length;
            let (local, remote) = (endpoint(&format!("10.0.0.5:{port}")), endpoint("192.0.2.7:443"));
            let life =
                Life { id, port, local, remote, born, died, birth, death, end, twice, readable, lingers };
            if is_again {
                let (born, died) = (life.died + 2_500, life.died + 2_500 + length.min(900));
                let (port, local) = (port + 1_000, endpoint(&format!("10.0.0.5:{}", port + 1_000)));
                lives.push(Life { port, local, born, died, ..life.clone() });
            }
            lives.push(life);
        }
        lives
    })
}

/// Connections within this computer: two lives each, both ends of one connection.
fn pairs() -> impl Strategy<Value = Vec<Life>> {
    lives().prop_map(|lives| {
        let first_runs = lives.iter().filter(|life| life.id == u64::from(life.port));
        let ends = first_runs.zip(lives.iter().rev()).map(|(connector, other)| {
            let (local, remote) =
                (endpoint(&format!("127.0.0.1:{}", connector.port)), endpoint("127.0.0.1:80"));
            let acceptor = Life {
                id: connector.id + 5_000,
                port: connector.port + 5_000,
                local: remote,
                remote: local,
                born: connector.born,
                died: connector.died + other.birth.unwrap_or(0),
                ..other.clone()
            };
            [Life { local, remote, ..connector.clone() }, acceptor]
        });
        ends.flatten().collect()
    })
}

/// Everything that is told of some lives, in the order in which it is told. Of what is told at the same
/// moment, `order` says which comes first. First of all a source may say that it tells of ends.
fn observations(lives: &[Life], order: &[u32], says_so: bool) -> Vec<Observation> {
    let mut told: Vec<(i64, u32, Sighting)> = Vec::new();
    if says_so {
        told.push((-1, 0, Sighting::Coverage(coverage_of_ends())));
    }
    let mut rank = order.iter().copied().cycle();
    for life in lives {
        for (at, row) in life.told() {
            told.push((at, rank.next().unwrap_or(0), Sighting::Socket(row)));
        }
    }
    for look in 0..=END / LOOK {
        let at = look * LOOK;
        let sockets = lives.iter().filter_map(|life| life.listed(at)).collect();
        told.push((at, rank.next().unwrap_or(0), Sighting::Table(SocketTable { sockets })));
    }
    told.sort_by_key(|(at, rank, _)| (*at, *rank));
    told.into_iter()
        .map(|(at, _, sighting)| Observation { at: Timestamp::from_millis(at), sighting })
        .collect()
}

fn coverage_of_ends() -> Coverage {
    let nothing: Arc<str> = "".into();
    let layer = Layer {
        name: LayerName::SocketEnds,
        active: true,
        reason: Arc::clone(&nothing),
        adds: nothing,
        command: None,
    };
    Coverage { lines: Vec::new(), layers: vec![layer] }
}

struct Nowhere;

impl Enricher for Nowhere {
    fn remote(&self, address: IpAddr) -> Arc<RemoteInfo> {
        Arc::new(RemoteInfo::bare(AddressScope::of(address)))
    }

    fn service(&self, _: Protocol, _: u16) -> Service {
        Service::default()
    }
}

/// What a reader of the changes knows.
#[derive(Default)]
struct Reader {
    open: BTreeMap<FlowId, Arc<Flow>>,
    ended: Vec<Arc<Flow>>,
    account: Account,
}

impl Reader {
    /// Takes a change in, which must fit what is known.
    fn read(&mut self, change: Change) {
        match change {
            Change::Opened(flow) => assert!(self.open.insert(flow.id, flow).is_none(), "opened once"),
            Change::Updated(flow) => {
                let before = self.open.insert(flow.id, Arc::clone(&flow)).expect("open flows change");
                assert_knows_no_less(&before, &flow);
            }
            Change::Counted(id, counters, rates) => {
                let flow = self.open.get_mut(&id).expect("open flows count");
                let mut now = Flow::clone(flow);
                (now.counters, now.rates) = (counters, rates);
                assert_knows_no_less(flow, &now);
                *flow = Arc::new(now);
            }
            Change::Closed(flow) => {
                let before = self.open.remove(&flow.id).expect("open flows close, once");
                assert_knows_no_less(&before, &flow);
                self.ended.push(flow);
            }
            Change::ListenerOpened(_) | Change::ListenerClosed(_) | Change::Lost(_) => {}
        }
    }
}

/// What is told later knows an owner that was known, and no fewer bytes.
fn assert_knows_no_less(before: &Flow, now: &Flow) {
    assert!(now.counters.bytes_sent >= before.counters.bytes_sent, "{before:?}\n{now:?}");
    if let Some(process) = before.attribution.process() {
        assert_eq!(now.attribution.process().map(|it| it.key), Some(process.key));
    }
}

fn replayed(observations: &[Observation]) -> Reader {
    let (mut live, mut reader) = (LiveState::default(), Reader::default());
    for observation in observations {
        let changes = live.apply(observation.clone(), &Nowhere);
        reader.account.note(&changes);
        for change in changes.items {
            reader.read(change);
        }
        let view = live.view();
        assert!(reader.open.values().eq(view.flows.iter()), "opened minus closed is what is open");
    }
    reader
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_life_that_anybody_tells_of_is_one_flow(
        lives in lives(),
        order in proptest::collection::vec(0..8_u32, 32),
        says_so in any::<bool>(),
    ) {
        let reader = replayed(&observations(&lives, &order, says_so));
        prop_assert!(reader.open.is_empty(), "all are gone at the end");
        let mut by_port: HashMap<u16, Vec<&Flow>> = HashMap::new();
        for flow in &reader.ended {
            by_port.entry(flow.local.port()).or_default().push(flow);
        }
        for life in &lives {
            let flows = by_port.remove(&life.port).unwrap_or_default();
            let (is_told, has_owner) = life.is_told();
            prop_assert_eq!(flows.len(), usize::from(is_told), "{:?}", life);
            // Who is known to tell of ends is waited for.
            let in_time = life.is_told_in_time() || (says_so && life.is_missed_first());
            for flow in flows {
                // What comes too late is not taken for another connection, and adds nothing any more.
                let pid = flow.attribution.process().map(|process| process.key.pid);
                let known = has_owner.then_some(life.port.into());
                prop_assert!(pid == known || (pid.is_none() && !in_time), "{:?}", life);
                if life.death.or(life.end).is_some() && in_time {
                    let sent = u64::try_from((life.died - life.born) * PACE).unwrap();
                    prop_assert_eq!(flow.counters.bytes_sent, Some(sent), "{:?}", life);
                }
            }
        }
        prop_assert!(by_port.is_empty(), "nothing was invented");
    }

    #[test]
    fn of_every_connection_within_this_computer_both_ends_are_counted_once(
        lives in pairs(),
        order in proptest::collection::vec(0..8_u32, 32),
        says_so in any::<bool>(),
    ) {
        let reader = replayed(&observations(&lives, &order, says_so));
        prop_assert!(reader.open.is_empty(), "all are gone at the end");
        let told = lives.iter().filter(|life| life.is_told().0).count() as u64;
        let total = reader.account.total().unwrap();
        prop_assert_eq!((total.seen_opened, total.seen_closed), (told, told));
    }

    #[test]
    fn the_same_observations_give_the_same_flows(
        lives in lives(),
        order in proptest::collection::vec(0..8_u32, 32),
        says_so in any::<bool>(),
    ) {
        let told = observations(&lives, &order, says_so);
        prop_assert_eq!(replayed(&told).ended, replayed(&told).ended);
    }
}

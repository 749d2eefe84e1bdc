//! Facts about the live state, on tables written by hand. Longer stories are in `fixtures/scenarios`.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use super::*;
use crate::{
    AddressScope, AppEvidence, Evidence, Evidences, LeadsTo, MatchQuality, NameHeard, NameSource, Process,
    ProcessKey, Protocol, RemoteInfo,
};

struct Nowhere;

impl Enricher for Nowhere {
    fn remote(&self, address: IpAddr) -> Arc<RemoteInfo> {
        Arc::new(RemoteInfo::bare(AddressScope::of(address)))
    }

    fn service(&self, _: Protocol, _: u16) -> Service {
        Service::default()
    }
}

fn owner(pid: u32) -> Attribution {
    let app = App { name: format!("app{pid}").into(), evidence: AppEvidence::FileName };
    let process = Process {
        key: ProcessKey { pid, start: 1 },
        name: Arc::clone(&app.name),
        executable: None,
        file: None,
        app,
        user: None,
        started: None,
        own: pid == 99,
    };
    Attribution::Owned { process: Arc::new(process), quality: MatchQuality::Descriptor }
}

fn socket(id: u64, state: SocketState, local: &str, remote: Option<&str>, pid: u32) -> SocketRow {
    let endpoint = |text: &str| Endpoint::from(text.parse::<std::net::SocketAddr>().unwrap());
    SocketRow {
        id: SocketId(id),
        protocol: if state == SocketState::Datagram { Protocol::Udp } else { Protocol::Tcp },
        local: endpoint(local),
        remote: remote.map(endpoint),
        state,
        owner: owner(pid),
        counters: Counters::default(),
        namespace: crate::Namespace::OWN,
        evidence: crate::Evidence::List,
    }
}

fn tcp(id: u64, local: &str, remote: &str, pid: u32) -> SocketRow {
    socket(id, SocketState::Established, local, Some(remote), pid)
}

fn look(live: &mut LiveState, second: i64, sockets: Vec<SocketRow>) -> Changes {
    let at = Timestamp::from_millis(second * 1000);
    live.apply(Observation { at, sighting: Sighting::Table(SocketTable { sockets }) }, &Nowhere)
}

fn words(changes: &Changes) -> Vec<String> {
    let flow = |word: &str, flow: &Flow| format!("{word} #{} {}>{}", flow.id.0, flow.local, flow.remote);
    changes
        .items
        .iter()
        .map(|change| match change {
            Change::Opened(it) => flow("open", it),
            Change::Updated(it) => flow("update", it),
            Change::Closed(it) => flow("close", it),
            Change::Counted(id, ..) => format!("count #{}", id.0),
            Change::ListenerOpened(it) => format!("listen {}", it.local),
            Change::ListenerClosed(id) => format!("unlisten {}", id.0),
            Change::Lost(_) => "lost".to_owned(),
        })
        .collect()
}

#[test]
fn a_table_seen_twice_changes_nothing() {
    let mut live = LiveState::default();
    let rows = vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)];
    assert_eq!(look(&mut live, 1, rows.clone()).seq, 1);
    let again = look(&mut live, 2, rows);
    assert_eq!((again.seq, again.items.len()), (1, 0));
}

#[test]
fn absence_closes_at_the_last_look_that_held_it() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)]);
    look(&mut live, 2, vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)]);
    let changes = look(&mut live, 3, vec![]);
    let [Change::Closed(flow)] = &changes.items[..] else { panic!("one close expected: {changes:?}") };
    assert_eq!(flow.span.last_seen, Timestamp::from_millis(2000));
    assert_eq!(live.view().flows.len(), 0);
}

#[test]
fn a_reused_port_is_a_new_flow() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)]);
    let changes = look(&mut live, 2, vec![tcp(2, "10.0.0.5:50000", "192.0.2.7:443", 7)]);
    assert_eq!(
        words(&changes),
        ["open #2 10.0.0.5:50000>192.0.2.7:443", "close #1 10.0.0.5:50000>192.0.2.7:443"]
    );
}

#[test]
fn a_connection_within_this_computer_is_one_row_of_the_connector() {
    let mut live = LiveState::default();
    let server = socket(1, SocketState::Listen, "127.0.0.1:5432", None, 20);
    let accepted = tcp(2, "127.0.0.1:5432", "127.0.0.1:40000", 20);
    let connector = tcp(3, "127.0.0.1:40000", "127.0.0.1:5432", 30);
    look(&mut live, 1, vec![accepted, server, connector]);
    let view = live.view();
    assert_eq!(view.flows.len(), 1);
    let flow = &view.flows[0];
    assert_eq!(flow.socket, SocketId(3));
    assert_eq!(flow.direction, Direction::Outbound);
    let peer = flow.peer.as_ref().unwrap();
    assert_eq!(peer.attribution.app().unwrap().name.as_ref(), "app20");
}

#[test]
fn ends_of_one_computer_seen_one_after_the_other_still_become_one_row() {
    let mut live = LiveState::default();
    let server = socket(1, SocketState::Listen, "127.0.0.1:80", None, 20);
    let accepted = tcp(2, "127.0.0.1:80", "127.0.0.1:40000", 20);
    look(&mut live, 1, vec![server.clone(), accepted.clone()]);
    assert_eq!(live.view().flows[0].direction, Direction::Inbound);
    look(&mut live, 2, vec![server.clone(), accepted.clone(), tcp(3, "127.0.0.1:40000", "127.0.0.1:80", 30)]);
    let view = live.view();
    assert_eq!((view.flows.len(), view.flows[0].socket), (1, SocketId(3)));
    look(&mut live, 3, vec![server, accepted]);
    let view = live.view();
    assert_eq!((view.flows.len(), view.flows[0].socket), (1, SocketId(2)));
}

#[test]
fn both_ends_gone_together_leave_nothing() {
    let mut live = LiveState::default();
    let pair =
        vec![tcp(2, "127.0.0.1:80", "127.0.0.1:40000", 20), tcp(3, "127.0.0.1:40000", "127.0.0.1:80", 30)];
    look(&mut live, 1, pair);
    assert_eq!(words(&look(&mut live, 2, vec![])), ["close #1 127.0.0.1:40000>127.0.0.1:80"]);
    assert_eq!(live.view().flows.len(), 0);
}

#[test]
fn a_port_that_listened_makes_its_connections_inbound() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![socket(1, SocketState::Listen, "[::]:22", None, 2)]);
    look(&mut live, 2, vec![tcp(2, "10.0.0.5:22", "192.0.2.9:51000", 2)]);
    let view = live.view();
    assert_eq!((view.flows[0].direction, view.flows[0].service_port()), (Direction::Inbound, 22));
    assert_eq!(view.listeners.len(), 0);
}

#[test]
fn a_udp_client_seen_before_its_peer_is_still_outbound() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![socket(1, SocketState::Datagram, "0.0.0.0:40000", None, 2)]);
    let changes =
        look(&mut live, 2, vec![socket(1, SocketState::Datagram, "10.0.0.5:40000", Some("192.0.2.1:53"), 2)]);
    assert_eq!(words(&changes), ["unlisten 1", "open #1 10.0.0.5:40000>192.0.2.1:53"]);
    assert_eq!(live.view().flows[0].direction, Direction::Outbound);
}

#[test]
fn a_udp_socket_that_takes_another_peer_is_another_flow() {
    let mut live = LiveState::default();
    let to = |remote| vec![socket(1, SocketState::Datagram, "10.0.0.5:40000", remote, 2)];
    look(&mut live, 1, to(Some("192.0.2.1:53")));
    assert_eq!(
        words(&look(&mut live, 2, to(Some("192.0.2.2:53")))),
        ["close #1 10.0.0.5:40000>192.0.2.1:53", "open #2 10.0.0.5:40000>192.0.2.2:53"]
    );
    assert_eq!(
        words(&look(&mut live, 3, to(None))),
        ["close #2 10.0.0.5:40000>192.0.2.2:53", "listen 10.0.0.5:40000"]
    );
    assert_eq!(live.view().listeners.len(), 1);
}

#[test]
fn an_end_that_is_left_behind_is_shown_wherever_it_stands_in_the_table() {
    for turned in [false, true] {
        let mut live = LiveState::default();
        let server = tcp(2, "127.0.0.1:80", "127.0.0.1:40000", 20);
        look(&mut live, 1, vec![server.clone(), tcp(3, "127.0.0.1:40000", "127.0.0.1:80", 30)]);
        let mut rows =
            vec![socket(3, SocketState::TimeWait, "127.0.0.1:40000", Some("127.0.0.1:80"), 30), server];
        if turned {
            rows.reverse();
        }
        look(&mut live, 2, rows);
        let left: Vec<_> = live.view().flows.iter().map(|flow| flow.socket).collect();
        assert_eq!(left, [SocketId(2)]);
    }
}

#[test]
fn time_wait_is_an_end() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)]);
    let waiting = socket(1, SocketState::TimeWait, "10.0.0.5:50000", Some("192.0.2.7:443"), 7);
    assert_eq!(words(&look(&mut live, 2, vec![waiting])), ["close #1 10.0.0.5:50000>192.0.2.7:443"]);
}

fn ended(live: &mut LiveState, second: i64, row: SocketRow) -> Changes {
    let at = Timestamp::from_millis(second * 1000);
    let row = SocketRow { state: SocketState::Closed, ..row };
    live.apply(Observation { at, sighting: Sighting::Socket(row) }, &Nowhere)
}

#[test]
fn a_connection_that_no_table_held_is_opened_and_closed_at_its_end() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![socket(9, SocketState::Listen, "0.0.0.0:22", None, 2)]);
    assert_eq!(ended(&mut live, 2, tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)).items, []);
    ended(&mut live, 2, tcp(2, "10.0.0.5:22", "192.0.2.9:51000", 7));
    let changes = look(&mut live, 3, vec![]);
    assert_eq!(
        words(&changes),
        [
            "open #1 10.0.0.5:50000>192.0.2.7:443",
            "open #2 10.0.0.5:22>192.0.2.9:51000",
            "close #1 10.0.0.5:50000>192.0.2.7:443",
            "close #2 10.0.0.5:22>192.0.2.9:51000",
            "unlisten 9",
        ]
    );
    let Change::Closed(inbound) = &changes.items[3] else { panic!("{changes:?}") };
    assert_eq!(
        (inbound.direction, inbound.span.last_seen),
        (Direction::Inbound, Timestamp::from_millis(2000))
    );
    assert_eq!(live.view().flows.len(), 0);
}

#[test]
fn an_unseen_connection_within_this_computer_is_one_flow_too() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![socket(9, SocketState::Listen, "127.0.0.1:80", None, 2)]);
    ended(&mut live, 2, tcp(2, "127.0.0.1:80", "127.0.0.1:40000", 2));
    ended(&mut live, 2, tcp(1, "127.0.0.1:40000", "127.0.0.1:80", 7));
    let changes = look(&mut live, 3, vec![socket(9, SocketState::Listen, "127.0.0.1:80", None, 2)]);
    assert_eq!(
        words(&changes),
        ["open #1 127.0.0.1:40000>127.0.0.1:80", "close #1 127.0.0.1:40000>127.0.0.1:80"]
    );
}

#[test]
fn the_end_of_a_known_socket_brings_its_last_counters() {
    let mut live = LiveState::default();
    let mut row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    look(&mut live, 1, vec![row.clone()]);
    row.counters.bytes_sent = Some(99);
    row.owner = Attribution::Unknown { reason: crate::UnknownOwner::Exited, app: None };
    assert_eq!(ended(&mut live, 2, row).items, []);
    let changes = look(&mut live, 3, vec![]);
    let [Change::Closed(flow)] = &changes.items[..] else { panic!("{changes:?}") };
    assert_eq!(
        (flow.counters.bytes_sent, flow.attribution.process().map(|it| it.key.pid)),
        (Some(99), Some(7))
    );
}

fn tell(live: &mut LiveState, millis: i64, sighting: Sighting) -> Changes {
    live.apply(Observation { at: Timestamp::from_millis(millis), sighting }, &Nowhere)
}

fn unknown() -> Attribution {
    Attribution::Unknown { reason: UnknownOwner::Exited, app: None }
}

fn flows_of(changes: &Changes) -> Vec<&Flow> {
    let mut closed = Vec::new();
    for change in &changes.items {
        if let Change::Closed(flow) = change {
            closed.push(&**flow);
        }
    }
    closed
}

/// A live state that was told that its source tells of ends.
fn told_of_ends() -> LiveState {
    let mut live = LiveState::default();
    let layer = crate::Layer {
        name: crate::LayerName::SocketEnds,
        active: true,
        reason: "".into(),
        adds: "".into(),
        command: None,
    };
    tell(&mut live, 0, Sighting::Coverage(crate::Coverage { lines: Vec::new(), layers: vec![layer] }));
    live
}

#[test]
fn a_socket_that_is_absent_before_its_end_is_told_ends_with_its_last_bytes() {
    let mut live = told_of_ends();
    let mut row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    look(&mut live, 1, vec![row.clone()]);
    assert_eq!(look(&mut live, 2, vec![]).items, []);
    row.counters.bytes_sent = Some(99);
    let closed = SocketRow { state: SocketState::Closed, owner: unknown(), ..row };
    assert_eq!(tell(&mut live, 2100, Sighting::Socket(closed.clone())).items, []);
    let changes = look(&mut live, 3, vec![]);
    let [Change::Closed(flow)] = &changes.items[..] else { panic!("{changes:?}") };
    assert_eq!((flow.counters.bytes_sent, flow.span.last_seen), (Some(99), Timestamp::from_millis(2100)));
    assert!(flow.attribution.process().is_some());
    assert_eq!(tell(&mut live, 3100, Sighting::Socket(closed)).items, []);
    assert_eq!(look(&mut live, 4, vec![]).items, []);
}

#[test]
fn an_absence_that_nobody_tells_of_ends_with_the_next_table() {
    let mut live = told_of_ends();
    look(&mut live, 1, vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)]);
    look(&mut live, 2, vec![]);
    let changes = look(&mut live, 3, vec![]);
    let [Change::Closed(flow)] = &changes.items[..] else { panic!("{changes:?}") };
    assert_eq!(flow.span.last_seen, Timestamp::from_millis(1000));
}

#[test]
fn a_socket_that_one_table_missed_goes_on_and_its_end_is_news() {
    let mut live = told_of_ends();
    let row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    look(&mut live, 1, vec![row.clone()]);
    look(&mut live, 2, vec![]);
    assert_eq!(look(&mut live, 3, vec![row.clone()]).items, []);
    ended(&mut live, 4, row);
    let changes = look(&mut live, 5, vec![]);
    assert_eq!(words(&changes), ["close #1 10.0.0.5:50000>192.0.2.7:443"]);
}

#[test]
fn a_known_socket_that_lingers_before_its_end_is_told_gets_its_last_bytes() {
    let mut live = told_of_ends();
    let mut row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    look(&mut live, 1, vec![row.clone()]);
    let lingering = SocketRow { state: SocketState::TimeWait, owner: unknown(), ..row.clone() };
    assert_eq!(look(&mut live, 2, vec![lingering.clone()]).items, []);
    row.counters.bytes_sent = Some(99);
    ended(&mut live, 2, SocketRow { owner: unknown(), ..row });
    let changes = look(&mut live, 3, vec![lingering.clone()]);
    let [Change::Closed(flow)] = &changes.items[..] else { panic!("{changes:?}") };
    assert_eq!((flow.counters.bytes_sent, flow.state), (Some(99), SocketState::TimeWait));
    assert_eq!(look(&mut live, 4, vec![lingering]).items, []);
}

#[test]
fn an_end_told_twice_is_one_end_and_knows_what_both_said() {
    let row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    let by_kernel = SocketRow { evidence: Evidence::Event, state: SocketState::Closed, ..row.clone() };
    let by_message =
        SocketRow { evidence: Evidence::End, state: SocketState::Closed, owner: unknown(), ..row.clone() };
    for told in [[&by_kernel, &by_message], [&by_message, &by_kernel]] {
        let mut live = LiveState::default();
        look(&mut live, 1, vec![]);
        for row in told {
            tell(&mut live, 1500, Sighting::Socket(row.clone()));
        }
        let changes = look(&mut live, 2, vec![]);
        let [flow] = flows_of(&changes)[..] else { panic!("{changes:?}") };
        assert_eq!(flow.attribution.process().map(|process| process.key.pid), Some(7));
        assert_eq!(flow.evidence, Evidences::from(Evidence::Event).with(Evidence::End));
        tell(&mut live, 2500, Sighting::Socket(by_message.clone()));
        assert_eq!(look(&mut live, 3, vec![]).items, [], "a third word of it is no news");
    }
}

#[test]
fn a_bare_end_and_one_with_its_row_are_one_end_in_any_order() {
    let row = socket(1, SocketState::Datagram, "10.0.0.5:40000", Some("192.0.2.1:443"), 7);
    let counters = Counters { bytes_sent: Some(9), ..Counters::default() };
    let bare = Sighting::Closed { socket: SocketId(1), counters };
    let whole = Sighting::Socket(SocketRow {
        state: SocketState::Closed,
        owner: unknown(),
        evidence: Evidence::End,
        ..row.clone()
    });
    for told in [[bare.clone(), whole.clone()], [whole, bare]] {
        let mut live = LiveState::default();
        look(&mut live, 1, vec![row.clone()]);
        let mut changes: Vec<Changes> =
            told.into_iter().map(|sighting| tell(&mut live, 1500, sighting)).collect();
        changes.push(look(&mut live, 2, vec![]));
        let ended: Vec<&Flow> = changes.iter().flat_map(flows_of).collect();
        assert_eq!((ended.len(), ended[0].counters.bytes_sent, live.last_flow), (1, Some(9), 1));
    }
}

#[test]
fn a_beginning_told_after_the_end_adds_the_owner_and_no_flow() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![]);
    let row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    ended(&mut live, 1, SocketRow { owner: unknown(), ..row.clone() });
    tell(&mut live, 1600, Sighting::Socket(SocketRow { evidence: Evidence::Event, ..row }));
    let changes = look(&mut live, 2, vec![]);
    assert_eq!(changes.items.len(), 2);
    assert_eq!(flows_of(&changes)[0].attribution.app().unwrap().name.as_ref(), "app7");
    assert_eq!(live.view().flows.len(), 0);
}

#[test]
fn a_socket_that_connects_again_is_another_flow_with_an_end_of_its_own() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![]);
    let first = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    let second = tcp(1, "10.0.0.5:50002", "192.0.2.7:443", 7);
    ended(&mut live, 1, first);
    tell(&mut live, 1200, Sighting::Socket(second.clone()));
    ended(&mut live, 2, second);
    look(&mut live, 3, vec![]);
    assert_eq!((live.last_flow, live.view().flows.len()), (2, 0));
}

#[test]
fn a_socket_listed_after_its_end_connects_again() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![]);
    ended(&mut live, 1, tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7));
    let again = tcp(1, "10.0.0.5:50002", "192.0.2.7:443", 7);
    look(&mut live, 2, vec![again.clone()]);
    ended(&mut live, 2, again);
    assert_eq!(flows_of(&look(&mut live, 3, vec![])).len(), 1);
}

#[test]
fn an_end_is_concluded_when_no_table_comes() {
    let mut live = LiveState::default();
    look(&mut live, 1, vec![]);
    ended(&mut live, 2, tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7));
    let other = socket(2, SocketState::Listen, "10.0.0.5:1", None, 7);
    let changes = tell(&mut live, 3000, Sighting::Socket(other));
    assert_eq!(flows_of(&changes)[0].span.last_seen, Timestamp::from_millis(2000));
}

#[test]
fn a_told_end_that_lingers_is_shown_as_time_wait_and_told_once() {
    let mut live = LiveState::default();
    let row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    look(&mut live, 1, vec![row.clone()]);
    ended(&mut live, 2, row.clone());
    let waiting = SocketRow { state: SocketState::TimeWait, owner: unknown(), ..row };
    let changes = look(&mut live, 3, vec![waiting.clone()]);
    let [flow] = flows_of(&changes)[..] else { panic!("{changes:?}") };
    assert_eq!((flow.state, flow.span.last_seen), (SocketState::TimeWait, Timestamp::from_millis(2000)));
    for second in 4..60 {
        assert_eq!(look(&mut live, second, vec![waiting.clone()]).items, []);
    }
}

#[test]
fn a_reset_without_counters_keeps_those_that_were_seen() {
    let mut live = LiveState::default();
    let mut row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    row.counters.bytes_sent = Some(5000);
    look(&mut live, 1, vec![row.clone()]);
    row.counters.bytes_sent = Some(0);
    row.remote = None;
    ended(&mut live, 2, row);
    let changes = look(&mut live, 3, vec![]);
    assert_eq!(flows_of(&changes)[0].counters.bytes_sent, Some(5000));
}

#[test]
fn the_owner_that_the_kernel_named_is_not_lost_to_a_list_that_cannot_tell() {
    let mut live = LiveState::default();
    let mut row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    let Attribution::Owned { process, .. } = row.owner.clone() else { panic!("owned") };
    row.owner = Attribution::Owned { process, quality: MatchQuality::Event };
    tell(&mut live, 500, Sighting::Socket(SocketRow { evidence: Evidence::Event, ..row.clone() }));
    for owner in [Attribution::Unknown { reason: UnknownOwner::NotPermitted, app: None }, owner(7)] {
        assert_eq!(look(&mut live, 1, vec![SocketRow { owner, ..row.clone() }]).items, []);
    }
    assert_eq!(live.view().flows[0].attribution.word(), "event");
}

#[test]
fn the_same_ends_in_two_networks_are_not_one_connection() {
    let mut live = LiveState::default();
    let connector = tcp(1, "127.0.0.1:40000", "127.0.0.1:80", 7);
    let acceptor =
        SocketRow { namespace: crate::Namespace(77), ..tcp(2, "127.0.0.1:80", "127.0.0.1:40000", 8) };
    look(&mut live, 1, vec![connector, acceptor]);
    assert_eq!(live.view().flows.len(), 2);
}

fn datagram(socket_id: u64, remote: &str) -> Sighting {
    let row = socket(socket_id, SocketState::Datagram, "0.0.0.0:40000", Some(remote), 7);
    Sighting::Destination(SocketRow { evidence: Evidence::Event, ..row })
}

#[test]
fn each_destination_of_an_unconnected_socket_is_a_flow_until_the_socket_ends() {
    let mut live = LiveState::default();
    let bound = socket(1, SocketState::Datagram, "0.0.0.0:40000", None, 7);
    look(&mut live, 1, vec![bound.clone()]);
    tell(&mut live, 1100, datagram(1, "192.0.2.1:123"));
    tell(&mut live, 1200, datagram(1, "192.0.2.2:123"));
    assert_eq!(tell(&mut live, 1300, datagram(1, "192.0.2.1:123")).items, []);
    look(&mut live, 2, vec![bound]);
    assert_eq!(live.view().flows.len(), 2);
    assert_eq!(flows_of(&look(&mut live, 3, vec![])).len(), 2);
}

#[test]
fn a_destination_ends_after_a_minute_of_silence_or_with_its_one_datagram() {
    let mut live = LiveState::default();
    let bound = socket(1, SocketState::Datagram, "0.0.0.0:40000", None, 7);
    look(&mut live, 0, vec![bound.clone()]);
    tell(&mut live, 1000, datagram(1, "192.0.2.1:123"));
    tell(&mut live, 30_000, datagram(1, "192.0.2.1:123"));
    assert_eq!(look(&mut live, 80, vec![bound.clone()]).items, []);
    let changes = look(&mut live, 90, vec![bound.clone()]);
    assert_eq!(flows_of(&changes)[0].span.last_seen, Timestamp::from_millis(30_000));
    // A socket that is gone before the next list: its end is told.
    tell(&mut live, 90_100, datagram(2, "192.0.2.1:123"));
    let gone = socket(2, SocketState::Datagram, "0.0.0.0:40000", None, 7);
    assert_eq!(flows_of(&ended(&mut live, 91, gone)).len(), 1);
}

#[test]
fn a_low_port_that_answers_a_high_one_serves() {
    assert_eq!(direction_of_datagrams(53, 51_000), Direction::Inbound);
    assert_eq!(direction_of_datagrams(40_000, 51_000), Direction::Outbound);
    assert_eq!(direction_of_datagrams(123, 123), Direction::Outbound);
}

fn answer(name: &str, asked_by: Option<u32>, ttl: u64) -> Sighting {
    let asked_by = asked_by.and_then(|pid| owner(pid).process().cloned());
    Sighting::Named(NameHeard {
        name: name.into(),
        aliases: vec![],
        source: NameSource::Dns,
        leads_to: LeadsTo::Addresses {
            addresses: vec!["192.0.2.7".parse().unwrap()],
            asked_by,
            time_to_live: Duration::from_secs(ttl),
        },
    })
}

fn name_of_the_flow(live: &LiveState) -> (String, NameSource) {
    let flow = Arc::clone(&live.view().flows[0]);
    let name = flow.name.as_ref().unwrap();
    (name.candidates.join(" "), name.source)
}

#[test]
fn the_best_source_names_a_flow() {
    let mut live = LiveState::default();
    tell(&mut live, 0, answer("other.example", None, 60));
    tell(&mut live, 100, answer("someone.example", Some(8), 60));
    let rows = vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)];
    look(&mut live, 1, rows.clone());
    assert_eq!(name_of_the_flow(&live), ("someone.example other.example".to_owned(), NameSource::Dns));
    tell(&mut live, 1500, answer("site.example", Some(7), 60));
    look(&mut live, 2, rows.clone());
    assert_eq!(name_of_the_flow(&live), ("site.example".to_owned(), NameSource::DnsOfApp));
    let from = "10.0.0.5:50000".parse::<std::net::SocketAddr>().unwrap().into();
    let to = "192.0.2.7:443".parse::<std::net::SocketAddr>().unwrap().into();
    let hello = NameHeard {
        name: "exact.example".into(),
        aliases: vec![],
        source: NameSource::TlsServerName,
        leads_to: LeadsTo::Connection { from, to },
    };
    tell(&mut live, 2500, Sighting::Named(hello));
    look(&mut live, 3, rows);
    assert_eq!(name_of_the_flow(&live), ("exact.example".to_owned(), NameSource::TlsServerName));
}

#[test]
fn a_name_that_is_taken_back_names_nothing() {
    let mut live = LiveState::default();
    tell(&mut live, 0, answer("old.example", None, 60));
    tell(&mut live, 100, answer("new.example", None, 60));
    tell(&mut live, 200, answer("old.example", None, 0));
    look(&mut live, 1, vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)]);
    assert_eq!(name_of_the_flow(&live), ("new.example".to_owned(), NameSource::Dns));
}

#[test]
fn an_answer_after_the_connection_did_not_lead_there() {
    let mut live = LiveState::default();
    let rows = vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)];
    look(&mut live, 1, rows.clone());
    tell(&mut live, 60_000, answer("late.example", Some(7), 60));
    look(&mut live, 61, rows);
    assert_eq!(live.view().flows[0].name, None);
}

#[test]
fn a_fresh_answer_is_better_than_one_that_has_run_out() {
    let mut live = LiveState::default();
    tell(&mut live, 0, answer("old.example", Some(7), 30));
    tell(&mut live, 100_000, answer("new.example", Some(7), 30));
    look(&mut live, 101, vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)]);
    assert_eq!(name_of_the_flow(&live).0, "new.example");
    look(&mut live, 200, vec![tcp(2, "10.0.0.5:50002", "192.0.2.7:443", 7)]);
    assert_eq!(name_of_the_flow(&live).0, "new.example old.example", "apps keep answers for long");
    look(&mut live, 8000, vec![tcp(3, "10.0.0.5:50004", "192.0.2.7:443", 7)]);
    assert_eq!(live.view().flows[0].name, None);
}

#[test]
fn a_neighbour_is_a_guess_and_no_owner() {
    let mut live = LiveState::default();
    let known = vec![tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7)];
    look(&mut live, 1, known.clone());
    let gone =
        |id, port| SocketRow { owner: unknown(), ..tcp(id, &format!("10.0.0.5:{port}"), "192.0.2.7:443", 0) };
    ended(&mut live, 2, gone(2, 50_004));
    ended(&mut live, 2, gone(3, 60_000));
    let changes = look(&mut live, 3, known);
    let flows = flows_of(&changes);
    assert_eq!(flows[0].possibly.as_ref().map(|app| &*app.name), Some("app7"));
    assert_eq!((flows[0].attribution.process(), flows[1].possibly.as_ref()), (None, None));
}

#[test]
fn rates_are_the_differences_over_time_and_fall_to_nothing() {
    let mut live = LiveState::default();
    let row = |sent| {
        let mut row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
        row.counters.bytes_sent = Some(sent);
        vec![row]
    };
    let rate = |live: &LiveState| live.view().flows[0].rates.sent;
    look(&mut live, 1, row(1000));
    assert_eq!(rate(&live), None);
    look(&mut live, 3, row(5000));
    assert_eq!(rate(&live), Some(2000));
    assert_eq!(words(&look(&mut live, 4, row(5000))), ["count #1"]);
    assert_eq!(rate(&live), Some(0));
    assert_eq!(look(&mut live, 5, row(5000)).items, []);
}

#[test]
fn counters_and_owners_are_told_apart() {
    let mut live = LiveState::default();
    let mut row = tcp(1, "10.0.0.5:50000", "192.0.2.7:443", 7);
    look(&mut live, 1, vec![row.clone()]);
    row.counters.bytes_sent = Some(5);
    assert_eq!(words(&look(&mut live, 2, vec![row.clone()])), ["count #1"]);
    row.owner = owner(8);
    assert_eq!(words(&look(&mut live, 3, vec![row])), ["update #1 10.0.0.5:50000>192.0.2.7:443"]);
    assert_eq!(live.view().flows[0].counters.bytes_sent, Some(5));
}

#[test]
fn a_flow_with_this_program_at_either_end_is_its_own() {
    let mut live = LiveState::default();
    let page = tcp(2, "127.0.0.1:8050", "127.0.0.1:40000", 99);
    let browser = tcp(3, "127.0.0.1:40000", "127.0.0.1:8050", 30);
    look(&mut live, 1, vec![socket(1, SocketState::Listen, "127.0.0.1:8050", None, 99), page, browser]);
    assert!(live.view().flows[0].is_own());
}

/// Opened minus closed is what is open, and the changes replayed give the same view, whatever the tables.
#[test]
fn changes_replayed_give_the_view() {
    let mut live = LiveState::default();
    let mut open = BTreeMap::new();
    let mut listeners = BTreeSet::new();
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for second in 0..400 {
        let mut rows = Vec::new();
        for id in 1..24_u64 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let port = 40000 + id / 2;
            match seed % 5 {
                0 => rows.push(tcp(id, "10.0.0.5:50000", &format!("192.0.2.7:{port}"), 7)),
                1 if id % 2 == 0 => rows.push(tcp(id, "127.0.0.1:80", &format!("127.0.0.1:{port}"), 7)),
                1 => rows.push(tcp(id, &format!("127.0.0.1:{port}"), "127.0.0.1:80", 8)),
                2 => rows.push(socket(id, SocketState::Listen, &format!("0.0.0.0:{port}"), None, 9)),
                3 => rows.push(socket(id, SocketState::Datagram, &format!("10.0.0.5:{port}"), None, 9)),
                _ => {}
            }
        }
        let listening: BTreeSet<_> =
            rows.iter().filter(|row| row.remote.is_none()).map(|row| row.id).collect();
        let connected: BTreeMap<_, _> =
            rows.iter().filter_map(|row| Some((row.id, (row.local, row.remote?)))).collect();
        for change in look(&mut live, second, rows).items {
            match change {
                Change::Opened(flow) => assert!(open.insert(flow.id, flow).is_none()),
                Change::Updated(flow) => assert!(open.insert(flow.id, flow).is_some()),
                Change::Closed(flow) => assert!(open.remove(&flow.id).is_some()),
                Change::ListenerOpened(listener) => {
                    listeners.insert(listener.id);
                }
                Change::ListenerClosed(id) => assert!(listeners.remove(&id)),
                Change::Counted(..) | Change::Lost(_) => {}
            }
        }
        let view = live.view();
        assert_eq!(open.values().cloned().collect::<Vec<_>>(), view.flows);
        assert_eq!(listeners, listening);
        assert_eq!(listeners, view.listeners.iter().map(|listener| listener.id).collect());
        let mut shown = BTreeSet::new();
        for flow in &view.flows {
            assert_eq!(connected.get(&flow.socket), Some(&(flow.local, flow.remote)));
            assert!(shown.insert(flow.socket), "one flow a socket");
        }
        shown.extend(view.flows.iter().filter_map(|flow| Some(flow.peer.as_ref()?.socket)));
        assert!(connected.keys().all(|id| shown.contains(id)), "every connected socket is shown");
    }
}

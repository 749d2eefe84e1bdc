//! Whom is asked about, and a helper of the test's own that answers.

use super::{Helper, layer, questions::Questions};
use std::{net::IpAddr, process::Command, sync::Arc, time::Duration};
use tapmap_core::{
    AddressScope, Attribution, Change, Changes, Counters, Enricher, Evidence, Flow, Name, NameSource,
    Namespace, Observation, Protocol, RemoteInfo, Service, Sighting, SocketId, SocketRow, SocketState,
    SocketTable, Timestamp, UnknownOwner,
};
use tapmap_engine::{Identity, Live, Mode};

/// Knows the scope of addresses alone.
struct Nothing;

impl Enricher for Nothing {
    fn remote(&self, address: IpAddr) -> Arc<RemoteInfo> {
        Arc::new(RemoteInfo::bare(AddressScope::of(address)))
    }

    fn service(&self, _: Protocol, _: u16) -> Service {
        Service::default()
    }
}

fn row(remote: &str) -> SocketRow {
    let end = |text: &str| text.parse::<std::net::SocketAddr>().unwrap().into();
    SocketRow {
        id: SocketId(1),
        protocol: Protocol::Tcp,
        local: end("10.0.0.5:50000"),
        remote: Some(end(remote)),
        state: SocketState::Established,
        owner: Attribution::Unknown { reason: UnknownOwner::Exited, app: None },
        counters: Counters::default(),
        namespace: Namespace::OWN,
        evidence: Evidence::List,
    }
}

fn live() -> Live {
    let identity = Identity {
        mode: Mode::Live,
        epoch: "e".to_owned(),
        host_name: "test".to_owned(),
        started_at: Timestamp::default(),
        interval: Duration::from_secs(1),
    };
    let live = Live::new(identity, Arc::new(Nothing));
    live.set_name_reader(Box::new(tapmap_names::Reader::new()));
    live
}

/// A look at the sockets with one connection.
fn look(live: &Live, second: i64, remote: &str, sent: u64) {
    let mut row = row(remote);
    row.counters.bytes_sent = Some(sent);
    let at = Timestamp::from_millis(second * 1000);
    live.apply(Observation { at, sighting: Sighting::Table(SocketTable { sockets: vec![row] }) });
}

fn flow(remote: &str) -> Flow {
    let live = live();
    look(&live, 0, remote, 0);
    Flow::clone(&live.view().flows[0])
}

/// What is asked for at a second, after these changes.
fn due(questions: &mut Questions, second: i64, items: Vec<Change>) -> Vec<String> {
    questions.note(&Changes { seq: 1, at: Timestamp::from_millis(second * 1000), items });
    questions.due().iter().map(ToString::to_string).collect()
}

fn opened(remote: &str) -> Vec<Change> {
    vec![Change::Opened(Arc::new(flow(remote)))]
}

#[test]
fn an_address_is_asked_for_after_a_while_and_once_a_day() {
    let mut questions = Questions::default();
    assert!(due(&mut questions, 10, opened("1.2.3.4:443")).is_empty());
    assert!(due(&mut questions, 14, opened("1.2.3.4:80")).is_empty());
    assert_eq!(due(&mut questions, 15, vec![]), ["1.2.3.4"]);
    assert!(due(&mut questions, 5000, opened("1.2.3.4:443")).is_empty());
    assert!(due(&mut questions, 6000, vec![]).is_empty());
    assert!(due(&mut questions, 86_415, vec![]).is_empty());
    assert!(due(&mut questions, 86_416, opened("1.2.3.4:443")).is_empty());
    assert_eq!(due(&mut questions, 86_421, vec![]), ["1.2.3.4"]);
}

#[test]
fn a_name_from_elsewhere_saves_the_question() {
    let mut questions = Questions::default();
    assert!(due(&mut questions, 10, opened("1.2.3.4:443")).is_empty());
    let name = Name {
        candidates: vec!["www.example.org".into()],
        source: NameSource::Dns,
        heard_at: Timestamp::default(),
        aliases: vec![],
    };
    let named = Flow { name: Some(Arc::new(name)), ..flow("1.2.3.4:443") };
    assert!(due(&mut questions, 11, vec![Change::Updated(Arc::new(named))]).is_empty());
    assert!(due(&mut questions, 100, vec![]).is_empty());
}

#[test]
fn only_public_addresses_are_asked_for() {
    let mut questions = Questions::default();
    for remote in ["192.168.1.1:53", "127.0.0.1:80", "[fe80::1]:80", "100.64.0.1:80", "192.0.2.1:80"] {
        assert!(due(&mut questions, 10, opened(remote)).is_empty());
    }
    assert!(due(&mut questions, 100, vec![]).is_empty());
}

#[test]
fn only_so_many_wait() {
    let mut questions = Questions::default();
    for index in 0..3000_u32 {
        let remote = format!("1.2.{}.{}:443", index / 256, index % 256);
        questions.note_flow(&flow(&remote), Timestamp::from_millis(1));
    }
    assert_eq!(due(&mut questions, 100, vec![]).len(), 1024);
}

#[test]
fn answers_name_the_flows() {
    let live = live();
    let mut echo = Command::new("sh");
    echo.args(["-c", "while read address; do echo \"$address Host-4.Example.NET.\"; done"]);
    Helper::of(&mut echo).unwrap().begin(live.clone()).unwrap();
    let (_, mut changes) = live.subscribe();
    // The helper's thread may begin after the first look: what is open then is asked for as well.
    let mut second = 0;
    let name = loop {
        second += 10;
        look(&live, second, "1.2.3.4:443", u64::try_from(second).unwrap());
        let named = |change: &Change| match change {
            Change::Opened(flow) | Change::Updated(flow) => flow.name.clone(),
            _ => None,
        };
        let changes = changes.blocking_recv().unwrap();
        if let Some(name) = changes.items.iter().find_map(named) {
            break name;
        }
    };
    assert_eq!(name.candidates, [Arc::from("host-4.example.net")]);
    assert_eq!(name.source, NameSource::ReverseDns);
}

#[test]
fn it_is_off_and_says_what_turns_it_on() {
    assert!(!layer(false).active);
    assert_eq!(layer(false).command.as_deref(), Some("tapmap run --reverse-dns"));
    assert!(layer(true).active);
}

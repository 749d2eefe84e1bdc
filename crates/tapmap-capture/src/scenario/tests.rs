//! Scenario files are read as they are written, and comparing tells what differs.

use std::time::Duration;

use tapmap_core::{
    AppEvidence, Attribution, Evidence, KernelCount, LeadsTo, NameSource, Namespace, Sighting, SocketRow,
    SocketState,
};

use super::Scenario;

fn scenario(body: &str) -> Result<Scenario, String> {
    Scenario::parse(&format!("title = \"t\"\n{body}\n[expect]\nchanges = []\n"))
        .map_err(|error| error.to_string())
}

fn tables(scenario: &Scenario) -> Vec<Vec<SocketRow>> {
    let table = |observation: tapmap_core::Observation| match observation.sighting {
        Sighting::Table(table) => Some(table.sockets),
        _ => None,
    };
    scenario.observations().into_iter().filter_map(table).collect()
}

#[test]
fn a_socket_keeps_its_identity_while_its_ends_are_there() {
    let row = "tcp 10.0.0.5:50000 > 192.0.2.7:443";
    let scenario = scenario(&format!(
        "[[at]]\ntime = \"09:00:00\"\nsee = [\"{row} ?pending\"]\n\
         [[at]]\ntime = \"09:00:01\"\nsee = [\"{row} close_wait curl sent=7\"]\n\
         [[at]]\ntime = \"09:00:02\"\nsee = [\"{row} curl tag=2\"]\n\
         [[at]]\ntime = \"09:00:03\"\nsee = []\n\
         [[at]]\ntime = \"09:00:04\"\nsee = [\"{row} curl tag=2\"]"
    ))
    .unwrap();
    let ids: Vec<Vec<u64>> =
        tables(&scenario).iter().map(|table| table.iter().map(|row| row.id.0).collect()).collect();
    assert_eq!(ids, [vec![1], vec![1], vec![2], vec![], vec![3]]);
    assert_eq!(scenario.header().interval, Duration::from_secs(1));
}

#[test]
fn rows_say_what_they_hold() {
    let scenario = scenario(
        "[[at]]\ntime = \"09:00:00.250\"\nsee = [\
         \"tcp [::ffff:10.0.0.5]:50000 > [2001:db8::7]:443 fin_wait_2 a|b sent=1 received=2 rtt_ms=18.5\",\
         \"listen udp 0.0.0.0:53 tapmap/7!\", \"udp 10.0.0.5:1 > 192.0.2.7:2 ?exited=nginx\",\
         \"tcp 10.0.0.5:2 > 192.0.2.7:2 container:db\"]",
    )
    .unwrap();
    let table = tables(&scenario).remove(0);
    assert_eq!(table[0].local.to_string(), "10.0.0.5:50000");
    assert_eq!(table[0].state, SocketState::FinWait2);
    assert_eq!(table[0].counters.bytes_received, Some(2));
    assert_eq!(table[0].counters.round_trip, Some(Duration::from_micros(18_500)));
    assert_eq!(table[0].owner.word(), "ambiguous");
    assert_eq!((table[1].remote, table[1].state), (None, SocketState::Datagram));
    assert!(table[1].owner.is_own());
    assert_eq!(table[1].owner.process().unwrap().key.pid, 7);
    assert!(matches!(&table[2].owner, Attribution::Unknown { app: Some(app), .. } if &*app.name == "nginx"));
    let app = table[3].owner.app().unwrap();
    assert_eq!((&*app.name, app.evidence), ("db", AppEvidence::Container));
}

#[test]
fn mistakes_are_named() {
    let check = |see: &str, expected: &str| {
        let body = format!("[[at]]\ntime = \"09:00:00\"\nsee = [{see}]");
        assert_eq!(
            scenario(&body).unwrap_err(),
            format!("failed to read the scenario \"t\": at 09:00:00: {expected}")
        );
    };
    check("\"tcp 10.0.0.5:1 > 192.0.2.7:2\"", "\"tcp 10.0.0.5:1 > 192.0.2.7:2\" must name one owner");
    check("\"sctp 10.0.0.5:1 > 192.0.2.7:2 a\"", "the word \"sctp\" is not known here");
    check(
        "\"tcp 10.0.0.5 > 192.0.2.7:2 a\"",
        "\"tcp 10.0.0.5 > 192.0.2.7:2 a\" is not a row like \"tcp 10.0.0.5:50000 > 192.0.2.7:443 firefox\"",
    );
    check(
        "\"listen tcp 0.0.0.0:1 a\", \"listen tcp 0.0.0.0:1 b\"",
        "\"listen tcp 0.0.0.0:1 a\" is there twice: give one a tag=2",
    );
    check(
        "\"listen tcp 0.0.0.0:1 a size=2\"",
        "\"size=2\" is not understood in \"listen tcp 0.0.0.0:1 a size=2\"",
    );
    assert!(
        scenario("[[at]]\ntime = \"09:00:00\"\nnamed = [\"dns www.example.org\"]")
            .unwrap_err()
            .ends_with("is not a name like \"dns www.example.org to=192.0.2.7\"")
    );
    assert!(scenario("[[at]]\ntime = \"9 o'clock\"").unwrap_err().ends_with("is not a time like 09:00:00"));
    assert!(
        scenario("[[at]]\ntime = \"09:00:00\"\nclosed = [\"listen tcp 0.0.0.0:1\"]")
            .unwrap_err()
            .ends_with("is not open")
    );
}

#[test]
fn comparing_is_by_beginnings_and_complete() {
    let mut scenario = scenario("").unwrap();
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    scenario.expect = lines(&["09:00:00 open", "09:00:00 open #2 inbound"]);
    let two =
        lines(&["09:00:00 open #2 inbound tcp", "09:00:00 open #1 outbound tcp", "09:00:01 count #1 1 1"]);
    assert_eq!(scenario.compare(&two), Ok(()));
    assert_eq!(
        scenario.compare(&lines(&["09:00:00 open #22 inbound", "09:00:00 close #1"])),
        Err("t\nmissing:      09:00:00 open #2 inbound\nnot expected: 09:00:00 close #1".to_owned())
    );
    scenario.expect.push("09:00:01 count #1 2".to_owned());
    assert!(scenario.compare(&two).unwrap_err().contains("not expected: 09:00:01 count #1 1 1"));
}

#[test]
fn names_say_what_they_lead_to() {
    let scenario = scenario(
        "[[at]]\ntime = \"09:00:00\"\nsee = [\"tcp 10.0.0.5:50000 > 192.0.2.7:443 firefox\"]\n\
         named = [\"dns www.example.org via=a.example.net,b.example.net to=192.0.2.7,2001:db8::7 for=firefox ttl=60\",\
         \"tls_server_name www.example.org 10.0.0.5:50000 > 192.0.2.7:443\"]",
    )
    .unwrap();
    let observations = scenario.observations();
    let names: Vec<_> = observations
        .iter()
        .filter_map(|observation| match &observation.sighting {
            Sighting::Named(name) => Some(name),
            _ => None,
        })
        .collect();
    let Sighting::Table(table) = &observations[0].sighting else { panic!("the table comes first") };
    assert_eq!(names[0].aliases, ["a.example.net".into(), "b.example.net".into()]);
    let LeadsTo::Addresses { addresses, asked_by, time_to_live } = &names[0].leads_to else { panic!() };
    assert_eq!((addresses.len(), *time_to_live), (2, Duration::from_mins(1)));
    assert_eq!(asked_by.as_ref(), table.sockets[0].owner.process());
    let LeadsTo::Connection { from, to } = &names[1].leads_to else { panic!() };
    assert_eq!((Some(*from), Some(*to)), (Some(table.sockets[0].local), table.sockets[0].remote));
    assert_eq!(names[1].source, NameSource::TlsServerName);
}

#[test]
fn ends_and_destinations_are_of_their_sockets() {
    let scenario = scenario(
        "[[at]]\ntime = \"09:00:00\"\n\
         see = [\"listen udp 0.0.0.0:40000 ntpd\", \"tcp 10.0.0.5:1 > 192.0.2.7:2 a network=3\"]\n\
         kernel = [5, 6, 7]\n\
         [[at]]\ntime = \"09:00:01\"\n\
         sends = [\"udp 0.0.0.0:40000 > 192.0.2.7:123 !ntpd evidence=event\"]\n\
         ended = [\"tcp 10.0.0.5:1 > 192.0.2.7:2 a network=3 sent=4\", \"tcp 10.0.0.5:9 > 192.0.2.7:2 ?exited\"]",
    )
    .unwrap();
    let observations = scenario.observations();
    let Sighting::Table(table) = &observations[0].sighting else { panic!("the table comes first") };
    let rows: Vec<_> = observations
        .iter()
        .filter_map(|observation| match &observation.sighting {
            Sighting::Destination(row) | Sighting::Socket(row) => Some(row),
            _ => None,
        })
        .collect();
    assert_eq!((rows[0].id, rows[0].evidence), (table.sockets[0].id, Evidence::Event));
    assert_eq!(rows[0].owner.word(), "event");
    assert_eq!((rows[1].id, rows[1].state), (table.sockets[1].id, SocketState::Closed));
    assert_eq!((rows[1].namespace, rows[1].counters.bytes_sent), (Namespace(3), Some(4)));
    assert_eq!((rows[2].id.0, rows[2].evidence), (3, Evidence::End));
    let kernel = KernelCount { active_opens: 5, passive_opens: 6, established: 7 };
    assert!(observations.iter().any(|observation| observation.sighting == Sighting::Kernel(kernel)));
}

//! The parsers that meet bytes from elsewhere, each as a plain function over bytes, with good inputs
//! to start from. Whatever comes in, a parser answers or refuses; it never panics.

mod history;
mod names;

use mmdb_writer::{Value, Writer};
use std::{collections::BTreeMap, net::IpAddr};
use tapmap_capture::{
    frames::{self, FrameWriter},
    parse::{counters, inet_diag, kernel, netlink, packet_diag, proc_connector, proc_net, process},
    recording::{self, RecordingReader},
    scenario::Scenario,
};
use tapmap_core::{Country, Protocol, Timestamp};
use tapmap_enrich::{
    cloud::CloudPack,
    pack::{
        AsnPack, PlacePack,
        write::{self, CloudLabel, CloudPlaceRecord, Description, PlaceRecord, PlaceValue, Tables},
    },
    try_database,
};

/// A parser and what is known to be good for it.
pub(crate) struct Target {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// Reads an input, as far as it goes.
    pub(crate) read: fn(&[u8]),
    /// Inputs that are read to their end.
    pub(crate) good: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "filter", read: history::read_filter, good: history::good_filters },
    Target { name: "reference", read: history::read_files, good: history::good_files },
    Target { name: "netlink", read: read_netlink, good: good_netlink },
    Target { name: "births", read: read_births, good: good_births },
    Target { name: "tables", read: read_tables, good: good_tables },
    Target { name: "proc", read: read_proc, good: good_proc },
    Target { name: "frames", read: |input| drop(frames::check(input)), good: good_frames },
    Target { name: "kernel-programs", read: read_kernel_programs, good: good_kernel_programs },
    Target { name: "recording", read: |input| drop(recording::check(input)), good: good_recordings },
    Target { name: "scenario", read: read_scenario, good: good_scenarios },
    Target { name: "places", read: read_places, good: || vec![places()] },
    Target { name: "networks", read: read_networks, good: || vec![networks()] },
    Target { name: "clouds", read: read_clouds, good: || vec![clouds()] },
    Target { name: "dns", read: names::read_dns, good: names::good_dns },
    Target { name: "tls", read: names::read_tls, good: names::good_tls },
    Target { name: "quic", read: names::read_quic, good: names::good_quic },
    Target { name: "packets", read: names::read_packets, good: names::good_packets },
    Target { name: "hosts", read: names::read_hosts, good: names::good_hosts },
    Target { name: "resolved", read: names::read_resolved, good: names::good_resolved },
    Target { name: "database", read: read_database, good: || vec![database()] },
];

fn read_netlink(input: &[u8]) {
    for message in netlink::messages(input) {
        if let netlink::Content::Record(body) = message.content {
            let _socket = inet_diag::socket(Protocol::Tcp, body);
            let _lost = packet_diag::drops(body, 0);
        }
    }
}

fn good_netlink() -> Vec<Vec<u8>> {
    let tcp: &[u8] = include_bytes!("../../fixtures/tables/linux/tcp.bin");
    let udp: &[u8] = include_bytes!("../../fixtures/tables/linux/udp4.bin");
    vec![tcp.to_vec(), udp.to_vec()]
}

fn read_births(input: &[u8]) {
    let _event = proc_connector::event(input);
}

/// Events as a kernel sends them: a copy made by process 10, which runs another program and ends.
fn good_births() -> Vec<Vec<u8>> {
    use proc_connector::{EXEC, EXIT, FORK, listen};
    let event = |kind: u32, numbers: [u32; 6]| {
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_ne_bytes()).collect();
        let request = listen(None);
        let headers = request.get(4..36).unwrap_or_default();
        let length = 76_u32.to_ne_bytes();
        [&length[..], headers, &kind.to_ne_bytes(), &[0; 12], &numbers].concat()
    };
    vec![
        event(FORK, [10, 10, 20, 20, 0, 0]),
        event(EXEC, [20, 20, 0, 0, 0, 0]),
        event(EXIT, [20, 20, 0, 17, 10, 10]),
    ]
}

fn read_tables(input: &[u8]) {
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        let _sockets = proc_net::sockets(protocol, input).count();
    }
}

/// Lines of `/proc/net/tcp` and of `tcp6`.
fn good_tables() -> Vec<Vec<u8>> {
    let rest = "01 00000000:00000000 00:00000000 00000000 0 0 4712 1 0 20 4 30 10 -1";
    vec![
        format!("sl local rem st\n 0: 0202000A:D431 08080808:01BB {rest}\n").into_bytes(),
        format!("0: {word}{word}{word}{word}:0050 {word}{word}{word}{word}:8000 {rest}\n", word = "0100007F")
            .into_bytes(),
    ]
}

fn read_proc(input: &[u8]) {
    let _answers = (
        process::stat(input),
        process::effective_user(input),
        process::boot_seconds(input),
        process::socket_inode(input),
        counters::tcp(input),
        counters::netlink_drops(input, 4),
        counters::in_use(input, "TCP"),
        counters::time_waits(input),
    );
    let _users = process::users(&String::from_utf8_lossy(input)).count();
}

fn good_proc() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 6] = [
        b"42 (a) b (c) S 7 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 777 19 0\n",
        b"Name:\tx\nUid:\t1000\t1001\t1000\t1000\n",
        b"cpu 1 2\nintr 5\nbtime 1700000000\n",
        b"Tcp: RtoAlgorithm ActiveOpens PassiveOpens CurrEstab X\nTcp: 1 23 45 6 -1\n",
        b"sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode\n0 0 0 0 0 0 0 2 17 4 \n",
        b"root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n",
    ];
    texts.map(<[u8]>::to_vec).to_vec()
}

fn read_kernel_programs(input: &[u8]) {
    let _one = (kernel::event(input), kernel::packet(input));
    let _many = (kernel::held_sockets(input).count(), kernel::processes(input).count());
}

fn good_kernel_programs() -> Vec<Vec<u8>> {
    let told: [&[u8]; 4] = [
        include_bytes!("../../fixtures/tables/linux/kernel-events.bin"),
        include_bytes!("../../fixtures/tables/linux/kernel-answer.bin"),
        include_bytes!("../../fixtures/tables/linux/kernel-held-sockets.bin"),
        include_bytes!("../../fixtures/tables/linux/kernel-processes.bin"),
    ];
    told.map(<[u8]>::to_vec).to_vec()
}

fn good_recordings() -> Vec<Vec<u8>> {
    // The whole day is long; its first lines hold every kind of line.
    let day = include_str!("../../fixtures/demo/day.jsonl");
    let lines = |count: usize| day.lines().take(count).flat_map(|line| [line, "\n"]).collect::<String>();
    let mut file = lines(1);
    file.push_str(OTHER_LINES);
    vec![lines(2).into_bytes(), lines(12).into_bytes(), file.into_bytes()]
}

/// One line of each kind that the day lacks.
const OTHER_LINES: &str = r#"{"at":1,"owners":[{"word":"event","process":{"pid":7,"start":1,"name":"x","app":{"name":"x","evidence":"unit"}}}],"destination":[1,"udp","10.0.0.5:1","192.0.2.7:123","datagram",0,null,null,null,3,"event"]}
{"at":2,"socket":[2,"tcp","10.0.0.5:1","192.0.2.7:443","closed",0,1,2,3,0,"end"]}
{"at":3,"closed":[2,1,2,3]}
{"at":4,"heard":{"kind":"packet","bytes":"ZXhhbXBsZQ","owner":0}}
{"at":5,"named":{"name":"a.example","aliases":["b.example"],"source":"dns","answer":{"addresses":["192.0.2.7"],"asked_by":0,"kept_for":60000000}}}
{"at":6,"named":{"name":"a.example","source":"tls_server_name","connection":["10.0.0.5:1","192.0.2.7:443"]}}
{"at":7,"kernel":[1,2,3]}
{"at":8,"coverage":{"lines":[{"sight":"names","seen":true,"reason":"r"}],"layers":[{"name":"socket_list","active":true,"reason":"r","adds":"a"}]}}
{"at":9,"trouble":{"text":"t"}}
{"at":10,"lost":{"from":1,"until":2,"reason":"overrun","lost":3}}
"#;

/// What the recordings hold, in frames.
fn good_frames() -> Vec<Vec<u8>> {
    let framed = |recording: Vec<u8>| {
        let mut output = Vec::new();
        let mut writer = FrameWriter::begin(&mut output).ok()?;
        for observation in RecordingReader::new(&*recording).ok()? {
            writer.write(observation.ok()?, &mut output).ok()?;
        }
        Some(output)
    };
    good_recordings().into_iter().filter_map(framed).collect()
}

fn read_scenario(input: &[u8]) {
    if let Ok(scenario) = Scenario::parse(&String::from_utf8_lossy(input)) {
        let _observations = scenario.observations();
    }
}

fn good_scenarios() -> Vec<Vec<u8>> {
    let files: [&str; 4] = [
        include_str!("../../fixtures/scenarios/loopback-pair.toml"),
        include_str!("../../fixtures/scenarios/counters.toml"),
        include_str!("../../fixtures/scenarios/single-events.toml"),
        include_str!("../../fixtures/scenarios/unknown-owners.toml"),
    ];
    files.map(|file| file.as_bytes().to_vec()).to_vec()
}

/// Addresses that every opened pack is asked for.
fn probes() -> [IpAddr; 6] {
    ["0.0.0.0", "1.2.3.4", "255.255.255.255", "::", "2001:db8::1", "ffff::ffff"]
        .map(|text| text.parse().unwrap_or(IpAddr::from([0, 0, 0, 0])))
}

fn read_places(input: &[u8]) {
    if let Ok(pack) = PlacePack::open(input) {
        let _sound = (pack.is_sound(), pack.info());
        let _known = probes().into_iter().filter_map(|address| pack.look_up(address)).count();
    }
}

fn read_networks(input: &[u8]) {
    if let Ok(pack) = AsnPack::open(input) {
        let _sound = (pack.is_sound(), pack.info(), pack.organisation(64_500));
        let _known = probes().into_iter().filter_map(|address| pack.look_up(address)).count();
    }
}

fn read_clouds(input: &[u8]) {
    if let Ok(pack) = CloudPack::open(input) {
        let _sound = (pack.is_sound(), pack.info(), pack.labels().count());
        let _known = probes().into_iter().filter_map(|address| pack.look_up(address)).count();
    }
}

fn read_database(input: &[u8]) {
    drop(try_database(input.to_vec(), Timestamp::from_millis(1_800_000_000_000)));
}

/// What the made-up packs say of themselves.
fn description() -> Description<'static> {
    Description { date: 20_260_101, text: "source: made up", digest: |_| [7; 32] }
}

fn tables<Value: Copy>(values: [Value; 2]) -> Tables<Value> {
    let v4 = vec![(0x0102_0300, 0x0102_03ff, values[0]), (0xc000_0000, 0xc000_ffff, values[1])];
    let v6 = vec![(0x2001_0db8_u128 << 96, (0x2001_0db9_u128 << 96) - 1, values[0])];
    Tables { v4, v6 }
}

fn vienna() -> Option<PlaceRecord> {
    let country = Country::new("AT")?;
    Some(PlaceRecord { country, city: "Vienna".to_owned(), latitude: 48.21, longitude: 16.37 })
}

fn places() -> Vec<u8> {
    let values = [PlaceValue { place: 0, precision: 0 }, PlaceValue { place: 1, precision: 3 }];
    let mut records: Vec<PlaceRecord> = vienna().into_iter().collect();
    records.extend(vienna().map(|place| PlaceRecord { city: String::new(), ..place }));
    write::places(description(), &tables(values), &records, &BTreeMap::new()).unwrap_or_default()
}

fn networks() -> Vec<u8> {
    let names = BTreeMap::from([(64_500, "EXAMPLE".to_owned()), (64_501, "OTHER".to_owned())]);
    write::systems(description(), &tables([64_500, 64_501]), &names).unwrap_or_default()
}

fn clouds() -> Vec<u8> {
    let label = |region: &str, place: Option<usize>| CloudLabel {
        provider: "example".to_owned(),
        region: region.to_owned(),
        service: String::new(),
        global: place.is_none(),
        place,
    };
    let places: Vec<CloudPlaceRecord> =
        vienna().map(|place| CloudPlaceRecord { place, accuracy_km: 50 }).into_iter().collect();
    let labels = [label("north", Some(0)), label("", None)];
    write::clouds(description(), &tables([0, 1]), &labels, &places).unwrap_or_default()
}

fn database() -> Vec<u8> {
    let value = Value::map([
        ("country_code", Value::from("AT")),
        ("city", Value::from("Vienna")),
        ("latitude", Value::from(48.21)),
        ("longitude", Value::from(16.37)),
        ("autonomous_system_number", Value::from(64_500_u32)),
    ]);
    let mut writer = Writer::builder("made up").build_epoch(std::time::UNIX_EPOCH).build();
    for network in ["1.2.3.0/24", "2001:db8::/32"] {
        let network = network.parse::<ipnet::IpNet>();
        let inserted = network.map(|network| writer.insert_value(network, value.clone()));
        assert!(matches!(inserted, Ok(Ok(()))), "the made-up networks can be written");
    }
    writer.to_bytes().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_good_inputs_are_good() {
        assert!(PlacePack::open(&places()).is_ok_and(|pack| pack.is_sound()));
        assert!(AsnPack::open(&networks()).is_ok_and(|pack| pack.is_sound()));
        assert!(CloudPack::open(&clouds()).is_ok_and(|pack| pack.is_sound()));
        assert!(try_database(database(), Timestamp::from_millis(1_800_000_000_000)).is_ok());
        let frames = good_frames();
        assert_eq!(frames.len(), 3);
        assert!(frames.iter().all(|good| frames::check(good).is_ok_and(|count| count > 0)));
        assert!(good_recordings().iter().all(|good| recording::check(good).is_ok_and(|count| count > 0)));
        assert!(good_scenarios().iter().all(|good| Scenario::parse(&String::from_utf8_lossy(good)).is_ok()));
    }
}

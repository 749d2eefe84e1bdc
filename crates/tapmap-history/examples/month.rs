//! Writes a made-up month of a desktop: what the page is tried and shown with.
//!
//! `month FILE FROM UNTIL`: the file that is made, and between which moments of the last day, in
//! milliseconds since 1970, its connections lie; those of the 29 days before lie in the same hours. The
//! same moments make the same month.

#![expect(clippy::unwrap_used, reason = "a program for trials stops at the first surprise")]

use std::{net::IpAddr, path::Path, sync::Arc};

use tapmap_core::{
    AddressScope, App, AppEvidence, Asn, Attribution, AutonomousSystem, Away, Batch, Coordinates, Counters,
    Country, Direction, Ending, Endpoint, Evidence, Flow, FlowEntry, FlowId, HistoryStore, MatchQuality,
    Name, NameSource, Namespace, Place, PlaceSource, Precision, Process, ProcessKey, Protocol, Rates,
    RemoteInfo, Service, Session, SocketId, SocketState, Span, Timestamp, WhyAway,
};
use tapmap_history::SqliteStore;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// What an app does: who, where to (operator, country, city), by which name and port; on every how manieth
/// day before the last, how often a day, and how many bytes it receives each time.
struct HabitOf {
    app: &'static str,
    place: [&'static str; 3],
    name: &'static str,
    port: u16,
    every: i64,
    often: i64,
    bytes: u64,
}

const fn habit(
    app: &'static str,
    place: [&'static str; 3],
    name: &'static str,
    port: u16,
    (every, often, bytes): (i64, i64, u64),
) -> HabitOf {
    HabitOf { app, place, name, port, every, often, bytes }
}

/// From every day to only the last one, which the 29 days before know nothing of.
const HABITS: [HabitOf; 14] = [
    habit("Firefox", ["Mozilla", "US", "Ashburn"], "www.mozilla.example", 443, (1, 9, 240_000)),
    habit("Firefox", ["Fastly", "DE", "Frankfurt"], "static.news.example", 443, (1, 14, 1_200_000)),
    habit("Thunderbird", ["Hetzner", "DE", "Falkenstein"], "imap.mail.example", 993, (1, 6, 80_000)),
    habit("systemd-timesyncd", ["Debian", "SE", "Stockholm"], "time.example", 123, (1, 12, 90)),
    habit("Signal", ["Google", "US", "Council Bluffs"], "chat.signal.example", 443, (2, 5, 40_000)),
    habit("Spotify", ["Spotify", "GB", "London"], "audio.music.example", 443, (1, 8, 4_800_000)),
    habit("Steam", ["Valve", "NL", "Amsterdam"], "cache.steam.example", 443, (3, 4, 90_000_000)),
    habit("git", ["GitHub", "US", "Seattle"], "git.example", 22, (4, 3, 900_000)),
    habit("apt", ["Debian", "SE", "Stockholm"], "deb.example", 80, (7, 2, 30_000_000)),
    habit("Zoom", ["Zoom", "US", "San Jose"], "meet.example", 8801, (9, 2, 300_000_000)),
    habit(
        "LibreOffice",
        ["The Document Foundation", "FR", "Paris"],
        "update.office.example",
        443,
        (17, 1, 2_000),
    ),
    habit("Inkscape", ["OVH", "FR", "Roubaix"], "gallery.example", 443, (29, 1, 60_000)),
    habit("rclone", ["Example Storage", "KE", "Nairobi"], "bucket.storage.example", 443, (0, 5, 7_000_000)),
    habit("Firefox", ["Sakura", "JP", "Osaka"], "shop.example", 443, (0, 3, 500_000)),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap();
    let from: i64 = arguments.next().unwrap().parse().unwrap();
    let until: i64 = arguments.next().unwrap().parse().unwrap();
    let length = until - from;
    let first = until - 29 * DAY;
    let mut store = SqliteStore::open(Path::new(&path), at(first - HOUR)).unwrap().store;
    let begin = |store: &mut SqliteStore, started_at| {
        let session = Session {
            started_at: at(started_at),
            zone: "UTC".into(),
            version: "made up".into(),
            data_version: "".into(),
        };
        store.begin(&session).unwrap();
    };
    begin(&mut store, first - HOUR);
    for back in (0..30).rev() {
        let end = until - back * DAY;
        // On two days the recorder ran only in these hours.
        if back == 5 || back == 12 {
            begin(&mut store, end - length);
        }
        let mut flows: Vec<FlowEntry> = HABITS
            .iter()
            .enumerate()
            .filter(|(_, habit)| is_due(habit.every, back))
            .flat_map(|(number, habit)| day_of(number, habit, back, end, length))
            .collect();
        flows.sort_by_key(|entry| entry.flow.span.first_seen);
        // Nobody is there in the third quarter of each day.
        let absence = Away { from: at(end - length / 2), until: at(end - length / 4), why: WhyAway::Locked };
        store.append(&Batch { at: at(end), flows, away: vec![absence], ..Batch::default() }).unwrap();
    }
}

fn is_due(every: i64, back: i64) -> bool {
    if every == 0 { back == 0 } else { back % every == every - 1 || every == 1 }
}

/// The flows of a habit within a time before a moment.
fn day_of(number: usize, habit: &HabitOf, back: i64, end: i64, length: i64) -> Vec<FlowEntry> {
    let &HabitOf { app, place: [operator, country, city], name, port, often, bytes, .. } = habit;
    // One day of the last is five times as busy as is usual.
    let often = if back == 0 && app == "Spotify" { often * 5 } else { often };
    let info = info(operator, country, city, number);
    let process = process(app, number);
    (0..often)
        .map(|turn| {
            let begin = end - length + (turn * 14 + i64::try_from(number).unwrap()) * length / (often * 14);
            let id = (29 - u64::try_from(back).unwrap()) * 10_000
                + u64::try_from(number * 100).unwrap()
                + u64::try_from(turn).unwrap()
                + 1;
            let flow = Flow {
                id: FlowId(id),
                socket: SocketId(id),
                protocol: if port == 123 { Protocol::Udp } else { Protocol::Tcp },
                local: Endpoint::new(
                    IpAddr::from([192, 168, 1, 20]),
                    40_000 + u16::try_from(id % 20_000).unwrap(),
                ),
                remote: Endpoint::new(IpAddr::from([34, 1, u8::try_from(number).unwrap(), 7]), port),
                direction: Direction::Outbound,
                state: SocketState::Established,
                span: Span { first_seen: at(begin), last_seen: at((begin + 40_000 + turn * 1000).min(end)) },
                attribution: Attribution::Owned {
                    process: Arc::clone(&process),
                    quality: MatchQuality::Descriptor,
                },
                possibly: None,
                peer: None,
                info: Arc::clone(&info),
                service: Service::default(),
                counters: Counters {
                    bytes_sent: Some(bytes / 20),
                    bytes_received: Some(bytes),
                    round_trip: None,
                },
                rates: Rates::default(),
                name: Some(Arc::new(Name {
                    candidates: vec![name.into()],
                    source: NameSource::TlsServerName,
                    heard_at: at(begin),
                    aliases: vec![],
                })),
                namespace: Namespace::OWN,
                evidence: Evidence::List.into(),
            };
            FlowEntry { flow: Arc::new(flow), ending: Ending::Seen }
        })
        .collect()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn process(app: &str, number: usize) -> Arc<Process> {
    let pid = 1000 + u32::try_from(number).unwrap();
    Arc::new(Process {
        key: ProcessKey { pid, start: u64::from(pid) },
        name: app.into(),
        executable: Some(format!("/usr/bin/{app}").into()),
        file: None,
        app: App { name: app.into(), evidence: AppEvidence::DesktopEntry },
        user: Some("ann".into()),
        started: None,
        own: false,
    })
}

fn info(operator: &str, country: &str, city: &str, number: usize) -> Arc<RemoteInfo> {
    let place = Place {
        country: Country::new(country),
        city: Some(city.into()),
        coordinates: Coordinates::new(48.0, 16.0),
        accuracy_km: 25,
        precision: Precision::City,
        source: PlaceSource::Embedded,
    };
    let system = AutonomousSystem {
        asn: Asn(64_512 + u32::try_from(number).unwrap()),
        organisation: operator.to_uppercase().into(),
        operator: operator.into(),
    };
    Arc::new(RemoteInfo {
        place: Some(place),
        system: Some(Arc::new(system)),
        ..RemoteInfo::bare(AddressScope::Public)
    })
}

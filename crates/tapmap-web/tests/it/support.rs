//! A recorder with a made-up network around it, and one way to ask the router.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tapmap_core::{
    AddressScope, AnycastRule, App as CoreApp, AppEvidence, Asn, Attribution, AutonomousSystem, Coordinates,
    Counters, Country, Endpoint, Enricher, FileIdentity, MarkChange, Marks, MatchQuality, Observation,
    OwnPlace, OwnPlaceSource, Place, PlaceSource, Precision, Process, ProcessKey, ProgramFile, Protocol,
    RemoteInfo, Role, RoleRule, RoleVerdict, Service, Sighting, SocketId, SocketRow, SocketState,
    SocketTable, Timestamp, UnknownOwner,
};
use tapmap_engine::{History, Identity, Live, Mode};
use tapmap_web::{
    App, Control, MarksRefusal, PreferencesRefusal, Settings, Token,
    wire::{About, Continuation, Continues, Credit, DataSource, NewPreferences, Preferences},
};
use tower::ServiceExt;

use crate::contract;

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const HOST: &str = "127.0.0.1:8050";
pub(crate) const START: i64 = 1_795_608_000_000;

/// What is known of every address: documented ranges stand for public ones here.
struct MadeUp;

impl Enricher for MadeUp {
    fn remote(&self, address: IpAddr) -> Arc<RemoteInfo> {
        if address.is_loopback() {
            return Arc::new(RemoteInfo::bare(AddressScope::Local));
        }
        let system = Some(Arc::new(AutonomousSystem {
            asn: Asn(64_500),
            organisation: "Example Networks Incorporated".into(),
            operator: "Example".into(),
        }));
        if address.to_string() == "192.0.2.1" {
            let anycast = Some(AnycastRule::Prefix("192.0.2.0/30".into()));
            return Arc::new(RemoteInfo {
                scope: AddressScope::Public,
                place: None,
                system,
                anycast,
                role: None,
            });
        }
        Arc::new(RemoteInfo {
            scope: AddressScope::Public,
            place: Some(Place {
                country: Country::new("DE"),
                city: Some("Frankfurt am Main".into()),
                coordinates: Coordinates::new(50.11, 8.68),
                accuracy_km: 20,
                precision: Precision::City,
                source: PlaceSource::Embedded,
            }),
            system,
            anycast: None,
            role: Some(RoleVerdict { role: Role::Hosting, rule: RoleRule::Asn(Asn(64_500)) }),
        })
    }

    fn service(&self, _protocol: Protocol, port: u16) -> Service {
        let known = port == 443;
        Service { name: known.then_some("https"), role: None }
    }
}

/// The program around the routes.
#[derive(Default)]
pub(crate) struct Program {
    pub(crate) keys: AtomicU64,
    pub(crate) chosen: Mutex<Option<Coordinates>>,
    pub(crate) disk_full: bool,
    pub(crate) marks: Mutex<Marks>,
    pub(crate) preferences: Mutex<Preferences>,
}

impl Control for Program {
    fn data(&self) -> Vec<DataSource> {
        vec![DataSource {
            name: "Cities".to_owned(),
            kind: "place".to_owned(),
            source: "inside the program".to_owned(),
            version: "2026-11".to_owned(),
            build_date: Some("2026-11-01".to_owned()),
            active: true,
            problem: None,
        }]
    }

    fn recheck_data(&self) -> Vec<DataSource> {
        self.data()
    }

    fn choose_own_place(&self, place: Option<Coordinates>) -> Result<Option<OwnPlace>, String> {
        if self.disk_full {
            return Err("The disk is full.".to_owned());
        }
        *self.chosen.lock().unwrap() = place;
        Ok(place.map(own_place))
    }

    fn marks(&self) -> (Marks, Option<String>) {
        (self.marks.lock().unwrap().clone(), None)
    }

    fn change_marks(&self, change: MarkChange) -> Result<Marks, MarksRefusal> {
        if self.disk_full {
            return Err(MarksRefusal::NotKept("The disk is full.".to_owned()));
        }
        let mut marks = self.marks.lock().unwrap();
        marks.change(change, Timestamp::from_millis(START)).map_err(MarksRefusal::NotMarked)?;
        Ok(marks.clone())
    }

    fn preferences(&self) -> Preferences {
        self.preferences.lock().unwrap().clone()
    }

    fn change_preferences(&self, new: NewPreferences) -> Result<Preferences, PreferencesRefusal> {
        if self.disk_full {
            return Err(PreferencesRefusal::NotKept("The disk is full.".to_owned()));
        }
        let mut preferences = self.preferences.lock().unwrap();
        *preferences = new.over(preferences.clone()).map_err(PreferencesRefusal::NotUnderstood)?;
        Ok(preferences.clone())
    }

    fn program_file(&self, path: &str) -> Option<ProgramFile> {
        let identity = FileIdentity { inode: 1, size: 1, modified: Timestamp::from_millis(START) };
        Some(ProgramFile { path: path.into(), identity })
    }

    fn continues(&self) -> Option<Continues> {
        Some(Continues {
            after_log_out: Continuation::No,
            reason: "It ends with the last session of ada.".to_owned(),
            command: Some("loginctl enable-linger ada".to_owned()),
        })
    }

    fn new_one_time_key(&self) -> String {
        format!("{:032x}", self.keys.fetch_add(1, Ordering::Relaxed))
    }
}

pub(crate) fn own_place(coordinates: Coordinates) -> OwnPlace {
    OwnPlace { coordinates, accuracy_km: 0, label: None, country: None, source: OwnPlaceSource::Chosen }
}

/// A recorder, and the web part over it.
pub(crate) struct Fixture {
    pub(crate) live: Live,
    pub(crate) app: App,
    pub(crate) router: Router,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(HOST.parse().unwrap(), Program::default(), None)
    }

    pub(crate) fn bound_to(bind: &str) -> Self {
        Self::with(bind.parse().unwrap(), Program::default(), None)
    }

    pub(crate) fn with(bind: SocketAddr, program: Program, ui_dir: Option<std::path::PathBuf>) -> Self {
        Self::made(bind, program, ui_dir, |_| None)
    }

    /// One that remembers.
    pub(crate) fn remembering(history: impl FnOnce(&Live) -> History) -> Self {
        Self::made(HOST.parse().unwrap(), Program::default(), None, |live| Some(history(live)))
    }

    fn made(
        bind: SocketAddr,
        program: Program,
        ui_dir: Option<std::path::PathBuf>,
        history: impl FnOnce(&Live) -> Option<History>,
    ) -> Self {
        let identity = Identity {
            mode: Mode::Live,
            epoch: "5eed".to_owned(),
            host_name: "Testing".to_owned(),
            started_at: Timestamp::from_millis(START),
            interval: Duration::from_secs(1),
        };
        let live = Live::new(identity, Arc::new(MadeUp));
        let app = App::new(Settings {
            live: live.clone(),
            control: Arc::new(program),
            token: Token::new(TOKEN).unwrap(),
            bind,
            service_name: |_, port| (port == 443).then_some("https"),
            country_name: |country| (country.code() == "DE").then_some("Germany"),
            about: about(),
            learning_days: 7,
            site: |name| Some(name.rsplit_once("www.").map_or(name, |(_, site)| site)),
            ui_dir,
        });
        if let Some(history) = history(&live) {
            app.remember(history);
        }
        let router = app.router();
        Self { live, app, router }
    }

    /// The recorder sees these sockets, `second` seconds after its start.
    pub(crate) fn see(&self, second: i64, sockets: Vec<SocketRow>) {
        self.tell(second, Sighting::Table(SocketTable { sockets }));
    }

    /// The recorder sees something, `second` seconds after its start.
    pub(crate) fn tell(&self, second: i64, sighting: Sighting) {
        let at = Timestamp::from_millis(START + second * 1000);
        self.live.apply(Observation { at, sighting });
    }

    /// Sends a request as a page of this server would, held against the contract.
    pub(crate) async fn ask(&self, method: &str, target: &str) -> Answer {
        self.send(request(method, target)).await
    }

    pub(crate) async fn get(&self, target: &str) -> Value {
        let answer = self.ask("GET", target).await;
        assert_eq!(answer.status, StatusCode::OK, "{target}");
        answer.json()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let media_type = parts.headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap());
        if path.starts_with("/api/") && method != "HEAD" {
            contract::check(&method, &path, parts.status.as_u16(), media_type, &body);
        }
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

fn about() -> About {
    About {
        version: "0.1.0".to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        credits: vec![Credit {
            name: "Natural Earth".to_owned(),
            text: "Made with Natural Earth.".to_owned(),
            url: "https://www.naturalearthdata.com".to_owned(),
            licence: "CC0-1.0".to_owned(),
        }],
        independent: "An independent implementation.".to_owned(),
    }
}

/// A request as a page of this server sends it, without a body.
pub(crate) fn request(method: &str, target: &str) -> Request<Body> {
    builder(method, target).body(Body::empty()).unwrap()
}

pub(crate) fn builder(method: &str, target: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(target).header(header::HOST, HOST)
}

/// A request that changes something, with the token.
pub(crate) fn change(method: &str, target: &str, body: &str) -> Request<Body> {
    builder(method, target)
        .header("X-TapMap-Token", TOKEN)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of a problem document, after checking that the status agrees.
    pub(crate) fn code(&self) -> String {
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        problem["code"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn process(pid: u32, name: &str, own: bool) -> Attribution {
    Attribution::Owned {
        process: Arc::new(Process {
            key: ProcessKey { pid, start: 1 },
            name: name.into(),
            executable: Some(format!("/usr/bin/{name}").into()),
            file: None,
            app: CoreApp { name: name.into(), evidence: AppEvidence::FileName },
            user: Some("anna".into()),
            started: None,
            own,
        }),
        quality: MatchQuality::Descriptor,
    }
}

pub(crate) fn nobody() -> Attribution {
    Attribution::Unknown { reason: UnknownOwner::NotPermitted, app: None }
}

pub(crate) fn endpoint(text: &str) -> Endpoint {
    text.parse::<SocketAddr>().unwrap().into()
}

/// A connected TCP socket.
pub(crate) fn tcp(id: u64, local: &str, remote: &str, owner: Attribution) -> SocketRow {
    SocketRow {
        id: SocketId(id),
        protocol: Protocol::Tcp,
        local: endpoint(local),
        remote: Some(endpoint(remote)),
        state: SocketState::Established,
        owner,
        counters: Counters {
            bytes_sent: Some(100),
            bytes_received: Some(2_000),
            round_trip: Some(Duration::from_micros(12_345)),
        },
        namespace: tapmap_core::Namespace::OWN,
        evidence: tapmap_core::Evidence::List,
    }
}

/// A listening TCP socket.
pub(crate) fn listening(id: u64, local: &str, owner: Attribution) -> SocketRow {
    SocketRow {
        remote: None,
        state: SocketState::Listen,
        counters: Counters::default(),
        ..tcp(id, local, "192.0.2.9:1", owner)
    }
}

/// One of everything: a browser, an unknown owner to an anycast address, this program's own, a port.
pub(crate) fn lively() -> Vec<SocketRow> {
    vec![
        tcp(1, "192.168.1.20:50000", "203.0.113.7:443", process(4321, "firefox", false)),
        tcp(2, "192.168.1.20:50001", "192.0.2.1:853", nobody()),
        tcp(3, "192.168.1.20:50002", "203.0.113.8:443", process(99, "tapmap", true)),
        listening(4, "0.0.0.0:22", process(800, "sshd", false)),
    ]
}

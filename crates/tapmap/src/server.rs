//! The running program: listener, recorder and page together, from the first announcement to the
//! last. Every part is made elsewhere; here is when each begins and ends.

use crate::{
    browser,
    config::{Set, Settings},
    confine,
    control::Program,
    credits,
    exit::{Failure, FailureKind},
    history, host,
    instance::{Claim, Instance, random_hex},
    location, logging, render,
    reverse::{self, Helper},
    service::{self, presence::Watched, recorder::RecorderProcess},
    source::Source,
    told::Told,
};
use anyhow::Context;
use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    path::Path,
    process,
    sync::Arc,
    thread,
    time::Duration,
};
use tapmap_engine::{Clock, Identity, Live, Mode, Recorder, Stop, SystemClock};
use tapmap_web::{App, Token};

/// How many ports are tried, the wanted one among them.
const PORTS: u16 = 20;
/// How often is looked whether the recorder's process has ended, and how long is waited each time.
const PATIENCE: (u32, Duration) = (100, Duration::from_millis(10));

/// What is to be served.
#[derive(Debug)]
pub(crate) struct Offer<'a> {
    /// How.
    pub(crate) settings: &'a Settings,
    /// The data folder.
    pub(crate) folder: &'a Path,
    /// The right to be its instance.
    pub(crate) claim: &'a Claim,
    /// The secret for whatever changes something.
    pub(crate) token: String,
    /// What is observed.
    pub(crate) source: Source,
}

/// Records and serves until told to stop.
///
/// # Errors
/// When the address cannot be used, or the server breaks off.
pub(crate) fn serve(offer: Offer<'_>) -> anyhow::Result<()> {
    let Offer { settings, folder, claim, token, source } = offer;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = listen(settings.bind.value, &settings.port)?;
    let bind = listener.local_addr()?;
    // Signals are listened to before anybody can know that there is something to end.
    let stop_requested = runtime.block_on(async { service::stop_requested() })?;

    let locator = Arc::new(location::locator()?);
    let identity = identity(&source);
    let epoch = identity.epoch.clone();
    let live = Live::new(identity, Arc::clone(&locator) as Arc<dyn tapmap_core::Enricher>);
    live.set_name_reader(Box::new(tapmap_names::Reader::new()));
    let program = Arc::new(Program::new(live.clone(), Arc::clone(&locator), folder, settings));
    let secret = Token::new(&token).context("the token of the data folder cannot be used")?;
    let app = App::new(tapmap_web::Settings {
        live: live.clone(),
        control: Arc::clone(&program) as Arc<dyn tapmap_web::Control>,
        token: secret,
        bind,
        country_name: tapmap_enrich::country_name,
        service_name: tapmap_enrich::service_name,
        about: credits::about(),
        site: tapmap_names::site,
        learning_days: settings.learning_days.value.0,
        ui_dir: settings.ui_dir.as_ref().map(|set| set.value.clone()),
    });

    let instance = Instance {
        port: bind.port(),
        bind: bind.ip(),
        token,
        boot: host::boot(),
        pid: process::id(),
        epoch,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let announced = claim.announce(&instance)?;
    let process = start_recorder(&source, settings)?;
    let helper = reverse_names(settings, source.mode())?;
    let presence = (source.mode() == Mode::Live).then(Watched::start);
    greet(&instance, &app, settings)?;
    // Everything is open and no thread runs yet: what is given up now is given up by all of them.
    let mut layers = confine::server(settings, folder, source.mode());
    layers.extend((source.mode() == Mode::Live).then(|| reverse::layer(helper.is_some())));
    layers.extend(presence.as_ref().map(Watched::layer));
    live.set_confinement(layers.clone());
    let presence_pid = presence.as_ref().and_then(Watched::pid);
    let historian = history::start(&live, &locator, settings, folder);
    if let Some(historian) = &historian {
        app.remember(historian.history());
        if let Some(presence) = presence {
            presence.begin(historian.history(), live.clone(), layers).context("no thread can be started")?;
        }
    }
    let stop = Stop::default();
    let pids = [
        Some(process::id()),
        process.as_ref().map(RecorderProcess::pid),
        helper.as_ref().map(Helper::pid),
        presence_pid,
    ];
    let recorder = record(source, process.as_ref(), pids.into_iter().flatten().collect(), &live, &stop)?;
    if let Some(helper) = helper {
        helper.begin(live.clone()).context("no thread can be started")?;
    }
    look_around(program)?;

    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tapmap_web::serve(listener, app, stop_requested).await
    });
    drop(announced);
    stop.stop();
    if let Some(process) = process {
        end(process);
    }
    recorder.join();
    if let Some(historian) = historian {
        historian.join();
    }
    served.context("the server broke off")
}

/// Starts the process that observes, unless all is to be in one or nothing of this computer is observed.
///
/// # Errors
/// When the system refuses.
fn start_recorder(source: &Source, settings: &Settings) -> Result<Option<RecorderProcess>, Failure> {
    if !settings.sandbox.value || source.mode() != Mode::Live {
        return Ok(None);
    }
    let started = service::recorder::start(source.interval(), logging::verbosity());
    started.map(Some).map_err(|error| {
        Failure::from_io(&error, FailureKind::Unexpected, "the recorder's process cannot be started")
            .hint("`tapmap run --sandbox off` does without it")
    })
}

/// Ends the process that observes, and waits a moment until it has.
fn end(mut process: RecorderProcess) {
    process.close();
    let clock = SystemClock::default();
    let (times, pause) = PATIENCE;
    let ended = (0..times).any(|_| process.has_ended() || !clock.wait(pause));
    if !ended {
        tracing::warn!("the recorder's process takes its time to end");
    }
}

/// What identifies this run.
fn identity(source: &Source) -> Identity {
    Identity {
        mode: source.mode(),
        epoch: random_hex::<8>(),
        host_name: source.host_name(),
        started_at: SystemClock::default().now(),
        interval: source.interval(),
    }
}

/// Takes observations in on a thread of its own: from the process that makes them, else by making them.
/// `own` are the processes of this program.
fn record(
    source: Source,
    recorder: Option<&RecorderProcess>,
    own: Vec<u32>,
    live: &Live,
    stop: &Stop,
) -> anyhow::Result<Recorder> {
    let stop = stop.clone();
    let started = if let Some(recorder) = recorder {
        let input = recorder.reader()?;
        Recorder::start(live.clone(), move || Told::new(input, own, SystemClock::new(stop)))
    } else {
        Recorder::start(live.clone(), move || source.observations(&stop))
    };
    started.context("the recorder cannot be started")
}

/// Starts the helper that asks for reverse names, where that is wished for. Of what a recording holds
/// nobody is asked.
fn reverse_names(settings: &Settings, mode: Mode) -> anyhow::Result<Option<Helper>> {
    let wanted = settings.reverse_dns.value && mode == Mode::Live;
    let started = wanted.then(Helper::start).transpose();
    started.context("the helper that asks for reverse names cannot be started")
}

/// Reads the user's own data files and works out the own place, while the server already answers.
fn look_around(program: Arc<Program>) -> anyhow::Result<()> {
    let look = move || program.look_around();
    thread::Builder::new().name("data".to_owned()).spawn(look).context("no thread can be started")?;
    Ok(())
}

/// Says where the page is, and opens it where there is a screen.
fn greet(instance: &Instance, app: &App, settings: &Settings) -> anyhow::Result<()> {
    let wanted = settings.port.value;
    if wanted != 0 && wanted != instance.port {
        render::remark(&format!(
            "port {wanted} is in use by another program; this is port {}",
            instance.port
        ));
    }
    render::print(&format!("{}\n", instance.url()))?;
    let link = format!("http://{}{}", instance.reachable(), app.open_path());
    if app.is_beyond_loopback() {
        render::remark(&format!(
            "other computers may reach {}; every request needs the token, which this link gives once: {link}",
            instance.bind
        ));
    }
    let opened = settings.open_browser.value && browser::has_screen() && browser::open(&link);
    if !opened && !app.is_beyond_loopback() {
        render::remark(&format!(
            "to change things in the page, open it by this link, which works once: {link}"
        ));
    }
    Ok(())
}

/// Listens on the wanted port, or on the next one that is free.
///
/// # Errors
/// When the address cannot be used at all, or every port that was tried is taken.
fn listen(bind: IpAddr, port: &Set<u16>) -> Result<TcpListener, Failure> {
    let mut taken = None;
    let last = if port.value == 0 { 0 } else { port.value.saturating_add(PORTS - 1) };
    for port in port.value..=last {
        match TcpListener::bind(SocketAddr::new(bind, port)) {
            Ok(listener) => {
                let refused = |error: io::Error| unusable(bind, port, &error);
                listener.set_nonblocking(true).map_err(refused)?;
                return Ok(listener);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => taken = Some(error),
            Err(error) => return Err(unusable(bind, port, &error)),
        }
    }
    let message = format!("ports {} to {last} of {bind} are all in use", port.value);
    let failure = Failure::new(FailureKind::InUse, message).hint("choose another with --port");
    Err(match taken {
        Some(error) => failure.because(error),
        None => failure,
    })
}

fn unusable(bind: IpAddr, port: u16, error: &io::Error) -> Failure {
    let address = SocketAddr::new(bind, port);
    let failure =
        Failure::from_io(error, FailureKind::InUse, format!("the address {address} cannot be used"));
    match error.kind() {
        io::ErrorKind::PermissionDenied => failure.hint("choose a port from 1024 with --port"),
        _ => failure.hint("choose an address of this computer with --bind, or leave it out"),
    }
}

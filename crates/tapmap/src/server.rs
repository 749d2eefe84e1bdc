//! The running program: listener, recorder and page together, from the first announcement to the
//! last. Every part is made elsewhere; here is when each begins and ends.

use crate::{
    browser,
    config::{Set, Settings},
    control::Program,
    credits,
    exit::{Failure, FailureKind},
    host,
    instance::{Claim, Instance, random_hex},
    location, render, service,
    source::Source,
};
use anyhow::Context;
use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    path::Path,
    process,
    sync::Arc,
    thread,
};
use tapmap_engine::{Clock, Identity, Live, Recorder, Stop, SystemClock};
use tapmap_web::{App, Token};

/// How many ports are tried, the wanted one among them.
const PORTS: u16 = 20;

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
    let program = Arc::new(Program::new(live.clone(), locator, folder, settings));
    let secret = Token::new(&token).context("the token of the data folder cannot be used")?;
    let app = App::new(tapmap_web::Settings {
        live: live.clone(),
        control: Arc::clone(&program) as Arc<dyn tapmap_web::Control>,
        token: secret,
        bind,
        about: credits::about(),
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
    let stop = Stop::default();
    let recorder = record(source, &live, &stop)?;
    look_around(program)?;
    greet(&instance, &app, settings)?;

    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tapmap_web::serve(listener, app, stop_requested).await
    });
    drop(announced);
    stop.stop();
    recorder.join();
    served.context("the server broke off")
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

/// Starts the recorder on its own thread.
fn record(source: Source, live: &Live, stop: &Stop) -> anyhow::Result<Recorder> {
    let stop = stop.clone();
    let observations = move || source.observations(&stop);
    Recorder::start(live.clone(), observations).context("the recorder cannot be started")
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

//! Whether anybody is at the computer, as systemd-logind says over the system bus
//! (`org.freedesktop.login1`, see org.freedesktop.login1(5)). It is asked at the start, and after each of its
//! messages.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt, future::poll_fn, io, pin::Pin, time::Duration};

use tapmap_core::{Presence, Timestamp, WhyAway};
use tokio::{
    runtime::{Builder as RuntimeBuilder, Runtime},
    time::timeout,
};
use zbus::{
    Connection, MatchRule, MessageStream, OwnedObjectPath, OwnedVariant, connection::Builder,
    export::futures_core::Stream, message::Type,
};

const SERVICE: &str = "org.freedesktop.login1";
const MANAGER: &str = "/org/freedesktop/login1";
/// How long an answer may take, and all of the beginning.
const PATIENCE: Duration = Duration::from_secs(2);

/// Listens to logind. Everything that it needs is open once it is made.
pub(crate) struct PresenceWatch {
    runtime: Runtime,
    connection: Connection,
    signals: MessageStream,
    first: Presence,
}

impl PresenceWatch {
    /// Connects to the system bus and asks for the first time.
    ///
    /// # Errors
    /// With a sentence that says why nothing is told.
    pub(crate) fn open() -> Result<Self, String> {
        let runtime = runtime().map_err(|error| format!("The system refused: {error}."))?;
        let bus = async {
            Builder::system().method_timeout(PATIENCE).build().await.map_err(|error| no_bus(&error))
        };
        let opened = async { listen(bus.await?).await.map_err(|error| no_answer(&error)) };
        // A bus that is stuck does not keep the start waiting.
        let opened = runtime.block_on(async { timeout(PATIENCE, opened).await });
        let (connection, signals, first) =
            opened.map_err(|_| "The system bus does not answer in time.".to_owned())??;
        Ok(Self { runtime, connection, signals, first })
    }

    /// Tells who is there now and after each change, as long as `tell` says to go on; answers why it ended.
    pub(crate) fn follow(mut self, mut tell: impl FnMut(Presence) -> bool) -> String {
        let mut last = self.first;
        let mut goes_on = tell(last);
        while goes_on {
            let message =
                self.runtime.block_on(poll_fn(|context| Pin::new(&mut self.signals).poll_next(context)));
            let Some(Ok(_)) = message else { return "The system bus has gone.".to_owned() };
            // One that is being replaced answers again after its next message; until then nothing is known.
            let now = self.runtime.block_on(ask(&self.connection)).unwrap_or(Presence::There);
            if now != last {
                last = now;
                goes_on = tell(now);
            }
        }
        "It was told to end.".to_owned()
    }
}

impl fmt::Debug for PresenceWatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PresenceWatch").field("first", &self.first).finish_non_exhaustive()
    }
}

/// Asks for the first time, and is told of changes from then on.
async fn listen(connection: Connection) -> zbus::Result<(Connection, MessageStream, Presence)> {
    // Whoever else sends such messages has it asked once more, and no more.
    let rule = MatchRule::builder().msg_type(Type::Signal).path_namespace(MANAGER).build()?;
    let signals = MessageStream::for_match_rule(rule, &connection, None).await?;
    let first = ask(&connection).await?;
    Ok((connection, signals, first))
}

fn no_answer(error: &zbus::Error) -> String {
    format!("The system's log-in service (systemd-logind) does not answer: {error}.")
}

fn no_bus(error: &zbus::Error) -> String {
    let missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    match error {
        zbus::Error::InputOutput(cause) | zbus::Error::Connection(cause, _) if missing(cause) => {
            "There is no system bus here, by which the system would tell.".to_owned()
        }
        _ => format!("The system bus does not answer: {error}."),
    }
}

fn runtime() -> io::Result<Runtime> {
    RuntimeBuilder::new_current_thread().enable_all().build()
}

/// A session as logind lists it: its id, the user's number and name, its seat, its path.
type Listed = (String, u32, String, String, OwnedObjectPath);

async fn ask(connection: &Connection) -> zbus::Result<Presence> {
    let interface = Some("org.freedesktop.login1.Manager");
    let listed = connection.call_method(Some(SERVICE), MANAGER, interface, "ListSessions", &()).await?;
    let listed: Vec<Listed> = listed.body().deserialize()?;
    let mut sessions = Vec::new();
    for (.., path) in listed {
        let interface = Some("org.freedesktop.DBus.Properties");
        let of = "org.freedesktop.login1.Session";
        let properties = connection.call_method(Some(SERVICE), &path, interface, "GetAll", &of).await;
        // One that has ended meanwhile has none.
        if let Ok(properties) = properties {
            sessions.push(Session::of(&properties.body().deserialize()?));
        }
    }
    Ok(presence(&sessions))
}

/// A session, and whether somebody is at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Session {
    sort: Sort,
    presence: Presence,
}

/// What a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// A log-in screen, a service, or one over the network.
    Foreign,
    /// Somebody's own, on a terminal.
    Terminal,
    /// Somebody's own, on a screen.
    Screen,
}

impl Session {
    fn of(properties: &HashMap<String, OwnedVariant>) -> Self {
        let text = |name: &str| properties.get(name).and_then(|value| value.downcast_ref::<&str>().ok());
        let is = |name: &str| {
            properties.get(name).is_some_and(|value| matches!(value.downcast_ref::<bool>(), Ok(true)))
        };
        let is_own = text("Class").is_some_and(|class| class.starts_with("user")) && !is("Remote");
        let has_screen = text("Type").is_some_and(|kind| ["x11", "wayland", "mir"].contains(&kind));
        let sort = match (is_own, has_screen) {
            (false, _) => Sort::Foreign,
            (true, false) => Sort::Terminal,
            (true, true) => Sort::Screen,
        };
        let presence = match (is("Active") && !is("LockedHint"), is("IdleHint")) {
            // Another session has the screen, or it is locked.
            (false, _) => Presence::Away { since: None, why: WhyAway::Locked },
            (true, true) => Presence::Away { since: idle_since(properties), why: WhyAway::Idle },
            (true, false) => Presence::There,
        };
        Self { sort, presence }
    }
}

/// Microseconds since 1970; 0 when it is not known.
fn idle_since(properties: &HashMap<String, OwnedVariant>) -> Option<Timestamp> {
    let micros = properties.get("IdleSinceHint")?.downcast_ref::<u64>().ok()?;
    (micros > 0).then_some(Timestamp::from_millis(i64::try_from(micros / 1000).ok()?))
}

/// Who is there, from all sessions: those with a screen of their own count, where there are any.
fn presence(sessions: &[Session]) -> Presence {
    let of =
        |sort| sessions.iter().filter(move |session| session.sort == sort).map(|session| session.presence);
    let mut counted: Vec<Presence> = of(Sort::Screen).collect();
    if counted.is_empty() {
        counted.extend(of(Sort::Terminal));
    }
    let weight = |presence: &Presence| match presence {
        Presence::There => (2, None),
        Presence::Away { since, why: WhyAway::Idle } => (1, *since),
        Presence::Away { why: WhyAway::Locked, .. } => (0, None),
    };
    counted.into_iter().max_by_key(weight).unwrap_or(Presence::There)
}

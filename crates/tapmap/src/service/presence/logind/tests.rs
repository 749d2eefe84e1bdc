//! What logind says, told by one of our own at the other end of a socket pair.

use std::{
    os::unix::net::UnixStream,
    sync::{Arc, Mutex},
    thread,
};

use super::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

const THERE: Presence = Presence::There;
const LOCKED: Presence = Presence::Away { since: None, why: WhyAway::Locked };

fn idle(since: i64) -> Presence {
    Presence::Away { since: Some(at(since)), why: WhyAway::Idle }
}

#[test]
fn somebody_is_there_who_has_an_open_screen() {
    use Sort::{Foreign, Screen, Terminal};
    for (sessions, expected) in [
        (vec![], THERE),
        (vec![(Foreign, LOCKED)], THERE),
        (vec![(Screen, THERE)], THERE),
        (vec![(Terminal, THERE)], THERE),
        (vec![(Terminal, idle(5))], idle(5)),
        (vec![(Screen, LOCKED), (Screen, THERE)], THERE),
        (vec![(Screen, LOCKED)], LOCKED),
        (vec![(Screen, LOCKED), (Foreign, THERE)], LOCKED),
        (vec![(Screen, LOCKED), (Terminal, THERE)], LOCKED),
        (vec![(Screen, LOCKED), (Screen, idle(7)), (Screen, idle(9))], idle(9)),
    ] {
        let sessions: Vec<Session> =
            sessions.into_iter().map(|(sort, presence)| Session { sort, presence }).collect();
        assert_eq!(presence(&sessions), expected, "{sessions:?}");
    }
}

/// The manager, with one session.
struct Manager;

#[expect(clippy::unused_self, reason = "the interface of an object")]
#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn list_sessions(&self) -> Vec<(String, u32, String, String, OwnedObjectPath)> {
        let session = |id: &str, path: &str| {
            let path = OwnedObjectPath::try_from(path).unwrap();
            (id.to_owned(), 1000, "ada".to_owned(), "seat0".to_owned(), path)
        };
        vec![
            session("1", "/org/freedesktop/login1/session/_31"),
            session("gone", "/org/freedesktop/login1/session/gone"),
        ]
    }
}

/// A desktop session.
struct Desktop {
    locked: bool,
    idle_since: u64,
}

#[expect(clippy::unused_self, reason = "the interface of an object")]
#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Desktop {
    #[zbus(property)]
    fn class(&self) -> &'static str {
        "user"
    }

    #[zbus(property, name = "Type")]
    fn kind(&self) -> &'static str {
        "wayland"
    }

    #[zbus(property)]
    fn remote(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn active(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.locked
    }

    #[zbus(property)]
    fn idle_hint(&self) -> bool {
        self.idle_since > 0
    }

    #[zbus(property)]
    fn idle_since_hint(&self) -> u64 {
        self.idle_since
    }
}

const SESSION: &str = "/org/freedesktop/login1/session/_31";

#[test]
fn each_change_is_told_and_the_end_of_the_bus_too() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (locks, locked) = std::sync::mpsc::channel::<(bool, u64)>();
    let logind = thread::spawn(move || {
        let runtime = runtime().unwrap();
        runtime.block_on(async {
            let desktop = Desktop { locked: false, idle_since: 0 };
            let guid = zbus::Guid::generate();
            let bus = Builder::unix_stream(theirs).server(guid).p2p().serve_at(MANAGER, Manager);
            let bus = bus.serve_at(SESSION, desktop).build().await.unwrap();
            while let Some((locked, idle_since)) = poll_for(&locked).await {
                let desktop = bus.object_server().interface::<_, Desktop>(SESSION).await.unwrap();
                let mut state = desktop.get_mut().await;
                (state.locked, state.idle_since) = (locked, idle_since);
                state.locked_hint_changed(desktop.signal_emitter()).await.unwrap();
            }
        });
    });
    let runtime = runtime().unwrap();
    let opened = runtime.block_on(async { listen(Builder::unix_stream(ours).p2p().build().await?).await });
    let (connection, signals, first) = opened.unwrap();
    let watch = PresenceWatch { runtime, connection, signals, first };
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let mut steps = vec![(false, 0), (false, 7_000_000), (true, 0)];
    let mut locks = Some(locks);
    let why = watch.follow(move |presence| {
        heard.lock().unwrap().push(presence);
        match steps.pop() {
            Some(step) => locks.as_ref().unwrap().send(step).unwrap(),
            None => locks = None,
        }
        true
    });
    logind.join().unwrap();
    assert_eq!(*told.lock().unwrap(), [THERE, LOCKED, idle(7_000), THERE]);
    assert!(why.starts_with("The system"), "{why}");
}

/// The next step, asked for beside what the connection does.
async fn poll_for(steps: &std::sync::mpsc::Receiver<(bool, u64)>) -> Option<(bool, u64)> {
    loop {
        match steps.try_recv() {
            Ok(step) => return Some(step),
            Err(std::sync::mpsc::TryRecvError::Disconnected) => return None,
            Err(std::sync::mpsc::TryRecvError::Empty) => tokio::task::yield_now().await,
        }
    }
}

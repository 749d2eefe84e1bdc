//! Whether anybody is at the computer: connected to before the server gives up its rights, listened to on a
//! thread of its own, and written into the history.

#[cfg(target_os = "linux")]
mod logind;
#[cfg(not(target_os = "linux"))]
mod silent;

#[cfg(target_os = "linux")]
use self::logind::PresenceWatch;
#[cfg(not(target_os = "linux"))]
use self::silent::PresenceWatch;
use std::{io, thread};
use tapmap_core::{Layer, LayerName, Presence};
use tapmap_engine::{Clock, History, Live, SystemClock};

const ADDS: &str = "What goes on while the screen is locked or nobody touches the computer, in the insights.";

/// What listens, or why nothing does.
#[derive(Debug)]
pub(crate) struct Watched(Result<PresenceWatch, String>);

impl Watched {
    /// Connects to what the system tells it by.
    pub(crate) fn open() -> Self {
        Self(PresenceWatch::open())
    }

    /// What the account says of it.
    pub(crate) fn layer(&self) -> Layer {
        match &self.0 {
            Ok(_) => layer(true, "The system tells when the screen is locked and when nobody is at it."),
            Err(why) => layer(false, why),
        }
    }

    /// Listens, and notes each change in the history. `layers` are what the account says, with this one in it.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn begin(self, history: History, live: Live, layers: Vec<Layer>) -> io::Result<()> {
        let Ok(watch) = self.0 else { return Ok(()) };
        let follow = move || {
            let clock = SystemClock::default();
            let why = watch.follow(|presence| history.note_presence(presence, clock.now()).is_ok());
            // From here on it is not known: whatever was said last no longer holds.
            if history.note_presence(Presence::There, clock.now()).is_ok() {
                tracing::warn!(why, "who is at the computer is no longer known");
                live.set_confinement(replaced(layers, layer(false, &why)));
            }
        };
        thread::Builder::new().name("presence".to_owned()).spawn(follow).map(drop)
    }
}

fn layer(active: bool, reason: &str) -> Layer {
    Layer { name: LayerName::Presence, active, reason: reason.into(), adds: ADDS.into(), command: None }
}

fn replaced(mut layers: Vec<Layer>, layer: Layer) -> Vec<Layer> {
    layers.retain(|known| known.name != layer.name);
    layers.push(layer);
    layers
}

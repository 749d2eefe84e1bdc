//! The layer that listens to systemd-resolved's monitor: what any program on this computer asked it, also
//! where its own questions travel encrypted. It speaks varlink, JSON with a NUL behind each message, over
//! a unix socket; the messages are passed on unread.

use std::{
    io::{self, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use tapmap_core::{Heard, HeardKind, Layer, LayerName, Sighting, Timestamp};

use super::{
    beside::{Beside, Told, active, inactive},
    coverage::as_root,
    owners::Owners,
};

const ADDS: &str =
    "The names that led to addresses, also when this computer's resolver asks for them encrypted.";
const SOCKET: &str = "/run/systemd/resolve/io.systemd.Resolve.Monitor";
const SUBSCRIBE: &[u8] = b"{\"method\":\"io.systemd.Resolve.Monitor.SubscribeQueryResults\",\"more\":true}\0";
/// How an answer begins that is a refusal: newer versions open the socket to all, and then ask polkit.
const REFUSAL: &[u8] = b"{\"error\"";
/// How long a message may be; an answer has some thousand bytes.
const LONGEST: usize = 256 * 1024;
/// How much is read at a time of asking.
const MOST: usize = 4 * 1024 * 1024;
/// How long until it is tried again.
const REST: Duration = Duration::from_mins(1);

/// Listens to the monitor, as long as it tells.
#[derive(Debug)]
pub(super) struct Resolved {
    path: PathBuf,
    state: State,
    last_try: Option<Timestamp>,
}

#[derive(Debug)]
enum State {
    Listening {
        stream: UnixStream,
        /// The beginning of a message of which the rest has not come.
        begun: Vec<u8>,
    },
    Silent(Silence),
}

/// Why nothing is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silence {
    NotThere,
    Refused,
    BrokenOff,
}

impl Resolved {
    /// Begins to listen.
    pub(super) fn new() -> Self {
        Self::at(SOCKET)
    }

    fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let state = State::connect(&path);
        Self { path, state, last_try: None }
    }
}

impl State {
    fn connect(path: &PathBuf) -> Self {
        let subscribe = || {
            let mut stream = UnixStream::connect(path)?;
            stream.set_nonblocking(true)?;
            // So short a message has room in any socket's queue.
            stream.write_all(SUBSCRIBE)?;
            Ok(stream)
        };
        match subscribe() {
            Ok(stream) => Self::Listening { stream, begun: Vec::new() },
            Err(error) => Self::Silent(Silence::from(&error)),
        }
    }

    /// Takes in the messages that have come.
    fn hear(&mut self, each: &mut impl FnMut(&[u8])) {
        let Self::Listening { stream, begun } = self else { return };
        if let Err(silence) = messages(stream, begun, each) {
            *self = Self::Silent(silence);
        }
    }
}

impl From<&io::Error> for Silence {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Self::NotThere,
            io::ErrorKind::PermissionDenied => Self::Refused,
            _ => Self::BrokenOff,
        }
    }
}

/// Hands over every whole message, without its NUL.
fn messages(
    stream: &mut UnixStream,
    begun: &mut Vec<u8>,
    each: &mut impl FnMut(&[u8]),
) -> Result<(), Silence> {
    let mut buffer = vec![0; 32 * 1024];
    let mut read = 0;
    while read < MOST {
        let length = match stream.read(&mut buffer) {
            Ok(0) => return Err(Silence::BrokenOff),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Silence::from(&error)),
        };
        read += length;
        begun.extend_from_slice(buffer.get(..length).unwrap_or_default());
        while let Some(end) = begun.iter().position(|byte| *byte == 0) {
            let message = begun.get(..end).unwrap_or_default();
            if message.starts_with(REFUSAL) {
                return Err(Silence::Refused);
            }
            each(message);
            begun.drain(..=end);
        }
        if begun.len() > LONGEST {
            return Err(Silence::BrokenOff);
        }
    }
    Ok(())
}

impl Beside for Resolved {
    fn layers(&self) -> Vec<Layer> {
        let name = LayerName::Resolved;
        let layer = match &self.state {
            State::Listening { .. } => {
                active(name, "systemd-resolved tells what programs asked it, and its answers.", ADDS)
            }
            State::Silent(Silence::NotThere) => {
                inactive(name, "systemd-resolved does not run on this computer.", ADDS, None)
            }
            State::Silent(Silence::Refused) => {
                let reason = "systemd-resolved tells only root what programs ask it.";
                inactive(name, reason, ADDS, Some(as_root()))
            }
            State::Silent(Silence::BrokenOff) => {
                inactive(name, "systemd-resolved broke off; it is tried again each minute.", ADDS, None)
            }
        };
        vec![layer]
    }

    fn tell(&mut self, at: Timestamp, _: &mut Owners, told: &mut Told) {
        let last_try = *self.last_try.get_or_insert(at);
        if matches!(self.state, State::Silent(_)) && (at < last_try || at.since(last_try) >= REST) {
            self.last_try = Some(at);
            self.state = State::connect(&self.path);
        }
        self.state.hear(&mut |message| {
            let (kind, bytes) = (HeardKind::Resolved, Arc::from(message));
            told.push(Sighting::Heard(Heard { kind, bytes, process: None }));
        });
    }
}

#[cfg(test)]
mod tests;

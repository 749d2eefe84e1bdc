//! Whether anybody is at the computer. A helper process asks, since whoever is connected to the system bus may
//! ask more of it than that: the server, which reads foreign bytes, is not, and only hears lines like these.
//!
//! ```text
//! line = "there" | "locked" | "idle" [ " " milliseconds since 1970 ] | "! " why nothing is told
//! ```

#[cfg(target_os = "linux")]
mod logind;
#[cfg(not(target_os = "linux"))]
mod silent;

#[cfg(target_os = "linux")]
pub(crate) use self::logind::PresenceWatch;
#[cfg(not(target_os = "linux"))]
pub(crate) use self::silent::PresenceWatch;
use std::{
    io::{self, BufRead as _, BufReader, Read as _},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
};
use tapmap_core::{Layer, LayerName, Presence, Timestamp, WhyAway};
use tapmap_engine::{Clock, History, Live, SystemClock};

/// The hidden command that is the helper.
pub(crate) const COMMAND: &str = "presence";
/// How long a line may be, in bytes.
const LONGEST: u64 = 1024;

const ADDS: &str = "What goes on while the screen is locked or nobody touches the computer, in the insights.";

/// The helper, or why there is none.
#[derive(Debug)]
pub(crate) struct Watched(Result<Helper, String>);

/// The helper's process. It ends when its input does, at the latest with this program.
#[derive(Debug)]
struct Helper {
    child: Child,
    lines: BufReader<ChildStdout>,
    first: Presence,
}

impl Watched {
    /// Starts the helper, this very program, and waits for its first word. To be done before the server gives up
    /// its rights.
    pub(crate) fn start() -> Self {
        Self(
            std::env::current_exe()
                .map_err(|error| not_started(&error))
                .and_then(|program| Helper::of(Command::new(program).arg(COMMAND))),
        )
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.0.as_ref().ok().map(|helper| helper.child.id())
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
        let Ok(helper) = self.0 else { return Ok(()) };
        let follow = move || {
            let clock = SystemClock::default();
            let why = helper.follow(|presence| history.note_presence(presence, clock.now()).is_ok());
            // From here on it is not known: whatever was said last no longer holds.
            if history.note_presence(Presence::There, clock.now()).is_ok() {
                tracing::warn!(why, "who is at the computer is no longer known");
                live.set_confinement(replaced(layers, layer(false, &why)));
            }
        };
        thread::Builder::new().name("presence".to_owned()).spawn(follow).map(drop)
    }
}

impl Helper {
    fn of(command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| not_started(&error))?;
        let output = child.stdout.take().ok_or_else(ended)?;
        let mut lines = BufReader::new(output);
        match line(&mut lines) {
            Ok(first) => Ok(Self { child, lines, first }),
            Err(why) => {
                // It has ended, or does when its input does.
                drop(child.stdin.take());
                drop(child.wait());
                Err(why)
            }
        }
    }

    /// Passes on what it says, as long as `tell` says to go on; answers why it ended.
    fn follow(mut self, mut tell: impl FnMut(Presence) -> bool) -> String {
        let mut said = Ok(self.first);
        while let Ok(presence) = said {
            if !tell(presence) {
                break;
            }
            said = line(&mut self.lines);
        }
        drop(self.child.stdin.take());
        drop(self.child.wait());
        said.err().unwrap_or_else(ended)
    }
}

fn not_started(error: &io::Error) -> String {
    format!("What would ask the system cannot be started: {error}.")
}

fn ended() -> String {
    "What asks the system has ended.".to_owned()
}

/// The next line: who is there, or why that is not told.
fn line(lines: &mut BufReader<ChildStdout>) -> Result<Presence, String> {
    let mut text = String::new();
    lines.by_ref().take(LONGEST).read_line(&mut text).map_err(|_| ended())?;
    read(text.trim_end())
}

fn read(text: &str) -> Result<Presence, String> {
    let away = |since, why| Ok(Presence::Away { since, why });
    match text.split_once(' ').unwrap_or((text, "")) {
        ("there", "") => Ok(Presence::There),
        ("locked", "") => away(None, WhyAway::Locked),
        ("idle", "") => away(None, WhyAway::Idle),
        ("idle", since) => away(since.parse().ok().map(Timestamp::from_millis), WhyAway::Idle),
        ("!", why) => Err(why.to_owned()),
        _ => Err(ended()),
    }
}

/// What the helper says of who is there.
pub(crate) fn written(presence: Presence) -> String {
    match presence {
        Presence::There => "there".to_owned(),
        Presence::Away { why: WhyAway::Locked, .. } => "locked".to_owned(),
        Presence::Away { why: WhyAway::Idle, since: None } => "idle".to_owned(),
        Presence::Away { why: WhyAway::Idle, since: Some(since) } => format!("idle {}", since.as_millis()),
    }
}

/// What it says when nothing is told.
pub(crate) fn not_told(why: &str) -> String {
    format!("! {why}")
}

fn layer(active: bool, reason: &str) -> Layer {
    Layer { name: LayerName::Presence, active, reason: reason.into(), adds: ADDS.into(), command: None }
}

fn replaced(mut layers: Vec<Layer>, layer: Layer) -> Vec<Layer> {
    layers.retain(|known| known.name != layer.name);
    layers.push(layer);
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_as_it_was_meant() {
        let since = Some(Timestamp::from_millis(1_795_000_000_000));
        for presence in [
            Presence::There,
            Presence::Away { since: None, why: WhyAway::Locked },
            Presence::Away { since: None, why: WhyAway::Idle },
            Presence::Away { since, why: WhyAway::Idle },
        ] {
            assert_eq!(read(&written(presence)), Ok(presence));
        }
        assert_eq!(read(&not_told("There is no bus.")), Err("There is no bus.".to_owned()));
        for nonsense in ["", "gone", "locked 5", "there there"] {
            assert_eq!(read(nonsense), Err(ended()), "{nonsense}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_helper_tells_until_it_ends_and_why() {
        let shell = |script: &str| Helper::of(Command::new("sh").args(["-c", script]));
        let helper = shell("echo there; echo locked; echo '! The bus has gone.'").unwrap();
        let mut told = Vec::new();
        let why = helper.follow(|presence| {
            told.push(presence);
            true
        });
        assert_eq!(told, [Presence::There, Presence::Away { since: None, why: WhyAway::Locked }]);
        assert_eq!(why, "The bus has gone.");
        assert_eq!(shell("echo '! There is none.'").unwrap_err(), "There is none.");
        assert_eq!(shell("exit 3").unwrap_err(), ended());
        // One that is told to stop ends with its input.
        assert_eq!(shell("echo there; cat").unwrap().follow(|_| false), ended());
    }
}

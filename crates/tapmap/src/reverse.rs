//! Reverse names, on the user's wish: a helper process of its own asks the system's resolver, so that the
//! server needs no connection for it. Here the server starts the helper, asks for the addresses of flows
//! that nothing else has named, and takes the answers in, unread, like any other bytes.

mod questions;

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
    thread,
};
use tapmap_core::{Heard, HeardKind, Layer, LayerName, Observation, Sighting};
use tapmap_engine::{Clock, Live, SystemClock};
use tokio::sync::broadcast::error::RecvError;

use self::questions::Questions;

/// The hidden command that is the helper.
pub(crate) const COMMAND: &str = "reverse-names";
/// The longest answer: an address, a space and a name have less than 300 bytes.
const LONGEST: u64 = 1024;

const ADDS: &str = "Names of addresses that nothing else has named, mostly of the host and not of the site.";

/// The helper's process. It ends when its input does, at the latest with this program.
#[derive(Debug)]
pub(crate) struct Helper {
    child: Child,
    questions: ChildStdin,
    answers: ChildStdout,
}

impl Helper {
    /// Starts the helper: this very program. To be done before the server gives up its rights.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn start() -> io::Result<Self> {
        Self::of(Command::new(std::env::current_exe()?).arg(COMMAND))
    }

    fn of(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        Ok(Self { child, questions, answers })
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks and listens, on threads of their own.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn begin(self, live: Live) -> io::Result<()> {
        let Self { mut child, questions, answers } = self;
        let told = live.clone();
        thread::Builder::new().name("reverse answers".to_owned()).spawn(move || {
            listen(answers, &told);
            // Its output has ended, so it has, or is about to.
            drop(child.wait());
        })?;
        let ask = move || ask(&live, questions);
        thread::Builder::new().name("reverse questions".to_owned()).spawn(ask).map(drop)
    }
}

/// Writes an address a line, as long as the helper reads.
fn ask(live: &Live, mut helper: impl Write) {
    let mut questions = Questions::default();
    loop {
        let (view, mut changes) = live.subscribe();
        for flow in &view.flows {
            questions.note_flow(flow, flow.span.last_seen);
        }
        loop {
            match changes.blocking_recv() {
                Ok(changes) => questions.note(&changes),
                // Begin anew with what is open.
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return,
            }
            for address in questions.due() {
                if writeln!(helper, "{address}").is_err() {
                    tracing::warn!("the helper that asks for reverse names has ended");
                    return;
                }
            }
        }
    }
}

/// Takes the answers in.
fn listen(helper: impl Read, live: &Live) {
    let clock = SystemClock::default();
    let mut helper = BufReader::new(helper);
    loop {
        let mut answer = Vec::new();
        match helper.by_ref().take(LONGEST).read_until(b'\n', &mut answer) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let (kind, bytes) = (HeardKind::ReverseName, Arc::from(answer.trim_ascii_end()));
                let sighting = Sighting::Heard(Heard { kind, bytes, process: None });
                live.apply(Observation { at: clock.now(), sighting });
            }
        }
    }
}

/// What the account says of it.
pub(crate) fn layer(wanted: bool) -> Layer {
    let (reason, command) = if wanted {
        let reason = "You asked for it: a helper asks this computer's resolver for the names of public addresses, \
                      each at most once a day.";
        (reason, None)
    } else {
        let reason =
            "It is off, because it asks others: with it, this computer's name server learns the addresses.";
        (reason, Some("tapmap run --reverse-dns".into()))
    };
    Layer { name: LayerName::ReverseDns, active: wanted, reason: reason.into(), adds: ADDS.into(), command }
}

#[cfg(test)]
mod tests;

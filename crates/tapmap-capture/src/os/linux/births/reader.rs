//! The thread that listens: it notes what the kernel tells and reads new processes a moment later, before
//! they have gone. How much it reads in a second is limited.

use std::{os::fd::AsFd, time::Duration};

use rustix::io::Errno;

use super::{
    Births, CHANGED_LIMIT, Facts,
    connector::{Connector, Next},
};
use crate::{
    os::linux::{app::is_interpreter, proc_fs::ProcFs, waiting::gather},
    parse::{
        proc_connector::{Event, What},
        process::{ProcessStat, stat},
    },
};

/// Lets fork and exec come together, and is short against the life of a program that opens a connection.
const MOMENT: Duration = Duration::from_millis(1);
/// Events that are noted before the new processes among them are read.
const BATCH: usize = 256;
/// Processes that are read in one second at most: one costs about 30 µs.
const READS_PER_SECOND: u32 = 1000;
/// As much of a command line as is kept: the script that is run stands in front.
const COMMAND_LINE: usize = 1024;
const SECOND: u64 = 1_000_000_000;

/// What the thread works with.
#[derive(Debug)]
pub(super) struct Reader {
    births: Births,
    proc_fs: ProcFs,
    /// Processes to read, and whether they run another program than their parent.
    new: Vec<u32>,
    /// The second of the kernel's clock that the reads are counted in, and how many are left.
    second: u64,
    left: u32,
}

impl Reader {
    pub(super) fn new(births: Births) -> Result<Self, Errno> {
        let proc_fs = ProcFs::open().map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::NOENT))?;
        Ok(Self { births, proc_fs, new: Vec::new(), second: 0, left: READS_PER_SECOND })
    }

    /// Listens until the other end of `stop` is closed, or until the kernel breaks off.
    pub(super) fn listen(mut self, connector: &Connector, stop: &impl AsFd) {
        let stop = stop.as_fd();
        while connector.wait(stop) && gather(stop, MOMENT) {
            loop {
                match self.note_batch(connector) {
                    Ok(more) => {
                        self.read_new();
                        if !more {
                            break;
                        }
                    }
                    Err(error) => {
                        self.births.state().failed = Some(error);
                        return;
                    }
                }
            }
        }
    }

    /// Notes what waits in the queue. Says whether there may be more.
    fn note_batch(&mut self, connector: &Connector) -> Result<bool, Errno> {
        for _ in 0..BATCH {
            match connector.next()? {
                Next::Event(event) => self.note(event),
                Next::Lost => self.births.state().overruns += 1,
                Next::Nothing => return Ok(false),
            }
        }
        Ok(true)
    }

    fn note(&mut self, Event { at, what }: Event) {
        if at / SECOND != self.second {
            (self.second, self.left) = (at / SECOND, READS_PER_SECOND);
        }
        let mut state = self.births.state();
        let (pid, is_new) = match what {
            What::Forked { parent, child } => {
                state.recent.fork(parent, child, at);
                (child, true)
            }
            What::Executed(pid) => {
                state.recent.exec(pid, at);
                (pid, true)
            }
            What::Exited(pid) => {
                state.recent.exit(pid, at);
                (pid, false)
            }
            What::Answer(_) | What::Other => return,
        };
        if state.changed.len() < CHANGED_LIMIT {
            state.changed.push(pid);
        }
        if is_new && self.new.last() != Some(&pid) {
            self.new.push(pid);
        }
    }

    fn read_new(&mut self) {
        for pid in std::mem::take(&mut self.new) {
            let Some(born) = self.births.get(pid) else { continue };
            if born.start.is_some() && born.facts.is_some() {
                continue;
            }
            if self.left == 0 {
                self.births.state().unread += 1;
                continue;
            }
            self.left -= 1;
            self.read(pid, born.facts.is_some());
        }
    }

    /// Reads a process; only its start, when what it runs is known from its parent.
    fn read(&mut self, pid: u32, is_known: bool) {
        let Some(text) = self.proc_fs.file(pid, "stat") else { return };
        let Some(ProcessStat { name, parent, start }) = stat(text) else { return };
        let name = String::from_utf8_lossy(name).into_owned();
        let facts = (!is_known).then(|| facts(&mut self.proc_fs, pid, name));
        self.births.state().recent.learn(pid, parent, start, facts);
    }
}

/// What is to be known of a process when it has gone.
fn facts(proc_fs: &mut ProcFs, pid: u32, name: String) -> Facts {
    let executable = proc_fs.executable(pid);
    let user = proc_fs.folder_user(pid);
    let mut text = |file: &str, length: usize| {
        let bytes = proc_fs.file(pid, file)?;
        Some(String::from_utf8_lossy(bytes.get(..length).unwrap_or(bytes)).into_owned())
    };
    let groups = text("cgroup", usize::MAX);
    let command_line =
        executable.as_deref().filter(|path| is_interpreter(path)).and_then(|_| text("cmdline", COMMAND_LINE));
    let file = proc_fs.program_file(pid);
    Facts { name, executable, file, user, groups, command_line }
}

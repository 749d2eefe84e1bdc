//! The program under test, running among the programs that the test started, with full rights or
//! with none.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{FakeNet, Talker, copy_as};

/// The user who has no rights: a number that no account has.
pub const USER: u32 = 47_001;
/// How long a list is asked for while it does not hold what is waited for, and how often. The recorder
/// looks each second, so that some seconds are enough also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(250);

/// What the recorder may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Everything, on the whole machine: it stands outside the computer's process table.
    Full,
    /// Nothing: an ordinary user's, among that user's own processes.
    Ordinary,
}

impl Rights {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Full, Self::Ordinary];

    /// As whom the programs run that the recorder watches.
    pub fn user(self) -> Option<u32> {
        (self == Self::Ordinary).then_some(USER)
    }
}

/// A running TapMap.
#[derive(Debug)]
pub struct Recorder {
    /// Where it listens, `127.0.0.1:8050`.
    pub address: String,
    rights: Rights,
    folder: PathBuf,
    process: Talker,
}

impl Recorder {
    /// Starts it and waits until it has looked once. `folder` is readable by everybody; the data
    /// folder is made inside.
    ///
    /// # Errors
    /// Fails when it does not start.
    pub fn start(net: &FakeNet, rights: Rights, folder: &Path, talker: &Path) -> Result<Self> {
        let program = copy_as(&tapmap(talker), folder, "tapmap")?;
        let data = folder.join("data");
        fs::create_dir_all(&data)?;
        chown(&data, rights.user(), rights.user())?;
        let inner = match rights {
            Rights::Full => net.beside(&program),
            Rights::Ordinary => net.inside_as(USER, &program)?,
        };
        // The recorder says its address on its first line; the harness waits for "ready".
        let mut command = Command::new("sh");
        command.args(["-c", "echo ready; exec \"$@\"", "sh"]).arg(inner.get_program()).args(inner.get_args());
        command
            .args(["run", "--no-browser", "--port", "8050"])
            .env("TAPMAP_DATA_DIR", &data)
            .env_remove("TAPMAP_UI");
        let mut process = Talker::start(command)?;
        let line = process.line_with(|line| line.contains("http://"))?;
        let start = line.find("http://").context("no address")? + "http://".len();
        let address: String = line[start..].chars().take_while(|it| !"/ ?".contains(*it)).collect();
        let recorder = Self { address, rights, folder: data, process };
        recorder.stream(net, talker)?.line_with(|line| line.contains("hello"))?;
        Ok(recorder)
    }

    /// Its stream of changes, as a page hears it.
    ///
    /// # Errors
    /// Fails when it does not answer.
    pub fn stream(&self, net: &FakeNet, talker: &Path) -> Result<Talker> {
        self.fetch(net, talker, "/api/v1/stream")
    }

    /// What it answers to a request.
    ///
    /// # Errors
    /// Fails when it does not answer, or not in JSON.
    pub fn get(&self, net: &FakeNet, talker: &Path, path: &str) -> Result<Value> {
        let lines = self.fetch(net, talker, path)?.rest()?;
        let body = lines.split(|line| line.trim().is_empty()).nth(1).context("an answer without content")?;
        serde_json::from_str(&body.join("\n")).with_context(|| format!("{path} answered {lines:?}"))
    }

    /// The connections that are open and those that ended within ten minutes, without its own.
    ///
    /// # Errors
    /// As [`Recorder::get`].
    pub fn flows(&self, net: &FakeNet, talker: &Path) -> Result<Vec<Value>> {
        match self.get(net, talker, "/api/v1/flows?recent=10m")?["items"].take() {
            Value::Array(flows) => Ok(flows),
            other => bail!("a list expected, not {other}"),
        }
    }

    /// The connections as soon as they hold what is waited for; as they are in the end, if they never do.
    ///
    /// # Errors
    /// As [`Recorder::get`].
    pub fn flows_when(
        &self,
        net: &FakeNet,
        talker: &Path,
        enough: impl Fn(&[Value]) -> bool,
    ) -> Result<Vec<Value>> {
        asked_until(|| self.flows(net, talker), |flows| enough(flows))
    }

    /// Runs a command of TapMap's beside it, as its user and with its data folder.
    ///
    /// # Errors
    /// Fails when the command fails.
    pub fn command(&self, net: &FakeNet, arguments: &[&str]) -> Result<String> {
        let program = self.folder.with_file_name("tapmap");
        let mut command = match self.rights {
            Rights::Full => net.beside(&program),
            Rights::Ordinary => net.inside_as(USER, &program)?,
        };
        let output = command.args(arguments).env("TAPMAP_DATA_DIR", &self.folder).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "tapmap {}: {said}", arguments.join(" "));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The process id that it announced, as its own process table counts.
    ///
    /// # Errors
    /// Fails when it has not announced itself.
    pub fn pid(&self) -> Result<u64> {
        let instance: Value = serde_json::from_slice(&fs::read(self.folder.join("instance.json"))?)?;
        instance["pid"].as_u64().context("no pid announced")
    }

    /// Sends a signal to one of its processes, by the process id as its own process table counts.
    ///
    /// # Errors
    /// Fails when there is no such process.
    pub fn signal(&self, net: &FakeNet, name: &str, pid: u64) -> Result<()> {
        let shell = Path::new("sh");
        let mut kill = match self.rights {
            Rights::Full => net.beside(shell),
            Rights::Ordinary => net.inside(shell)?,
        };
        let status = kill.args(["-c", &format!("kill -{name} {pid}")]).status()?;
        ensure!(status.success(), "there was no process {pid} to send {name} to");
        Ok(())
    }

    /// Ends it as Ctrl+C does.
    ///
    /// # Errors
    /// Fails when it was not running any more.
    pub fn stop(self, net: &FakeNet) -> Result<()> {
        self.signal(net, "INT", self.pid()?)?;
        self.process.end()
    }

    fn fetch(&self, net: &FakeNet, talker: &Path, path: &str) -> Result<Talker> {
        let mut command = net.inside(talker)?;
        command.args(["fetch", &self.address, path]);
        Talker::start(command)
    }
}

/// Asks until the answer is what is waited for, or patience is at its end; gives the last answer. What
/// another process does at its own pace can only be asked for again.
///
/// # Errors
/// Fails when asking fails.
pub fn asked_until<T>(ask: impl FnMut() -> Result<T>, enough: impl Fn(&T) -> bool) -> Result<T> {
    asked_each(PAUSE, ask, enough)
}

/// The same at a pace of the caller's: for answers that tell of the questions too.
///
/// # Errors
/// Fails when asking fails.
pub fn asked_each<T>(
    pause: Duration,
    mut ask: impl FnMut() -> Result<T>,
    enough: impl Fn(&T) -> bool,
) -> Result<T> {
    let rounds = PATIENCE.as_millis() / pause.as_millis();
    for _ in 0..rounds {
        let answer = ask()?;
        if enough(&answer) {
            return Ok(answer);
        }
        wait(pause);
    }
    ask()
}

#[expect(clippy::disallowed_methods, reason = "the other process has a pace of its own")]
fn wait(pause: Duration) {
    thread::sleep(pause);
}

/// The program under test: `TAPMAP_BIN`, else the one that cargo built beside the tests' programs.
#[expect(clippy::disallowed_methods, reason = "a test may ask where the program is")]
pub fn tapmap(talker: &Path) -> PathBuf {
    std::env::var_os("TAPMAP_BIN").map_or_else(|| talker.with_file_name("tapmap"), PathBuf::from)
}

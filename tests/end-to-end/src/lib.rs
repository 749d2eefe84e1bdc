//! A make-believe internet on one machine: two network namespaces joined by one virtual cable and
//! by nothing else, so that real programs hold real connections to public addresses and no packet
//! can leave. The "computer" has its own process table; the "internet" answers for every address.

use std::{
    io::{BufRead, BufReader, Lines},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

/// The computer's own address in its local network.
pub const COMPUTER: &str = "192.168.77.2";
/// The gateway of that network, an address of the internet's.
pub const GATEWAY: &str = "192.168.77.1";

/// The two namespaces. Dropping it ends every process inside and removes them.
#[derive(Debug)]
pub struct FakeNet {
    name: String,
    first_process: Option<Talker>,
}

impl FakeNet {
    /// Makes the namespaces. `talker` is the test's own program, which becomes the computer's first
    /// process.
    ///
    /// # Errors
    /// Fails without root, `ip`, `unshare` or `nsenter`, with the system's own words.
    pub fn new(talker: &Path) -> Result<Self> {
        let name = format!("tapmap-{}", std::process::id());
        let mut net = Self { name, first_process: None };
        let (computer, internet) = (net.computer(), net.internet());
        for namespace in [&computer, &internet] {
            run("ip", &["netns", "add", namespace])?;
            run("ip", &["-n", namespace, "link", "set", "lo", "up"])?;
        }
        let cable = ["link", "add", "cable0", "netns", &computer, "type", "veth", "peer", "name", "cable1"];
        run("ip", &[&cable[..], &["netns", &internet]].concat())?;
        for (namespace, link, v4, v6) in
            [(&computer, "cable0", COMPUTER, "fd77::2"), (&internet, "cable1", GATEWAY, "fd77::1")]
        {
            run("ip", &["-n", namespace, "addr", "add", &format!("{v4}/24"), "dev", link])?;
            run("ip", &["-n", namespace, "-6", "addr", "add", &format!("{v6}/64"), "dev", link, "nodad"])?;
            run("ip", &["-n", namespace, "link", "set", link, "up"])?;
        }
        run("ip", &["-n", &computer, "route", "add", "default", "via", GATEWAY])?;
        run("ip", &["-n", &computer, "-6", "route", "add", "default", "via", "fd77::1"])?;
        net.answer_for_every_address()?;
        net.first_process = Some(net.start_computer(talker)?);
        Ok(net)
    }

    /// Every address is the internet's own, but for the computer's subnet. The extra rule makes the
    /// kernel keep the local and main tables apart.
    fn answer_for_every_address(&self) -> Result<()> {
        let internet = self.internet();
        for words in [
            "rule add lookup main pref 77",
            "route add throw 192.168.77.0/24 table local",
            "route add local 0.0.0.0/0 dev lo table local",
            "-6 rule add iif cable1 lookup 77",
            "-6 route add local ::/0 dev lo table 77",
        ] {
            let words: Vec<&str> = words.split(' ').collect();
            run("ip", &[&["-n", &internet][..], &words].concat())?;
        }
        Ok(())
    }

    fn start_computer(&self, talker: &Path) -> Result<Talker> {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.computer()]);
        command.args(["unshare", "--pid", "--mount-proc", "--kill-child", "--fork"]).arg(talker).arg("wait");
        Talker::start(command)
    }

    /// A command that runs as the computer: its network, its processes, its `/proc`.
    ///
    /// # Errors
    /// Fails when the computer has ended.
    pub fn inside(&self, program: &Path) -> Result<Command> {
        let outer = self.first_process.as_ref().context("the computer is not up")?.child.id();
        let children = std::fs::read_to_string(format!("/proc/{outer}/task/{outer}/children"))?;
        let first = children.split_whitespace().next().context("the computer has ended")?;
        let mut command = Command::new("nsenter");
        command.args(["-t", first, "--net", "--pid", "--mount", "--"]).arg(program);
        Ok(command)
    }

    /// A command that runs on the internet's side.
    pub fn outside(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.internet()]).arg(program);
        command
    }

    fn computer(&self) -> String {
        format!("{}-c", self.name)
    }

    fn internet(&self) -> String {
        format!("{}-i", self.name)
    }
}

impl Drop for FakeNet {
    fn drop(&mut self) {
        self.first_process = None;
        for namespace in [self.computer(), self.internet()] {
            if run("ip", &["netns", "del", &namespace]).is_err() {
                // It was never made: `new` failed earlier and said so.
            }
        }
    }
}

/// A running program of the test's own. It lives until its standard input ends.
#[derive(Debug)]
pub struct Talker {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it said when it was ready: its process id as it sees it itself, and what it holds.
    pub ready: String,
}

impl Talker {
    /// Starts a command and reads its first line, which must begin with `ready`.
    ///
    /// # Errors
    /// Fails when it cannot be started or says something else.
    pub fn start(mut command: Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {command:?}"))?;
        let input = child.stdin.take();
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let ready = lines.next().context("it ended without a word")??;
        ensure!(ready.starts_with("ready"), "{command:?} said: {ready}");
        Ok(Self { child, input, lines, ready })
    }

    /// Its process id as it sees it itself.
    ///
    /// # Errors
    /// Fails when it did not say one.
    pub fn pid(&self) -> Result<u64> {
        Ok(self.ready.split(' ').nth(1).context("no pid")?.parse()?)
    }

    /// Reads on until a line for which `wanted` holds.
    ///
    /// # Errors
    /// Fails when the output ends before.
    pub fn line_with(&mut self, wanted: impl Fn(&str) -> bool) -> Result<String> {
        for line in self.lines.by_ref() {
            let line = line?;
            if wanted(&line) {
                return Ok(line);
            }
        }
        bail!("the output ended without the line that was waited for")
    }

    /// Ends its input, and waits until it has ended.
    ///
    /// # Errors
    /// Fails when it cannot be waited for.
    pub fn end(mut self) -> Result<()> {
        self.input = None;
        self.child.wait()?;
        Ok(())
    }
}

/// A program that was not ended in order is ended at once, so that a failed test never waits.
impl Drop for Talker {
    fn drop(&mut self) {
        self.input = None;
        if self.child.kill().and_then(|()| self.child.wait()).is_err() {
            // It has ended already.
        }
    }
}

/// A copy of a program under another name, so that it appears as another app.
///
/// # Errors
/// Fails when the copy cannot be written.
pub fn copy_as(program: &Path, folder: &Path, name: &str) -> Result<PathBuf> {
    let copy = folder.join(name);
    std::fs::copy(program, &copy).with_context(|| format!("could not write {}", copy.display()))?;
    Ok(copy)
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("could not start {program}; it comes with the package iproute2"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {}: {}", arguments.join(" "), said.trim());
    Ok(())
}

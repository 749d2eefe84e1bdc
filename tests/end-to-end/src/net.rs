//! Two network namespaces joined by one virtual cable and by nothing else: the "computer", which has
//! its own process table, and the "internet", which answers for every address. A third one, joined
//! to nothing, is where a container of the computer's would be.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result, ensure};

use crate::Talker;

/// The computer's own address in its local network.
pub const COMPUTER: &str = "192.168.77.2";
/// The gateway of that network, an address of the internet's.
pub const GATEWAY: &str = "192.168.77.1";
/// An address of that network that takes every packet and answers none.
pub const SILENT: &str = "192.168.77.99";

/// How many were made by this process, so that each has names of its own.
static MADE: AtomicU32 = AtomicU32::new(0);

/// The namespaces. Dropping it ends every process inside and removes them.
#[derive(Debug)]
pub struct FakeNet {
    name: String,
    first_process: Option<Talker>,
}

impl FakeNet {
    /// Makes the namespaces. `talker` is the tests' own program, which becomes the computer's first
    /// process.
    ///
    /// # Errors
    /// Fails without root, `ip`, `unshare` or `nsenter`, with the system's own words.
    pub fn new(talker: &Path) -> Result<Self> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("tapmap-{}-{number}", std::process::id());
        let mut net = Self { name, first_process: None };
        let (computer, internet, container) = (net.computer(), net.internet(), net.container());
        for namespace in [&computer, &internet, &container] {
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
        let silent = ["neigh", "add", SILENT, "lladdr", "02:00:00:00:00:99", "dev", "cable0"];
        run("ip", &[&["-n", &computer][..], &silent].concat())?;
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

    /// A command that runs as the computer: its network, its processes, its `/proc`; as root.
    ///
    /// # Errors
    /// Fails when the computer has ended.
    pub fn inside(&self, program: &Path) -> Result<Command> {
        let mut command = self.enter(&["--net"])?;
        command.arg(program);
        Ok(command)
    }

    /// The same as an ordinary user, who has no rights at all.
    ///
    /// # Errors
    /// Fails when the computer has ended.
    pub fn inside_as(&self, user: u32, program: &Path) -> Result<Command> {
        let mut command = self.enter(&["--net"])?;
        command.args(become_user(user)).arg(program);
        Ok(command)
    }

    /// A command that runs as a process of the computer in a network of its own, as in a container.
    ///
    /// # Errors
    /// Fails when the computer has ended.
    pub fn contained(&self, user: Option<u32>, program: &Path) -> Result<Command> {
        let mut command = self.enter(&[&format!("--net={}", path(&self.container()))])?;
        command.args(user.map(become_user).into_iter().flatten()).arg(program);
        Ok(command)
    }

    /// A command that runs beside the computer's processes: in its network, with the whole machine's
    /// process table, as a recorder on the host does.
    pub fn beside(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", path(&self.computer()))).arg("--").arg(program);
        command
    }

    fn enter(&self, network: &[&str]) -> Result<Command> {
        let outer = self.first_process.as_ref().context("the computer is not up")?.id();
        let children = std::fs::read_to_string(format!("/proc/{outer}/task/{outer}/children"))?;
        let first = children.split_whitespace().next().context("the computer has ended")?;
        let mut command = Command::new("nsenter");
        command.args(["-t", first, "--pid", "--mount"]).args(network).arg("--");
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

    fn container(&self) -> String {
        format!("{}-o", self.name)
    }
}

impl Drop for FakeNet {
    fn drop(&mut self) {
        self.first_process = None;
        for namespace in [self.computer(), self.internet(), self.container()] {
            if run("ip", &["netns", "del", &namespace]).is_err() {
                // It was never made: `new` failed earlier and said so.
            }
        }
    }
}

/// Where `ip` keeps a namespace.
fn path(namespace: &str) -> String {
    format!("/run/netns/{namespace}")
}

/// The words that make a command run as a user without rights.
fn become_user(user: u32) -> Vec<String> {
    let words = ["setpriv", "--reuid", &user.to_string(), "--regid", &user.to_string(), "--clear-groups"];
    words.map(str::to_owned).to_vec()
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

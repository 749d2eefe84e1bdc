//! Starts the built program in a data folder of its own and an environment that says nothing.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

/// A data folder and the commands that run in it.
pub(crate) struct Program {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
    played: tempfile::NamedTempFile,
}

/// What a command that has ended left.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code.
    pub(crate) code: i32,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it said beside.
    pub(crate) stderr: String,
}

/// A program that serves; killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    /// The address it printed.
    pub(crate) url: String,
}

impl Program {
    /// A fresh data folder.
    pub(crate) fn new() -> Self {
        let played = tempfile::NamedTempFile::new().unwrap();
        fs::write(played.path(), SCENARIO).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new(), played }
    }

    /// The file that is played.
    pub(crate) fn recording(&self) -> String {
        self.played.path().display().to_string()
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file in the data folder.
    pub(crate) fn with_file(self, name: &str, content: &str) -> Self {
        fs::write(self.folder().join(name), content).unwrap();
        self
    }

    /// Sets an environment variable for the commands.
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A command that is yet to be started.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapmap"));
        command.args(arguments).env_clear().stdin(Stdio::null());
        command.env("TAPMAP_DATA_DIR", self.folder()).env("HOME", self.folder());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ended {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended {
            code: output.status.code().expect("it ended by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Runs a command to its end, which must be a good one, and gives what it printed.
    pub(crate) fn print<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.stdout
    }

    /// Starts serving a recording on any free port, and waits for the address.
    pub(crate) fn serve(&self) -> Running {
        self.start(&["--replay", &self.recording(), "--speed", "100000", "--port", "0"])
    }

    /// Starts a command that serves, and waits for the address.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Running {
        let mut child =
            self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        if !line.starts_with("http://") {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("it printed {line:?} and said {said}");
        }
        Running { child, stdout, url: line.trim().to_owned() }
    }
}

impl Running {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What GET of a path answers: status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, "", "")
    }

    /// What PUT of a path answers to whoever has the token: status and body.
    pub(crate) fn put(&self, path: &str, token: &str, body: &str) -> (u16, String) {
        let head = format!(
            "X-TapMap-Token: {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        self.ask("PUT", path, &head, body)
    }

    fn ask(&self, method: &str, path: &str, head: &str, body: &str) -> (u16, String) {
        let address: SocketAddr = self.url["http://".len()..].trim_end_matches('/').parse().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{method} {path} HTTP/1.0\r\nHost: {address}\r\n{head}\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Asks it to end, and gives its exit code once it has, with what it printed and said.
    pub(crate) fn end_by(mut self, signal: Signal) -> Ended {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code().expect("it ended by itself");
        Ended { code, stdout, stderr }
    }

    /// Ends it without letting it clear up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, which is fine here.
        let _killed = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// What the tests play: a database, its client, and a browser, all of which stay.
const SCENARIO: &str = r#"
title = "three connections that stay"
[[at]]
time = "09:00:00"
see = [
  "listen tcp 127.0.0.1:5432 postgres",
  "tcp 127.0.0.1:5432 > 127.0.0.1:41000 postgres",
  "tcp 127.0.0.1:41000 > 127.0.0.1:5432 backup.py",
  "tcp 10.0.0.5:50000 > 1.1.1.1:443 firefox",
]
[expect]
changes = []
"#;

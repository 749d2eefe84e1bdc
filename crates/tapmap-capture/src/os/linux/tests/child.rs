//! Other processes: this test program started again with a role, obeying one-letter commands.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    os::fd::OwnedFd,
    process::{Child, ChildStdout, Command, Stdio},
};

use rustix::{
    net::{AddressFamily, SocketType},
    process::Uid,
    thread::set_thread_res_uid,
};

use super::{super::SockDiagSource, rows_at};

/// Marks an argument as a role; the test runner takes it for one more name to run.
const ROLE: &str = "role:";
/// Marks the answers among what the test runner prints.
const ANSWER: &str = "answer ";

/// A child process.
pub(super) struct Other {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Other {
    /// Starts one that connects to `target` on command.
    pub(super) fn start(target: SocketAddr) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["os::linux::tests::child::obey", "--exact", "--nocapture", "--test-threads=1"])
            .arg(format!("{ROLE}{target}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, answers }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Gives a command and waits for its answer.
    pub(super) fn command(&mut self, command: u8) -> String {
        self.child.stdin.as_mut().unwrap().write_all(&[command]).unwrap();
        loop {
            let mut line = String::new();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "the child ended");
            // The runner prints the name of the test without ending the line.
            if let Some((_, answer)) = line.split_once(ANSWER) {
                return answer.trim().to_owned();
            }
        }
    }

    /// Ends it and waits until it has.
    pub(super) fn end(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.end();
    }
}

/// Not a test but the child's main: without a role there is nothing to do.
#[test]
fn obey() {
    let role = std::env::args().find_map(|word| word.strip_prefix(ROLE)?.parse::<SocketAddr>().ok());
    let Some(target) = role else { return };
    let mut file = Some(File::open("/dev/null").unwrap());
    let (mut kept, mut handed, mut idle) = (Vec::new(), Vec::new(), None);
    for command in std::io::stdin().lock().bytes() {
        let answer = match command.unwrap() {
            b'c' => connect(target, &mut kept),
            // The number of the file goes to the socket.
            b'f' => {
                drop(file.take());
                connect(target, &mut kept)
            }
            // A socket that is in no list yet, and then is.
            b'i' => {
                idle = Some(rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap());
                String::new()
            }
            b'j' => {
                let socket = idle.take().unwrap();
                rustix::net::connect(&socket, &target).unwrap();
                let stream = TcpStream::from(socket);
                let local = stream.local_addr().unwrap().to_string();
                kept.push(stream);
                local
            }
            // Another program holds the socket too.
            b'h' => {
                let stream = TcpStream::connect(target).unwrap();
                let copy = OwnedFd::from(stream.try_clone().unwrap());
                let cat = Command::new("cat").stdin(copy).stdout(Stdio::null()).spawn().unwrap();
                let answer = format!("{} {}", cat.id(), stream.local_addr().unwrap());
                kept.push(stream);
                handed.push(cat);
                answer
            }
            // Looks as a user without rights.
            b'u' => std::thread::spawn(move || look_without_rights(target)).join().unwrap(),
            other => panic!("unknown command {other}"),
        };
        println!("{ANSWER}{answer}");
    }
}

fn connect(target: SocketAddr, kept: &mut Vec<TcpStream>) -> String {
    let stream = TcpStream::connect(target).unwrap();
    let local = stream.local_addr().unwrap().to_string();
    kept.push(stream);
    local
}

/// Gives up this thread's user for one that owns nothing here, and says what it then knows of a listener.
fn look_without_rights(listener: SocketAddr) -> String {
    let nobody = Uid::from_raw(65_534);
    if set_thread_res_uid(nobody, nobody, nobody).is_err() {
        return "not root".to_owned();
    }
    let mut source = SockDiagSource::new();
    let first = rows_at(&mut source, listener)[0].owner.word();
    let again = rows_at(&mut source, listener)[0].owner.word();
    let seen = tapmap_core::SnapshotSource::coverage(&source);
    let others = seen.lines.iter().find(|line| line.sight == tapmap_core::Sight::OtherProcesses);
    format!("{first} {again} {}", others.unwrap().seen)
}

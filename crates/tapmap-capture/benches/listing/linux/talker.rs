//! A process with many sockets that opens another on command. It ends when its starter does.

use std::{
    collections::VecDeque,
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::{Child, ChildStdout, Command, Stdio},
};

use tapmap_core::Endpoint;

/// New connections that a talker keeps, and new processes.
const KEPT: usize = 50;
const KEPT_PROCESSES: usize = 20;

/// The starter's side of a talker.
pub(super) struct Talker {
    child: Child,
    answers: BufReader<ChildStdout>,
}

/// A connection that was opened on command.
pub(super) struct Opened {
    pub(super) pid: u32,
    pub(super) local: Endpoint,
    pub(super) remote: Endpoint,
}

impl Talker {
    /// Starts one and waits until it holds its sockets.
    pub(super) fn start(sockets: usize) -> Self {
        let mut child = start("talker", &sockets.to_string());
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        answers.read_line(&mut ready).unwrap();
        assert_eq!(ready, "ready\n");
        Self { child, answers }
    }

    /// Has it open a connection and waits until it has.
    pub(super) fn command(&mut self, command: u8) -> Opened {
        self.child.stdin.as_mut().unwrap().write_all(&[command]).unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        let mut words = answer.split_whitespace();
        let mut address = || words.next().unwrap().parse::<SocketAddr>().unwrap().into();
        let (local, remote) = (address(), address());
        Opened { local, remote, pid: words.next().unwrap().parse().unwrap() }
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

fn start(role: &str, argument: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([role, argument])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn report(stream: &TcpStream) {
    let (local, remote) = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
    println!("{local} {remote} {}", std::process::id());
}

/// Sockets in the mix of a busy machine: 70 % TCP and 10 % UDP over v4, 15 % and 5 % over v6.
fn hold(sockets: usize) -> (Vec<(TcpStream, TcpStream)>, Vec<UdpSocket>) {
    let pairs = |address: &str, percent: usize| {
        let listener = TcpListener::bind(address).unwrap();
        let target = listener.local_addr().unwrap();
        (0..sockets * percent / 200)
            .map(|_| {
                let mut near = TcpStream::connect(target).unwrap();
                let far = listener.accept().unwrap().0;
                near.write_all(b"some payload").unwrap();
                (near, far)
            })
            .collect::<Vec<_>>()
    };
    let datagram = |address: &str, percent: usize| {
        (0..sockets * percent / 100)
            .map(|_| {
                let socket = UdpSocket::bind((address, 0)).unwrap();
                socket.connect((address, 9)).unwrap();
                socket
            })
            .collect::<Vec<_>>()
    };
    let mut streams = pairs("127.0.0.1:0", 70);
    streams.extend(pairs("[::1]:0", 15));
    let mut datagrams = datagram("127.0.0.1", 10);
    datagrams.extend(datagram("::1", 5));
    (streams, datagrams)
}

/// The talker's side.
pub(super) fn talk(sockets: usize) {
    let mut files: VecDeque<File> = (0..100).map(|_| File::open("/dev/null").unwrap()).collect();
    let held = hold(sockets);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    let (mut kept, mut processes) = (VecDeque::new(), VecDeque::new());
    println!("ready");
    for command in std::io::stdin().lock().bytes() {
        let command = command.unwrap();
        if command == b'n' {
            let mut child = start("lone", &target.port().to_string());
            let mut answer = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut answer).unwrap();
            kept.push_back((None, listener.accept().unwrap().0));
            processes.push_back(child);
            print!("{answer}");
        } else {
            if command == b'f' {
                // Leaves the lowest free number to the socket.
                drop(files.pop_front());
            }
            let near = TcpStream::connect(target).unwrap();
            report(&near);
            kept.push_back((Some(near), listener.accept().unwrap().0));
        }
        if kept.len() > KEPT {
            kept.pop_front();
        }
        if processes.len() > KEPT_PROCESSES {
            end(processes.pop_front().unwrap());
        }
        std::io::stdout().flush().unwrap();
    }
    processes.into_iter().for_each(end);
    drop(held);
}

fn end(mut child: Child) {
    drop(child.stdin.take());
    child.wait().unwrap();
}

/// A new process with one connection.
pub(super) fn lone(port: u16) {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    report(&stream);
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

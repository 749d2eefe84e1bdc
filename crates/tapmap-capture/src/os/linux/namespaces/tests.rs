//! A network of its own, made for the test, with a connection in it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use rustix::{process::Uid, thread::set_thread_res_uid};
use tapmap_core::{
    Endpoint, Evidence, LayerName, MatchQuality, Namespace, SnapshotSource as _, SocketRow, SocketState,
    Timestamp,
};

use crate::{os::linux::SockDiagSource, parse::proc_net::BY_INODE};

/// Marks the line in which the child says where its connection is.
const ANSWER: &str = "answer ";

/// A process in a network of its own, with a connection to itself there.
pub(in super::super) struct Inmate {
    child: Child,
    near: SocketAddr,
    far: SocketAddr,
}

impl Inmate {
    /// Starts one. `None`, said aloud, where an ordinary user may not make networks.
    pub(in super::super) fn start() -> Option<Self> {
        let flags = if rustix::process::geteuid().is_root() { "-n" } else { "-rn" };
        let script = "ip link set lo up && exec \"$0\" os::linux::namespaces::tests::inmate --exact \
                      --nocapture role:inmate";
        let mut child = Command::new("unshare")
            .args([flags, "sh", "-c", script])
            .arg(std::env::current_exe().unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let answer = lines.into_iter().find_map(|line| Some(line.split_once(ANSWER)?.1.to_owned()));
        let Some(answer) = answer else {
            assert!(flags == "-rn" && !child.wait().unwrap().success());
            println!("skipped: user_namespaces: an ordinary user may not make a network here");
            return None;
        };
        let (near, far) = answer.split_once(' ').unwrap();
        Some(Self { child, near: near.parse().unwrap(), far: far.trim().parse().unwrap() })
    }

    /// The rows of its connection and of what it listens on.
    pub(in super::super) fn rows(&self, rows: Vec<SocketRow>) -> Vec<SocketRow> {
        let is_its = |row: &SocketRow| {
            row.namespace != Namespace::OWN && [self.near, self.far].map(Endpoint::from).contains(&row.local)
        };
        rows.into_iter().filter(is_its).collect()
    }
}

impl Drop for Inmate {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

/// Not a test but the child's main.
#[test]
fn inmate() {
    if !std::env::args().any(|word| word == "role:inmate") {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut far = listener.accept().unwrap().0;
    near.write_all(&[1; 77]).unwrap();
    far.read_exact(&mut [0; 77]).unwrap();
    println!("{ANSWER}{} {}", near.local_addr().unwrap(), near.peer_addr().unwrap());
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn sockets_of_another_network_are_listed_with_their_process() {
    let Some(inmate) = Inmate::start() else { return };
    let mut source = SockDiagSource::new();
    let rows = inmate.rows(source.snapshot().unwrap().sockets);
    assert_eq!(rows.len(), 3, "{rows:?}");
    for row in &rows {
        assert_eq!(row.evidence, Evidence::Files);
        assert_eq!(row.namespace, rows[0].namespace);
        let process = row.owner.process().unwrap();
        assert_eq!((process.key.pid, row.owner.word()), (inmate.child.id(), MatchQuality::Descriptor.word()));
    }
    let near = rows.iter().find(|row| row.local == inmate.near.into()).unwrap();
    assert_eq!((near.state, near.remote), (SocketState::Established, Some(inmate.far.into())));
    // Who may enter the network is told the bytes too.
    let is_entered = near.id.0 & BY_INODE == 0;
    assert_eq!(near.counters.bytes_sent.is_some(), is_entered);
    assert_eq!(rustix::process::geteuid().is_root(), is_entered);
    // They stay in every table, also between two looks into the network.
    let again = inmate.rows(source.snapshot().unwrap().sockets);
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|row| rows.iter().any(|before| before.id == row.id)));
    let layers = source.coverage().layers;
    let layer = layers.iter().find(|layer| layer.name == LayerName::OtherNamespaces).unwrap();
    assert!(layer.active && layer.reason.contains("other networks"), "{layer:?}");
}

#[test]
fn without_rights_they_are_read_from_what_every_process_shows() {
    let Some(inmate) = Inmate::start() else { return };
    let (rows, inmate) = std::thread::spawn(move || {
        let nobody = Uid::from_raw(65_534);
        // An ordinary user has no rights to give up.
        let _refused = set_thread_res_uid(nobody, nobody, nobody);
        let mut source = SockDiagSource::new();
        (inmate.rows(source.snapshot().unwrap().sockets), inmate)
    })
    .join()
    .unwrap();
    assert_eq!(rows.len(), 3, "{rows:?}");
    let expected = if rustix::process::geteuid().is_root() { "not_permitted" } else { "descriptor" };
    for row in &rows {
        assert_eq!((row.owner.word(), row.evidence), (expected, Evidence::Files));
        assert!(row.id.0 & BY_INODE != 0 && row.counters.bytes_sent.is_none());
    }
    drop(inmate);
}

#[test]
fn a_network_that_has_gone_is_forgotten() {
    let Some(inmate) = Inmate::start() else { return };
    let mut source = SockDiagSource::new();
    let mut look = |seconds: i64| {
        source.told(Timestamp::from_millis(seconds * 1000));
        source.snapshot().unwrap().sockets
    };
    let (near, namespace) = (inmate.near, inmate.rows(look(0))[0].namespace);
    drop(inmate);
    // Other tests may have made networks that are looked into first.
    let left = (1..100)
        .map(|round| look(round * 1000))
        .find(|rows| !rows.iter().any(|row| row.namespace == namespace && row.local == near.into()));
    assert!(left.is_some());
}

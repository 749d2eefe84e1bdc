//! Owners, over sockets that the tests make up and one that is real.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, TcpListener},
    os::fd::AsRawFd as _,
    sync::Arc,
};

use proptest::prelude::*;
use tapmap_core::{
    App, AppEvidence, Attribution, Counters, Endpoint, MatchQuality, Process, ProcessKey, Protocol,
    SocketState, UnknownOwner,
};

use super::{NEVER, Owners, memory::Memory, reason_without_descriptor, unknown, verdict};
use crate::{
    os::linux::{births::Births, source::row},
    parse::{inet_diag::DiagSocket, process::socket_inode},
};

/// An inode number that no socket has: the kernel's numbers start low.
const NOBODYS: u32 = 4_294_967_291;

fn socket(cookie: u64, inode: u32) -> DiagSocket {
    DiagSocket {
        cookie,
        inode,
        user: rustix::process::geteuid().as_raw(),
        cgroup: None,
        protocol: Protocol::Tcp,
        state: SocketState::Established,
        local: Endpoint::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1000),
        remote: Some(Endpoint::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 2000)),
        counters: Counters::default(),
    }
}

/// One whole list; the owners in it.
fn list(owners: &mut Owners, sockets: &[DiagSocket]) -> Vec<Attribution> {
    owners.begin();
    let mut rows = Vec::new();
    for socket in sockets {
        if let Some(owner) = owners.see(socket, rows.len()) {
            rows.push(row(socket, owner));
        }
    }
    owners.resolve(&mut rows);
    rows.into_iter().map(|row| row.owner).collect()
}

fn own_inode(listener: &TcpListener) -> u32 {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", listener.as_raw_fd())).unwrap();
    socket_inode(link.as_os_str().as_encoded_bytes()).unwrap()
}

#[test]
fn a_search_that_finds_nobody_is_repeated_three_times_ever_later() {
    let mut owners = Owners::new(Births::default());
    let mut searched = Vec::new();
    for number in 1..=40 {
        let tries = owners.known.get(7).map_or(0, |known| known.tries);
        let answers = list(&mut owners, &[socket(7, NOBODYS)]);
        assert!(
            matches!(
                answers[..],
                [Attribution::Unknown { reason: UnknownOwner::NotFound | UnknownOwner::NotPermitted, .. }]
            ),
            "{answers:?}"
        );
        if owners.known.get(7).unwrap().tries > tries {
            searched.push(number);
        }
    }
    let again = owners.known.get(7).unwrap().again;
    assert_eq!(again, NEVER);
    // Where a process of this user may not be read, that is the last word.
    assert!(searched == [1, 2, 6, 22] || searched == [1], "{searched:?}");
}

#[test]
fn what_is_not_found_at_once_is_pending_until_everything_was_searched() {
    let mut owners = Owners::new(Births::default());
    list(&mut owners, &[socket(7, NOBODYS)]);
    let words = |answers: Vec<Attribution>| answers.iter().map(Attribution::word).collect::<Vec<_>>();
    let both = [socket(7, NOBODYS), socket(8, NOBODYS - 1)];
    assert_eq!(words(list(&mut owners, &both))[1], "pending");
    assert_ne!(words(list(&mut owners, &both))[1], "pending");
}

#[test]
fn an_orphan_keeps_the_owner_it_had() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut owners, inode) = (Owners::new(Births::default()), own_inode(&listener));
    for (inode, expected) in [(inode, MatchQuality::Descriptor), (0, MatchQuality::Remembered)] {
        let answers = list(&mut owners, &[socket(7, inode)]);
        let [Attribution::Owned { process, quality }] = &answers[..] else { panic!("{answers:?}") };
        assert_eq!((process.key.pid, *quality), (std::process::id(), expected));
    }
}

#[test]
fn a_socket_that_gets_its_descriptor_later_is_searched_then() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut owners, inode) = (Owners::new(Births::default()), own_inode(&listener));
    let words = |answers: Vec<Attribution>| answers.iter().map(Attribution::word).collect::<Vec<_>>();
    assert_eq!(words(list(&mut owners, &[socket(7, 0)])), ["kernel"]);
    assert_eq!(words(list(&mut owners, &[socket(7, inode)])), ["descriptor"]);
}

#[test]
fn a_socket_listed_twice_is_one_row() {
    let mut owners = Owners::new(Births::default());
    let answers = list(&mut owners, &[socket(7, NOBODYS), socket(8, NOBODYS), socket(7, NOBODYS)]);
    assert_eq!(answers.len(), 2);
}

#[test]
fn what_closed_is_forgotten() {
    let mut owners = Owners::new(Births::default());
    let many: Vec<_> = (1..=500).map(|cookie| socket(cookie, 0)).collect();
    list(&mut owners, &many);
    list(&mut owners, &many[..3]);
    assert_eq!(owners.known.len(), 3);
    assert_eq!(list(&mut owners, &many[..5]).len(), 5);
}

#[test]
fn sockets_without_descriptor_say_why() {
    use SocketState::{CloseWait, Established, FinWait2, LastAck, SynReceived};
    for (state, listener, reason) in [
        (SynReceived, true, UnknownOwner::Pending),
        (Established, true, UnknownOwner::Pending),
        (CloseWait, true, UnknownOwner::Pending),
        (Established, false, UnknownOwner::Kernel),
        (FinWait2, true, UnknownOwner::Exited),
        (LastAck, false, UnknownOwner::Exited),
    ] {
        assert_eq!(reason_without_descriptor(state, listener), reason, "{state:?} {listener}");
    }
}

fn process(pid: u32, start: u64, app: &str) -> Arc<Process> {
    Arc::new(Process {
        key: ProcessKey { pid, start },
        name: app.into(),
        executable: None,
        file: None,
        app: App { name: app.into(), evidence: AppEvidence::ProcessName },
        user: None,
        started: None,
        own: false,
    })
}

#[test]
fn several_holders_are_one_owner_when_they_are_one_app() {
    assert_eq!(verdict(Vec::new()), None);
    let (first, worker, other) = (process(1, 5, "nginx"), process(2, 6, "nginx"), process(3, 7, "cat"));
    let owned = Attribution::Owned { process: Arc::clone(&first), quality: MatchQuality::Descriptor };
    assert_eq!(verdict(vec![Arc::clone(&first), worker]), Some(owned));
    let both = vec![first, other];
    assert_eq!(verdict(both.clone()), Some(Attribution::Ambiguous(both)));
}

proptest! {
    /// Whatever order sockets come in, each is found as itself, with what was remembered of it.
    #[test]
    fn memory_finds_what_a_map_would(
        lists in prop::collection::vec(prop::collection::vec((1_u64..40, any::<bool>()), 0..60), 1..8)
    ) {
        let mut memory = Memory::new();
        let mut expected: HashMap<u64, u32> = HashMap::new();
        for (number, cookies) in (1..).zip(lists) {
            memory.begin();
            for (cookie, _) in &cookies {
                let known = memory.next(*cookie, || unknown(UnknownOwner::Pending, None));
                prop_assert_eq!(known.inode, expected.get(cookie).copied().unwrap_or(0));
                known.inode = number;
                known.seen = number;
                expected.insert(*cookie, number);
            }
            if cookies.first().is_some_and(|(_, forget)| *forget) {
                memory.forget_unseen(number);
                expected.retain(|_, seen| *seen == number);
            }
            prop_assert_eq!(memory.len(), expected.len());
            for (cookie, inode) in &expected {
                prop_assert_eq!(memory.get(*cookie).map(|known| known.inode), Some(*inode));
            }
        }
    }
}

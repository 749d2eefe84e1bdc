//! The states of TCP come through as they are: attempts that nobody answers, connections that are half
//! closed, and what the kernel keeps after a connection has ended.

use std::{
    io::Read as _,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
};

use rustix::{
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, bind, connect, getsockname, listen, socket_with},
};
use tapmap_core::{Attribution, MatchQuality, SocketRow, SocketState, UnknownOwner};

use super::{
    super::{SockDiagSource, sock_diag::SockDiag},
    connection, owner,
};

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (near, listener.accept().unwrap().0)
}

fn ends_of(stream: &TcpStream) -> (SocketAddr, SocketAddr) {
    (stream.local_addr().unwrap(), stream.peer_addr().unwrap())
}

fn address(socket: &OwnedFd) -> SocketAddr {
    getsockname(socket).unwrap().try_into().unwrap()
}

/// A listener with room for one connection that waits to be taken.
fn crowded() -> OwnedFd {
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    listen(&socket, 0).unwrap();
    socket
}

#[test]
fn an_attempt_that_nobody_answers_is_shown_with_its_process() {
    let listener = crowded();
    let target = address(&listener);
    let _waiting = TcpStream::connect(target).unwrap();
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let attempt = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None).unwrap();
    assert_eq!(connect(&attempt, &target), Err(Errno::INPROGRESS));
    let row = connection(&mut SockDiagSource::new(), address(&attempt), target);
    assert_eq!((row.state, owner(&row)), (SocketState::SynSent, Some(std::process::id())));
}

#[test]
fn a_connection_that_one_side_closed_is_half_closed_on_both() {
    let (near, mut far) = pair();
    let (here, there) = ends_of(&near);
    near.shutdown(Shutdown::Write).unwrap();
    assert_eq!(far.read(&mut [0]).unwrap(), 0);
    let mut source = SockDiagSource::new();
    // The other side may acknowledge a moment later.
    let state = std::iter::repeat_with(|| connection(&mut source, here, there).state);
    assert_eq!(state.into_iter().find(|state| *state != SocketState::FinWait1), Some(SocketState::FinWait2));
    assert_eq!(connection(&mut source, there, here).state, SocketState::CloseWait);
}

/// Closes a connection in order, this side first.
fn close(near: TcpStream, mut far: TcpStream) {
    near.shutdown(Shutdown::Write).unwrap();
    assert_eq!(far.read(&mut [0]).unwrap(), 0);
    drop(far);
    drop(near);
}

/// The row of a connection that has ended, once the kernel has put it aside.
fn put_aside(source: &mut SockDiagSource, here: SocketAddr, there: SocketAddr) -> SocketRow {
    loop {
        let rows = super::rows_at(source, here);
        let mut rows = rows.into_iter().filter(|row| row.remote == Some(there.into()));
        if let Some(row) = rows.find(|row| row.state == SocketState::TimeWait) {
            return row;
        }
        std::thread::yield_now();
    }
}

#[test]
fn what_waits_after_the_end_keeps_its_owner() {
    let (near, far) = pair();
    let (here, there) = ends_of(&near);
    let mut source = SockDiagSource::new();
    let listed = connection(&mut source, here, there);
    close(near, far);
    let row = put_aside(&mut source, here, there);
    assert_eq!(row.id, listed.id);
    let Attribution::Owned { process, quality } = row.owner else { panic!("{row:?}") };
    assert_eq!((process.key.pid, quality), (std::process::id(), MatchQuality::Remembered));
}

#[test]
fn what_waits_after_the_end_and_was_never_listed_belongs_to_the_kernel() {
    let (near, far) = pair();
    let (here, there) = ends_of(&near);
    close(near, far);
    let row = put_aside(&mut SockDiagSource::new(), here, there);
    let reason = UnknownOwner::Kernel;
    assert!(matches!(row.owner, Attribution::Unknown { reason: found, .. } if found == reason), "{row:?}");
}

#[test]
fn what_waits_after_the_end_can_be_left_out() {
    let (near, far) = pair();
    let (here, there) = ends_of(&near);
    close(near, far);
    put_aside(&mut SockDiagSource::new(), here, there);
    let mut diag = SockDiag::open().unwrap();
    let mut waits = |wanted| {
        diag.set_time_waits(wanted);
        let mut count = 0;
        diag.list(|socket| count += usize::from(socket.state == SocketState::TimeWait)).unwrap();
        count
    };
    assert_eq!((waits(true) > 0, waits(false)), (true, 0));
}

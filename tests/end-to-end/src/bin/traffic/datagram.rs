//! UDP: connected and unconnected sockets, single datagrams and many at once.

use std::{
    io::IoSlice,
    io::IoSliceMut,
    net::{SocketAddr, UdpSocket},
    os::fd::AsRawFd,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg};

use crate::{Bytes, Held};

/// How long an answer may take; on one machine it is there at once.
const PATIENCE: Duration = Duration::from_secs(10);

fn socket(remote: SocketAddr) -> Result<UdpSocket> {
    let socket = UdpSocket::bind(if remote.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" })?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// 500 datagrams of 400 bytes on a connected socket, each answered by its like.
pub(crate) fn connected(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let socket = socket(remote)?;
    socket.connect(remote)?;
    let mut received = 0;
    for _ in 0..500 {
        socket.send(&[b'd'; 400])?;
        received += socket.recv(&mut [0; 2048])? as u64;
    }
    held.push(Box::new(socket));
    Ok(Bytes { sent: 500 * 400, received })
}

/// 20,000 datagrams of 200 bytes as fast as they go, to nobody in particular. What is thrown away on
/// the way was sent all the same.
pub(crate) fn bursts(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let socket = socket(remote)?;
    socket.connect(remote)?;
    let mut sent = 0;
    while sent < 20_000 * 200 {
        match socket.send(&[b'b'; 200]) {
            Ok(count) => sent += count as u64,
            // Nobody takes them, and the far side says so now and then.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(error).context("could not send"),
        }
    }
    held.push(Box::new(socket));
    Ok(Bytes { sent, received: 0 })
}

/// One datagram of 48 bytes on a socket that is not connected, as a time client sends.
pub(crate) fn lone(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let socket = socket(remote)?;
    let sent = socket.send_to(&[0x23; 48], remote)? as u64;
    held.push(Box::new(socket));
    Ok(Bytes { sent, received: 0 })
}

/// `sendmmsg` and `recvmmsg`: 50 batches of 16 datagrams of 300 bytes on a connected socket, all
/// answered.
pub(crate) fn batches(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    const BATCH: usize = 16;
    let socket = socket(remote)?;
    socket.connect(remote)?;
    let payload = [b'm'; 300];
    let slices = [[IoSlice::new(&payload)]; BATCH];
    let mut bytes = Bytes::default();
    for _ in 0..50 {
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
        let nobody = [None::<SockaddrStorage>; BATCH];
        let sent = sendmmsg(socket.as_raw_fd(), &mut headers, &slices, nobody, [], MsgFlags::empty())?;
        ensure!(sent.count() == BATCH, "not all were sent");
        bytes.sent += (BATCH * payload.len()) as u64;
        let mut back = 0;
        while back < BATCH {
            let count = receive(&socket, BATCH - back, &mut bytes)?;
            if count == 0 {
                bail!("no answer");
            }
            back += count;
        }
    }
    held.push(Box::new(socket));
    Ok(bytes)
}

/// Receives up to so many datagrams at once; gives how many came.
fn receive(socket: &UdpSocket, most: usize, bytes: &mut Bytes) -> Result<usize> {
    let mut buffers = vec![[0; 512]; most];
    let mut slices: Vec<_> = buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
    let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(most, None);
    let flags = MsgFlags::MSG_WAITFORONE;
    let came: Vec<usize> = recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), flags, None)?
        .map(|message| message.bytes)
        .collect();
    bytes.received += came.iter().sum::<usize>() as u64;
    Ok(came.len())
}

//! As fast as one core goes: connections within this computer, and datagrams, for measurements.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket},
};

use anyhow::Result;

use crate::Bytes;

/// How many connections go to one address, a third of the ports for clients: after closing, the system keeps
/// each pair of ends for a minute, and searches for a free one where many are taken.
const TO_ONE_ADDRESS: usize = 10_000;

/// So many connections within this computer, one after the other: 64 bytes, then both ends close. A
/// `block` is for one run, so that runs do not wait for what the system keeps of those before.
pub(crate) fn connections(block: u8, count: usize) -> Result<Bytes> {
    let mut done = 0;
    let mut sent = 0;
    for number in 1..=250 {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 200, block, number), 0))?;
        let address = listener.local_addr()?;
        for _ in 0..TO_ONE_ADDRESS.min(count - done) {
            let mut near = TcpStream::connect(address)?;
            let (mut far, _) = listener.accept()?;
            near.write_all(&[b'x'; 64])?;
            far.read_exact(&mut [0; 64])?;
            drop(near);
            drop(far);
            done += 1;
            sent += 64;
        }
        if done == count {
            break;
        }
    }
    Ok(Bytes { sent, received: sent })
}

/// So many datagrams of 100 bytes from one unconnected socket, each received before the next.
pub(crate) fn datagrams(count: usize) -> Result<Bytes> {
    let receiver = UdpSocket::bind("127.0.0.1:0")?;
    let address = receiver.local_addr()?;
    let sender = UdpSocket::bind("127.0.0.1:0")?;
    let mut bytes = Bytes::default();
    for _ in 0..count {
        bytes.sent += sender.send_to(&[b'x'; 100], address)? as u64;
        bytes.received += receiver.recv(&mut [0; 200])? as u64;
    }
    Ok(bytes)
}

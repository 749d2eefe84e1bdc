//! Names: a tiny name server (RFC 1035) and its client, and the beginnings of TLS and QUIC connections.

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket},
};

use anyhow::{Context, Result, ensure};

use crate::{Bytes, Held};

/// The names that are known, the name that each stands for, and the address of that.
const KNOWN: [(&str, &str, Ipv4Addr); 2] = [
    ("www.example.org", "edge.example.net", Ipv4Addr::new(128, 138, 140, 44)),
    ("cdn.example.org", "edge.example.net", Ipv4Addr::new(128, 138, 140, 44)),
];

/// Asks a server for a name, then connects to the remote end and holds that.
pub(crate) fn look_up(server: SocketAddr, name: &str, remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.set_read_timeout(Some(std::time::Duration::from_secs(10)))?;
    socket.connect(server)?;
    // One question, recursion desired, type A, class IN.
    let mut query = vec![0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    query.extend(encoded(name));
    query.extend([0, 1, 0, 1]);
    socket.send(&query)?;
    let mut answer = [0; 512];
    let length = socket.recv(&mut answer)?;
    ensure!(length > query.len(), "the name is not known");
    held.push(Box::new(TcpStream::connect(remote)?));
    held.push(Box::new(socket));
    Ok(Bytes::default())
}

/// The answer to a query for one of the known names: its CNAME, and the address of that.
pub(crate) fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let (name, end) = decoded(query.get(12..)?)?;
    let (_, other, address) = KNOWN.into_iter().find(|(known, ..)| *known == name)?;
    let question = query.get(12..12 + end + 4)?;
    let mut answer = query.get(..2)?.to_vec();
    // A response, recursion available; one question, two answers.
    answer.extend([0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0]);
    answer.extend(question);
    let record = |owner: &[u8], kind: u8, content: &[u8]| {
        let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
        // Class IN, to be kept for 300 s.
        [owner, &[0, kind, 0, 1, 0, 0, 1, 44, 0, length], content].concat()
    };
    // The name of the question stands at byte 12 (RFC 1035 §4.1.4).
    answer.extend(record(&[0xC0, 12], 5, &encoded(other)));
    answer.extend(record(&encoded(other), 1, &address.octets()));
    Some(answer)
}

/// A name as labels with their lengths.
fn encoded(name: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap_or(63));
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    bytes
}

/// The name that bytes begin with, and how many bytes it takes.
fn decoded(bytes: &[u8]) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut at = 0;
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(std::str::from_utf8(bytes.get(at..at + length)?).ok()?.to_ascii_lowercase());
        at += length;
    }
}

/// How much of a cut `ClientHello` goes into the first segment, and how much stands before the name.
const FIRST: usize = 1_200;

/// Begins a TLS connection that asks for a name, and holds it.
pub(crate) fn tls(remote: SocketAddr, name: &str, held: &mut Held) -> Result<Bytes> {
    let hello = client_hello(name, 0).context("the name is too long")?;
    begin(remote, &[&hello], held)
}

/// The same in two segments, as a network card that does not cut segments itself sends it: the name is
/// in the second.
pub(crate) fn cut_tls(remote: SocketAddr, name: &str, held: &mut Held) -> Result<Bytes> {
    let hello = client_hello(name, FIRST).context("the name is too long")?;
    let (first, second) = hello.split_at_checked(FIRST).context("too short to be cut")?;
    begin(remote, &[first, second], held)
}

fn begin(remote: SocketAddr, pieces: &[&[u8]], held: &mut Held) -> Result<Bytes> {
    let mut stream = TcpStream::connect(remote)?;
    stream.set_nodelay(true)?;
    for piece in pieces {
        stream.write_all(piece)?;
    }
    held.push(Box::new(stream));
    Ok(Bytes { sent: pieces.iter().map(|piece| piece.len() as u64).sum(), received: 0 })
}

/// Begins a QUIC connection to `example.com` with the packet that RFC 9001 §A.2 shows, and holds its
/// socket.
pub(crate) fn quic(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.connect(remote)?;
    let sent = socket.send(include_bytes!("initial.bin"))? as u64;
    held.push(Box::new(socket));
    Ok(Bytes { sent, received: 0 })
}

/// A `ClientHello` (RFC 8446 §4.1.2) with one cipher suite, so much padding (RFC 7685) and the server's
/// name (RFC 6066 §3).
fn client_hello(name: &str, padding: usize) -> Option<Vec<u8>> {
    let long = |bytes: Vec<u8>| Some([&u16::try_from(bytes.len()).ok()?.to_be_bytes()[..], &bytes].concat());
    let host = [vec![0], long(name.as_bytes().to_vec())?].concat();
    let server_name = [vec![0, 0], long(long(host)?)?].concat();
    let mut hello = vec![3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0x13, 0x01, 1, 0]);
    let padding = [vec![0, 21], long(vec![0; padding])?].concat();
    hello.extend(long([padding, server_name].concat())?);
    let handshake = [vec![1, 0], long(hello)?].concat();
    Some([vec![0x16, 3, 1], long(handshake)?].concat())
}

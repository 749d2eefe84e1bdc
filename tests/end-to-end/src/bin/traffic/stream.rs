//! TCP: the ways in which programs send over one connection, and over many.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    os::fd::AsFd,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use nix::{
    fcntl::SpliceFFlags,
    sys::{
        memfd::{MFdFlags, memfd_create},
        socket::{setsockopt, sockopt},
    },
    unistd::pipe,
};

use crate::{Bytes, Held};

/// What one connection sends after the sixteen bytes that ask for an answer.
const SENT: u64 = 3_000_000;
/// What it asks for.
const WANTED: u64 = 700_000;
/// How much at once.
const PIECE: usize = 65_536;

/// A connection that says beforehand how much it will send, and how much it wants back.
pub(crate) struct Exchange {
    pub(crate) stream: TcpStream,
    bytes: Bytes,
}

impl Exchange {
    pub(crate) fn begin(remote: SocketAddr, sending: u64, wanted: u64) -> Result<Self> {
        let mut stream = TcpStream::connect(remote).with_context(|| format!("no connection to {remote}"))?;
        stream.write_all(&sending.to_le_bytes())?;
        stream.write_all(&wanted.to_le_bytes())?;
        Ok(Self { stream, bytes: Bytes { sent: 16 + sending, received: wanted } })
    }

    /// Takes the whole answer, and leaves the connection open.
    fn take_answer(self, held: &mut Held) -> Result<Bytes> {
        let received = io::copy(&mut Read::take(&self.stream, self.bytes.received), &mut io::sink())?;
        ensure!(received == self.bytes.received, "the answer is short");
        Ok(self.hold(held))
    }

    /// Leaves the connection open when everything is done.
    pub(crate) fn hold(self, held: &mut Held) -> Bytes {
        held.push(Box::new(self.stream));
        self.bytes
    }
}

/// `write` and `read`.
pub(crate) fn plain(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let mut exchange = Exchange::begin(remote, SENT, WANTED)?;
    io::copy(&mut io::repeat(b'p').take(SENT), &mut exchange.stream)?;
    exchange.take_answer(held)
}

/// `sendfile` from a file in memory.
pub(crate) fn sendfile(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let exchange = Exchange::begin(remote, SENT, WANTED)?;
    let file = file()?;
    let mut sent = 0;
    while sent < SENT {
        let count = nix::sys::sendfile::sendfile(&exchange.stream, &file, None, PIECE)?;
        ensure!(count > 0, "the file ended early");
        sent += count as u64;
    }
    exchange.take_answer(held)
}

/// `splice` through a pipe, both ways.
pub(crate) fn splice(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let exchange = Exchange::begin(remote, SENT, WANTED)?;
    let (outlet, inlet) = pipe()?;
    pour(&file()?, &inlet, &outlet, &exchange.stream, SENT)?;
    let nowhere = File::create("/dev/null")?;
    pour(&exchange.stream, &inlet, &outlet, &nowhere, WANTED)?;
    Ok(exchange.hold(held))
}

/// Moves so many bytes from one descriptor to another through a pipe.
fn pour(from: &impl AsFd, inlet: &impl AsFd, outlet: &impl AsFd, to: &impl AsFd, count: u64) -> Result<()> {
    let flags = SpliceFFlags::empty();
    let mut moved = 0;
    while moved < count {
        let piece = PIECE.min(usize::try_from(count - moved)?);
        let mut waiting = nix::fcntl::splice(from, None, inlet, None, piece, flags)?;
        ensure!(waiting > 0, "it ended early");
        moved += waiting as u64;
        while waiting > 0 {
            waiting -= nix::fcntl::splice(outlet, None, to, None, waiting, flags)?;
        }
    }
    Ok(())
}

/// A file of `SENT` bytes in memory.
fn file() -> Result<File> {
    let mut file = File::from(memfd_create(c"content", MFdFlags::MFD_CLOEXEC)?);
    io::copy(&mut io::repeat(b'f').take(SENT), &mut file)?;
    file.rewind()?;
    Ok(file)
}

/// Many small writes, each a segment of its own, as fast as they go.
pub(crate) fn small_writes(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    const WRITES: u64 = 10_000;
    let mut exchange = Exchange::begin(remote, WRITES * 37, WANTED)?;
    exchange.stream.set_nodelay(true)?;
    for _ in 0..WRITES {
        exchange.stream.write_all(&[b's'; 37])?;
    }
    exchange.take_answer(held)
}

/// Many connections, one after the other, each 100 bytes out and 200 in.
pub(crate) fn connections(remote: SocketAddr, count: u64) -> Result<Bytes> {
    let mut total = Bytes::default();
    for _ in 0..count {
        let mut exchange = Exchange::begin(remote, 84, 200)?;
        exchange.stream.write_all(&[b'c'; 84])?;
        let one = exchange.take_answer(&mut Held::new())?;
        total = Bytes { sent: total.sent + one.sent, received: total.received + one.received };
    }
    Ok(total)
}

/// Twenty connections that are reset instead of closed (`SO_LINGER` of no time), 1,000 bytes each way.
pub(crate) fn reset(remote: SocketAddr) -> Result<Bytes> {
    const COUNT: u64 = 20;
    for _ in 0..COUNT {
        let mut exchange = Exchange::begin(remote, 984, 1000)?;
        exchange.stream.write_all(&[b'r'; 984])?;
        let mut held = Held::new();
        set_linger(&exchange.stream, Duration::ZERO)?;
        exchange.take_answer(&mut held)?;
    }
    Ok(Bytes { sent: COUNT * 1000, received: COUNT * 1000 })
}

/// A connection that nobody answers: it goes on being tried.
pub(crate) fn attempt(remote: SocketAddr) -> Bytes {
    thread::spawn(move || TcpStream::connect(remote));
    Bytes::default()
}

/// A connection whose own half is closed.
pub(crate) fn half_closed(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let exchange = Exchange::begin(remote, 0, 0)?;
    exchange.stream.shutdown(Shutdown::Write)?;
    Ok(exchange.hold(held))
}

/// A connection of a program with itself.
pub(crate) fn within(local: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let listener = TcpListener::bind(local)?;
    held.push(Box::new(TcpStream::connect(local)?));
    held.push(Box::new(listener.accept()?));
    held.push(Box::new(listener));
    Ok(Bytes::default())
}

fn set_linger(stream: &TcpStream, time: Duration) -> Result<()> {
    let seconds = i32::try_from(time.as_secs())?;
    let linger = nix::libc::linger { l_onoff: 1, l_linger: seconds };
    Ok(setsockopt(stream, sockopt::Linger, &linger)?)
}

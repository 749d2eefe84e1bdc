//! `io_uring`: the kernel sends and receives on its own account, without a system call for each.

use std::{net::SocketAddr, os::fd::AsRawFd};

use anyhow::{Context, Result, bail};
use io_uring::{IoUring, opcode, squeue, types::Fd};

use crate::{Bytes, Held, stream::Exchange};

/// How many bytes at once.
const PIECE: u32 = 50_000;
/// How many are sent after the sixteen that ask for an answer.
const SENT: u64 = 2_000_000;
/// What is asked for.
const WANTED: u64 = 600_000;

/// Sends and receives over one connection by the ring alone, but for the bytes that ask.
pub(crate) fn io_uring(remote: SocketAddr, held: &mut Held) -> Result<Bytes> {
    let mut ring = IoUring::new(2).context("this kernel gives no ring")?;
    let exchange = Exchange::begin(remote, SENT, WANTED)?;
    let socket = Fd(exchange.stream.as_raw_fd());
    let mut buffer = vec![b'u'; PIECE as usize];
    let mut left = SENT;
    while left > 0 {
        let piece = PIECE.min(u32::try_from(left)?);
        left -= one(&mut ring, &opcode::Send::new(socket, buffer.as_ptr(), piece).build())?;
    }
    let mut left = WANTED;
    while left > 0 {
        match one(&mut ring, &opcode::Recv::new(socket, buffer.as_mut_ptr(), PIECE).build())? {
            0 => bail!("the answer is short"),
            count => left -= count,
        }
    }
    Ok(exchange.hold(held))
}

/// Does one thing and waits for it.
fn one(ring: &mut IoUring, entry: &squeue::Entry) -> Result<u64> {
    // SAFETY: buffer and socket of the entry outlive this call, which returns when the kernel is done.
    #[expect(unsafe_code, reason = "the ring takes plain pointers")]
    let pushed = unsafe { ring.submission().push(entry) };
    pushed.context("the ring is full")?;
    ring.submit_and_wait(1)?;
    let done = ring.completion().next().context("nothing was done")?.result();
    u64::try_from(done).map_err(|_| std::io::Error::from_raw_os_error(-done).into())
}

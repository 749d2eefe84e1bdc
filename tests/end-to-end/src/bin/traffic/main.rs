//! The tests' program that makes traffic: one subcommand for each way in which programs send. It does
//! its work, says `ready PID SENT RECEIVED` with the exact numbers of payload bytes, and holds what is
//! left open until its standard input ends. Bounded in number and time.

mod answer;
mod datagram;
mod flood;
mod moments;
mod names;
mod ring;
mod stream;

use std::{
    any::Any,
    io::{self, Write},
    net::SocketAddr,
};

use anyhow::{Context, Result, bail};

/// Payload bytes that a program sent and received.
#[derive(Clone, Copy, Debug, Default)]
struct Bytes {
    sent: u64,
    received: u64,
}

/// What is left open, to be held.
type Held = Vec<Box<dyn Any>>;

const USAGE: &str = "usage: traffic answer
       traffic plain|sendfile|splice|io_uring|small_writes|reset REMOTE
       traffic attempt|half_closed REMOTE | within LOCAL
       traffic connections REMOTE COUNT
       traffic datagrams|datagram_bursts|lone_datagram|batches REMOTE
       traffic moments REMOTE COUNT MILLISECONDS
       traffic processes REMOTE COUNT MILLISECONDS
       traffic scan ADDRESS FIRST LAST
       traffic flood BLOCK COUNT | flood_of_datagrams COUNT
       traffic look_up SERVER NAME REMOTE | tls|cut_tls REMOTE NAME | quic REMOTE";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut held = Held::new();
    let bytes = match words.as_slice() {
        ["answer"] => answer::answer(&mut held)?,
        ["plain", remote] => stream::plain(address(remote)?, &mut held)?,
        ["sendfile", remote] => stream::sendfile(address(remote)?, &mut held)?,
        ["splice", remote] => stream::splice(address(remote)?, &mut held)?,
        ["small_writes", remote] => stream::small_writes(address(remote)?, &mut held)?,
        ["reset", remote] => stream::reset(address(remote)?)?,
        ["attempt", remote] => stream::attempt(address(remote)?),
        ["half_closed", remote] => stream::half_closed(address(remote)?, &mut held)?,
        ["within", local] => stream::within(address(local)?, &mut held)?,
        ["connections", remote, count] => stream::connections(address(remote)?, count.parse()?)?,
        ["io_uring", remote] => ring::io_uring(address(remote)?, &mut held)?,
        ["datagrams", remote] => datagram::connected(address(remote)?, &mut held)?,
        ["datagram_bursts", remote] => datagram::bursts(address(remote)?, &mut held)?,
        ["lone_datagram", remote] => datagram::lone(address(remote)?, &mut held)?,
        ["batches", remote] => datagram::batches(address(remote)?, &mut held)?,
        ["moments", remote, count, life] => {
            moments::threads(address(remote)?, count.parse()?, life.parse()?)?
        }
        ["processes", remote, count, life] => moments::processes(remote, count.parse()?, life)?,
        ["once", remote, life] => return moments::once(address(remote)?, life.parse()?),
        ["scan", to, first, last] => moments::scan(to.parse()?, first.parse()?, last.parse()?)?,
        ["flood", block, count] => flood::connections(block.parse()?, count.parse()?)?,
        ["flood_of_datagrams", count] => flood::datagrams(count.parse()?)?,
        ["look_up", server, name, remote] => {
            names::look_up(address(server)?, name, address(remote)?, &mut held)?
        }
        ["cut_tls", remote, name] => names::cut_tls(address(remote)?, name, &mut held)?,
        ["quic", remote] => names::quic(address(remote)?, &mut held)?,
        ["tls", remote, name] => names::tls(address(remote)?, name, &mut held)?,
        _ => bail!("{USAGE}"),
    };
    let mut output = io::stdout();
    writeln!(output, "ready {} {} {}", std::process::id(), bytes.sent, bytes.received)?;
    output.flush()?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

fn address(text: &str) -> Result<SocketAddr> {
    text.parse().with_context(|| format!("{text:?} is no address and port"))
}

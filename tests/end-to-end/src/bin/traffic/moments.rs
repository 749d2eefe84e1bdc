//! Connections of a moment: by threads, by processes that exit, and by a scan of closed ports.

use std::{
    net::{IpAddr, SocketAddr, TcpStream},
    process::Command,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::Bytes;

/// How many at once.
const AT_ONCE: usize = 6;

/// So many connections that live so many milliseconds and send one byte, of one process.
pub(crate) fn threads(remote: SocketAddr, count: usize, life: u64) -> Result<Bytes> {
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE)
            .map(|worker| {
                scope.spawn(move || (worker..count).step_by(AT_ONCE).try_for_each(|_| once(remote, life)))
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().ok().context("a thread broke")?)
    })?;
    Ok(Bytes { sent: count as u64, received: 0 })
}

/// The same, each by a process of its own that exits at once after closing it.
pub(crate) fn processes(remote: &str, count: usize, life: &str) -> Result<Bytes> {
    let program = std::env::current_exe()?;
    let mut started = 0;
    while started < count {
        let batch = (0..AT_ONCE.min(count - started))
            .map(|_| Command::new(&program).args(["once", remote, life]).spawn())
            .collect::<Result<Vec<_>, _>>()?;
        for mut process in batch {
            ensure!(process.wait()?.success(), "a process could not connect");
            started += 1;
        }
    }
    Ok(Bytes { sent: count as u64, received: 0 })
}

/// One such connection.
#[expect(clippy::disallowed_methods, reason = "how long the connection lives is what it is for")]
pub(crate) fn once(remote: SocketAddr, life: u64) -> Result<()> {
    let mut stream = TcpStream::connect(remote).with_context(|| format!("no connection to {remote}"))?;
    std::io::Write::write_all(&mut stream, b"1")?;
    thread::sleep(Duration::from_millis(life));
    Ok(())
}

/// Tries every port from the first to the last; all are closed.
pub(crate) fn scan(to: IpAddr, first: u16, last: u16) -> Result<Bytes> {
    for port in first..=last {
        ensure!(TcpStream::connect((to, port)).is_err(), "port {port} is open");
    }
    Ok(Bytes::default())
}

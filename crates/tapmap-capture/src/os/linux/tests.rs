//! The source against this very system: sockets that the tests open on loopback, and other processes,
//! which are copies of the test program.

mod child;
mod container;
mod ends;
mod holders;
mod kernel_programs;
mod rows;
mod states;

use std::net::SocketAddr;

use tapmap_core::{Endpoint, Sighting, SnapshotSource as _, SocketRow, Timestamp};

use super::SockDiagSource;

/// What the source is told now, without the moments.
fn told(source: &mut SockDiagSource, millis: i64) -> Vec<Sighting> {
    let told = source.told(Timestamp::from_millis(millis));
    told.into_iter().map(|observation| observation.sighting).collect()
}

/// The rows with this near end, in a list of now.
fn rows_at(source: &mut SockDiagSource, local: SocketAddr) -> Vec<SocketRow> {
    let mut rows = source.snapshot().unwrap().sockets;
    rows.retain(|row| row.local == Endpoint::from(local));
    rows
}

/// The row of a connection, by both ends.
fn connection(source: &mut SockDiagSource, local: SocketAddr, remote: SocketAddr) -> SocketRow {
    let mut rows = rows_at(source, local);
    rows.retain(|row| row.remote == Some(Endpoint::from(remote)));
    assert_eq!(rows.len(), 1, "{local} {remote}");
    rows.remove(0)
}

/// The pid of a row's owner, when it is one process whose descriptor was seen.
fn owner(row: &SocketRow) -> Option<u32> {
    (row.owner.word() == "descriptor").then(|| row.owner.process().map(|process| process.key.pid)).flatten()
}

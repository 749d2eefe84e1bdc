//! Who opened connections lately, by far address: from that, and from nothing else, it may be guessed
//! who opened one whose owner was gone before it could be read. A guess never counts as an owner.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    time::Duration,
};

use crate::{App, Timestamp};

/// How many far addresses are remembered.
const ADDRESSES: usize = 1_024;
/// How many connections to one address.
const CONNECTIONS: usize = 8;
/// How long ago a neighbour may have been there.
const RECENT: Duration = Duration::from_mins(1);
/// How far apart the local ports may be. Linux takes the ports to one destination from one sequence,
/// by twos (`__inet_hash_connect`), so that neighbours in time are neighbours in number.
const PORTS: u16 = 64;

/// Connections whose owner is known.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    by_address: HashMap<IpAddr, VecDeque<Neighbour>>,
    oldest: VecDeque<IpAddr>,
}

#[derive(Debug)]
struct Neighbour {
    port: u16,
    app: App,
    at: Timestamp,
}

impl Neighbours {
    /// Remembers who connected to an address from a port.
    pub(super) fn note(&mut self, remote: IpAddr, port: u16, app: &App, at: Timestamp) {
        let neighbours = self.by_address.entry(remote).or_insert_with(|| {
            self.oldest.push_back(remote);
            VecDeque::new()
        });
        neighbours.retain(|neighbour| neighbour.port != port);
        neighbours.push_front(Neighbour { port, app: app.clone(), at });
        neighbours.truncate(CONNECTIONS);
        if self.oldest.len() > ADDRESSES
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.by_address.remove(&oldest);
        }
    }

    /// The one app that opened the neighbouring ports to the same address; none when they are of
    /// several apps.
    pub(super) fn guess(&self, remote: IpAddr, port: u16, at: Timestamp) -> Option<&App> {
        let mut near =
            self.by_address.get(&remote)?.iter().filter(|neighbour| {
                neighbour.port.abs_diff(port) <= PORTS && at.since(neighbour.at) <= RECENT
            });
        let first = &near.next()?.app;
        near.all(|neighbour| neighbour.app.name == first.name).then_some(first)
    }
}

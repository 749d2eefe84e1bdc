//! The names that were heard, and which of them led to a flow: the ladder of
//! [`NameSource`], best first. Bounded; what is oldest is forgotten.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use crate::{Direction, Endpoint, Flow, LeadsTo, Name, NameHeard, NameSource, Process, Timestamp};

/// How many addresses with names are remembered: some weeks of one desktop's, about 6 MB.
const ADDRESSES: usize = 16_384;
/// How many names of one address: a shared edge has hundreds, of which the latest matter.
const NAMES_OF_ADDRESS: usize = 8;
/// How many connections that named themselves may wait for their flow, or outlive it.
const CONNECTIONS: usize = 8_192;
/// Apps keep answers longer than these allow, and connect again: so long a name still explains a new
/// connection when no fresh answer does. Its age is shown.
const USED_AFTER_EXPIRY: Duration = Duration::from_hours(1);
/// Answer and connection come by different ways: an answer that is heard so much after the connection
/// may still have led to it.
const HEARD_LATE: Duration = Duration::from_secs(2);

/// What was heard.
#[derive(Debug, Default)]
pub(super) struct Names {
    connections: HashMap<(u16, Endpoint), Heard>,
    oldest_connections: VecDeque<(u16, Endpoint)>,
    addresses: HashMap<IpAddr, VecDeque<Heard>>,
    oldest_addresses: VecDeque<IpAddr>,
    /// The far ends that something was heard of since this was last taken.
    news: HashSet<IpAddr>,
}

#[derive(Clone, Debug)]
struct Heard {
    name: Arc<str>,
    aliases: Vec<Arc<str>>,
    source: NameSource,
    asked_by: Option<Arc<Process>>,
    at: Timestamp,
    time_to_live: Duration,
}

impl Names {
    /// Takes a name in. Loopback has none.
    pub(super) fn hear(&mut self, heard: NameHeard, at: Timestamp) {
        let NameHeard { name, aliases, source, leads_to } = heard;
        match leads_to {
            LeadsTo::Connection { from, to } if !to.address().is_loopback() => {
                let heard = Heard { name, aliases, source, asked_by: None, at, time_to_live: Duration::ZERO };
                self.hear_connection((from.port(), to), heard);
            }
            LeadsTo::Connection { .. } => {}
            LeadsTo::Addresses { addresses, asked_by, time_to_live } => {
                for address in addresses.into_iter().filter(|address| !address.is_loopback()) {
                    let (name, aliases, asked_by) = (Arc::clone(&name), aliases.clone(), asked_by.clone());
                    let heard = Heard { name, aliases, source, asked_by, at, time_to_live };
                    self.hear_address(address.to_canonical(), heard);
                }
            }
        }
    }

    fn hear_connection(&mut self, connection: (u16, Endpoint), heard: Heard) {
        self.news.insert(connection.1.address());
        if self.connections.insert(connection, heard).is_none() {
            self.oldest_connections.push_back(connection);
        }
        if self.oldest_connections.len() > CONNECTIONS
            && let Some(oldest) = self.oldest_connections.pop_front()
        {
            self.connections.remove(&oldest);
        }
    }

    fn hear_address(&mut self, address: IpAddr, heard: Heard) {
        self.news.insert(address);
        let names = self.addresses.entry(address).or_insert_with(|| {
            self.oldest_addresses.push_back(address);
            VecDeque::new()
        });
        let is_same = |known: &Heard| {
            (&known.name, known.source) == (&heard.name, heard.source)
                && app(known.asked_by.as_ref()) == app(heard.asked_by.as_ref())
        };
        names.retain(|known| !is_same(known));
        // With no time to live it only takes back what was said.
        if heard.time_to_live > Duration::ZERO {
            names.push_front(heard);
        }
        names.truncate(NAMES_OF_ADDRESS);
        if self.oldest_addresses.len() > ADDRESSES
            && let Some(oldest) = self.oldest_addresses.pop_front()
        {
            self.addresses.remove(&oldest);
        }
    }

    /// The far ends of which something was heard since the last time.
    pub(super) fn take_news(&mut self) -> HashSet<IpAddr> {
        std::mem::take(&mut self.news)
    }

    /// The best name of a flow's far end, with all that fit equally well.
    pub(super) fn of(&self, flow: &Flow) -> Option<Name> {
        let outbound = flow.direction == Direction::Outbound;
        let named_itself =
            outbound.then(|| self.connections.get(&(flow.local.port(), flow.remote))).flatten();
        if let Some(heard) = named_itself.filter(|heard| heard.is_of(flow)) {
            return Some(name(heard.source, &[heard]));
        }
        let heard = self.addresses.get(&flow.remote.address())?;
        let opened = flow.span.first_seen;
        let fitting: Vec<(NameSource, &Heard)> = heard
            .iter()
            .filter(|heard| heard.may_have_led_to(opened))
            .map(|it| (it.rung(flow), it))
            .collect();
        let best = fitting.iter().map(|(rung, _)| *rung).min()?;
        let best_names: Vec<&Heard> =
            fitting.iter().filter(|(rung, _)| *rung == best).map(|(_, heard)| *heard).collect();
        let fresh: Vec<&Heard> =
            best_names.iter().copied().filter(|heard| heard.is_fresh_at(opened)).collect();
        Some(name(best, if fresh.is_empty() { &best_names } else { &fresh }))
    }
}

impl Heard {
    /// A port is used again: what a connection said of itself is not said of one much later.
    fn is_of(&self, flow: &Flow) -> bool {
        self.at.since(flow.span.first_seen) > Duration::ZERO
            || flow.span.first_seen.since(self.at) <= HEARD_LATE
    }

    fn is_lasting(&self) -> bool {
        matches!(self.source, NameSource::HostsFile | NameSource::ReverseDns)
    }

    /// Whether a connection of that moment can have used it.
    fn may_have_led_to(&self, opened: Timestamp) -> bool {
        self.is_lasting()
            || (self.at.since(opened) <= HEARD_LATE
                && opened.since(self.at) <= self.time_to_live.saturating_add(USED_AFTER_EXPIRY))
    }

    fn is_fresh_at(&self, opened: Timestamp) -> bool {
        self.is_lasting() || opened.since(self.at) <= self.time_to_live
    }

    /// Its rung for this flow: an answer to the app that connected is better than one to another.
    fn rung(&self, flow: &Flow) -> NameSource {
        let asked = app(self.asked_by.as_ref());
        let connected = flow.attribution.app().map(|app| &*app.name);
        match self.source {
            NameSource::Dns | NameSource::DnsOfApp if asked.is_some() && asked == connected => {
                NameSource::DnsOfApp
            }
            NameSource::Dns | NameSource::DnsOfApp => NameSource::Dns,
            NameSource::TlsServerName
            | NameSource::QuicServerName
            | NameSource::HostsFile
            | NameSource::ReverseDns => self.source,
        }
    }
}

fn app(process: Option<&Arc<Process>>) -> Option<&str> {
    process.map(|process| &*process.app.name)
}

/// One name of several that fit equally well, the latest heard first.
fn name(source: NameSource, heard: &[&Heard]) -> Name {
    let mut candidates: Vec<Arc<str>> = Vec::with_capacity(heard.len());
    for heard in heard {
        if !candidates.contains(&heard.name) {
            candidates.push(Arc::clone(&heard.name));
        }
    }
    let first = heard.first();
    Name {
        candidates,
        source,
        heard_at: first.map_or_else(Timestamp::default, |heard| heard.at),
        aliases: first.map_or_else(Vec::new, |heard| heard.aliases.clone()),
    }
}

//! One row of a scenario: how a socket is written by hand.
//!
//! ```text
//! tcp 10.0.0.5:50000 > 192.0.2.7:443 firefox                 connected; the owner's name last
//! tcp [2001:db8::5]:50000 > [2001:db8::7]:443 close_wait curl
//! listen tcp 0.0.0.0:22 sshd/812                             with a pid of its own
//! listen udp 0.0.0.0:5353 avahi-daemon
//! udp 10.0.0.5:40000 > 192.0.2.53:53 resolved
//! tcp 10.0.0.5:50001 > 192.0.2.7:443 ?pending                not identified, by the reason's word
//! tcp 10.0.0.5:50002 > 192.0.2.7:443 ?not_permitted=nginx    … of the unit nginx
//! tcp 10.0.0.5:50003 > 192.0.2.7:443 ~ssh                    remembered from earlier
//! tcp 10.0.0.5:50003 > 192.0.2.7:443 !ssh                    named by the kernel as it happened
//! tcp 10.0.0.5:50004 > 192.0.2.7:443 postgres/20|postgres/21 one of two
//! tcp 10.0.0.5:50005 > 192.0.2.7:443 tapmap!                 this program itself
//! tcp 10.0.0.5:50005 > 192.0.2.7:443 container:db            in the container db
//! tcp 10.0.0.5:50006 > 192.0.2.7:443 curl sent=120 received=4096 rtt_ms=18.5 tag=2
//! tcp 172.17.0.2:50007 > 192.0.2.7:443 db network=2 evidence=event
//! ```
//!
//! `tag=` tells apart two sockets with the same ends, at the same time or one right after the other.
//! `network=` is a network of its own on this computer (0, which is left out, is the recorder's),
//! and `evidence=` the way in which the socket was seen (`list`, unless said).

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use tapmap_core::{
    App, AppEvidence, Attribution, Counters, Endpoint, Evidence, MatchQuality, Namespace, Process,
    ProcessKey, Protocol, SocketId, SocketRow, SocketState, UnknownOwner,
};

use crate::recording::{REASONS, STATES, by_word};

/// What makes a row the same socket as in the table before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    protocol: Protocol,
    local: Endpoint,
    remote: Option<Endpoint>,
    network: Namespace,
    tag: u32,
}

/// The processes that a scenario names, so that one name is one process throughout.
#[derive(Debug, Default)]
pub struct Processes {
    known: HashMap<String, Arc<Process>>,
}

/// A row that was read and has no identity yet.
#[derive(Debug)]
pub struct ParsedRow {
    /// What tells it apart.
    pub key: Key,
    state: SocketState,
    owner: Attribution,
    counters: Counters,
    evidence: Evidence,
}

impl ParsedRow {
    /// The row, as this socket.
    pub fn into_row(self, id: SocketId) -> SocketRow {
        SocketRow {
            id,
            protocol: self.key.protocol,
            local: self.key.local,
            remote: self.key.remote,
            state: self.state,
            owner: self.owner,
            counters: self.counters,
            namespace: self.key.network,
            evidence: self.evidence,
        }
    }
}

/// Reads a row.
///
/// # Errors
/// Says what of the row is not understood.
pub fn parse(text: &str, processes: &mut Processes) -> Result<ParsedRow, String> {
    let mut words = Words::of(text)?;
    let default = words.key.default_state();
    let state = match words.rest.first().map(|word| by_word(&STATES, SocketState::word, word)) {
        Some(Ok(state)) => {
            words.rest.remove(0);
            state
        }
        _ => default,
    };
    let [owner] = *words.rest else { return Err(format!("{text:?} must name one owner")) };
    let Words { key, counters, evidence, .. } = words;
    Ok(ParsedRow { key, state, owner: processes.owner(owner)?, counters, evidence })
}

/// Reads only what tells a row apart; owner and state may be missing.
///
/// # Errors
/// Says what of the row is not understood.
pub fn parse_key(text: &str) -> Result<Key, String> {
    Words::of(text).map(|words| words.key)
}

impl Key {
    /// That of the socket which is bound to the near end and has no peer.
    pub(super) fn without_peer(&self) -> Self {
        Self { remote: None, ..self.clone() }
    }

    fn default_state(&self) -> SocketState {
        match (self.protocol, self.remote) {
            (Protocol::Udp, _) => SocketState::Datagram,
            (Protocol::Tcp, None) => SocketState::Listen,
            (Protocol::Tcp, Some(_)) => SocketState::Established,
        }
    }
}

/// A row taken apart.
struct Words<'text> {
    key: Key,
    counters: Counters,
    evidence: Evidence,
    rest: Vec<&'text str>,
}

impl<'text> Words<'text> {
    fn of(text: &'text str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not a row like \"tcp 10.0.0.5:50000 > 192.0.2.7:443 firefox\"");
        let (settings, mut words): (Vec<_>, Vec<_>) =
            text.split_whitespace().partition(|word| !word.starts_with('?') && word.contains('='));
        let listens = words.first() == Some(&"listen");
        if listens {
            words.remove(0);
        }
        let (ends, rest) = match words.as_slice() {
            [_, _, ">", _, ..] if !listens => (3, words.split_off(4)),
            [_, _, ..] if listens => (1, words.split_off(2)),
            _ => return Err(bad()),
        };
        let protocol = by_word(&[Protocol::Tcp, Protocol::Udp], Protocol::word, words[0])?;
        let endpoint = |word: &str| word.parse::<SocketAddr>().map(Endpoint::from).map_err(|_| bad());
        let remote = (ends == 3).then(|| endpoint(words[3])).transpose()?;
        let key = Key { protocol, local: endpoint(words[1])?, remote, network: Namespace::OWN, tag: 1 };
        let mut parsed = Self { key, counters: Counters::default(), evidence: Evidence::List, rest };
        for setting in settings {
            parsed.set(setting).ok_or_else(|| format!("{setting:?} is not understood in {text:?}"))?;
        }
        Ok(parsed)
    }

    fn set(&mut self, setting: &str) -> Option<()> {
        let (name, value) = setting.split_once('=')?;
        match name {
            "sent" => self.counters.bytes_sent = Some(value.parse().ok()?),
            "received" => self.counters.bytes_received = Some(value.parse().ok()?),
            "rtt_ms" => {
                let seconds = value.parse::<f64>().ok()? / 1000.0;
                self.counters.round_trip = Some(Duration::try_from_secs_f64(seconds).ok()?);
            }
            "network" => self.key.network = Namespace(value.parse().ok()?),
            "evidence" => self.evidence = by_word(&Evidence::ALL, Evidence::word, value).ok()?,
            "tag" => self.key.tag = value.parse().ok()?,
            _ => return None,
        }
        Some(())
    }
}

impl Processes {
    fn owner(&mut self, word: &str) -> Result<Attribution, String> {
        if let Some(reason) = word.strip_prefix('?') {
            let (reason, unit) =
                reason.split_once('=').map_or((reason, None), |(reason, unit)| (reason, Some(unit)));
            let app = unit.map(|unit| App { name: unit.into(), evidence: AppEvidence::Unit });
            return Ok(Attribution::Unknown { reason: by_word(&REASONS, UnknownOwner::word, reason)?, app });
        }
        if word.contains('|') {
            let processes = word.split('|').map(|name| self.process(name));
            return Ok(Attribution::Ambiguous(processes.collect::<Result<_, _>>()?));
        }
        let (name, quality) = match (word.strip_prefix('~'), word.strip_prefix('!')) {
            (Some(name), _) => (name, MatchQuality::Remembered),
            (_, Some(name)) => (name, MatchQuality::Event),
            (None, None) => (word, MatchQuality::Descriptor),
        };
        Ok(Attribution::Owned { process: self.process(name)?, quality })
    }

    /// The process of that name, introduced where it is new.
    pub(super) fn process(&mut self, word: &str) -> Result<Arc<Process>, String> {
        if let Some(process) = self.known.get(word) {
            return Ok(Arc::clone(process));
        }
        let (rest, own) = word.strip_suffix('!').map_or((word, false), |rest| (rest, true));
        let (name, pid) = match rest.split_once('/') {
            Some((name, pid)) => (name, pid.parse().map_err(|_| format!("{pid:?} is not a pid"))?),
            None => (rest, 1000 + u32::try_from(self.known.len()).unwrap_or(0)),
        };
        let (name, evidence) = match name.strip_prefix("container:") {
            Some(container) => (container, AppEvidence::Container),
            None => (name, AppEvidence::FileName),
        };
        let process = Arc::new(Process {
            key: ProcessKey { pid, start: u64::from(pid) },
            name: name.into(),
            executable: Some(format!("/usr/bin/{name}").into()),
            file: None,
            app: App { name: name.into(), evidence },
            user: None,
            started: None,
            own,
        });
        self.known.insert(word.to_owned(), Arc::clone(&process));
        Ok(process)
    }
}

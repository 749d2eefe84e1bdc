//! Reads names from whatever is heard: decides which parser fits, and keeps the beginnings of
//! connections that came only in part.

use std::{net::IpAddr, sync::Arc};

use tapmap_core::{Heard, HeardKind, LeadsTo, NameHeard, NameReader, NameSource, Process, Timestamp};

use crate::{
    dns::{self, Answer},
    hosts::HostsFile,
    name::is_site,
    packet::{Packet, Payload, packet},
    pieces::Pieces,
    quic::{self, Beginning},
    resolved, reverse,
    tls::{self, Found},
    unfinished::{Ends, Unfinished},
};

/// Where DNS servers answer from.
const DNS: u16 = 53;

/// The reader of names.
#[derive(Debug, Default)]
pub struct Reader {
    streams: Unfinished<Stream>,
    beginnings: Unfinished<Beginning>,
    hosts: HostsFile,
}

/// The beginning of a TCP stream.
#[derive(Debug)]
struct Stream {
    /// The number of its first byte.
    first: u32,
    pieces: Pieces,
}

impl Reader {
    /// A reader that has heard nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn packet(&mut self, packet: &Packet<'_>, process: Option<&Arc<Process>>) -> Option<NameHeard> {
        let ends = (packet.from, packet.to);
        match packet.payload {
            Payload::Udp(bytes) if packet.from.port() == DNS => {
                dns::answer(bytes).map(|answer| asked(answer, process))
            }
            Payload::Tcp { bytes, .. } if packet.from.port() == DNS => {
                dns::answer_in_stream(bytes).map(|answer| asked(answer, process))
            }
            // A connection within this computer has no name.
            _ if !is_site(packet.to.address()) => None,
            Payload::Udp(bytes) => connection(self.datagram(ends, bytes), NameSource::QuicServerName, ends),
            Payload::Tcp { sequence, bytes } => {
                connection(self.segment(ends, sequence, bytes), NameSource::TlsServerName, ends)
            }
        }
    }

    /// The name in a segment of a TCP stream, together with those before it.
    fn segment(&mut self, ends: Ends, sequence: u32, bytes: &[u8]) -> Found {
        let begins = tls::begins(bytes);
        let mut stream = match self.streams.take(ends) {
            Some(stream) if !begins || stream.first == sequence => stream,
            _ if begins => Stream { first: sequence, pieces: Pieces::default() },
            _ => return Found::Nothing,
        };
        // Sequence numbers begin anew after the last one (RFC 9293 §3.4); one from before the beginning
        // is then far away, and left out.
        let offset = usize::try_from(sequence.wrapping_sub(stream.first)).unwrap_or(usize::MAX);
        stream.pieces.put(offset, bytes);
        match tls::server_name_in_stream(stream.pieces.whole()) {
            Found::Unfinished if !stream.pieces.is_full() => {
                self.streams.keep(ends, stream);
                Found::Unfinished
            }
            found => found,
        }
    }

    /// The name in a datagram, together with those before it.
    fn datagram(&mut self, ends: Ends, bytes: &[u8]) -> Found {
        if !quic::begins(bytes) {
            return Found::Nothing;
        }
        let kept = self.beginnings.take(ends);
        let continued = kept.and_then(|mut beginning| beginning.take(bytes).then_some(beginning));
        // Other keys: the connection began anew, after a Retry or from the same port.
        let Some(beginning) = continued.or_else(|| Beginning::open(bytes)) else { return Found::Nothing };
        let found = beginning.server_name();
        if found == Found::Unfinished {
            self.beginnings.keep(ends, beginning);
        }
        found
    }
}

impl NameReader for Reader {
    fn read(&mut self, heard: &Heard, _: Timestamp) -> Vec<NameHeard> {
        let bytes = &*heard.bytes;
        let one = match heard.kind {
            HeardKind::HostsFile => return self.hosts.replace(bytes),
            HeardKind::Packet => {
                packet(bytes).and_then(|packet| self.packet(&packet, heard.process.as_ref()))
            }
            HeardKind::Resolved => resolved::answer(bytes).map(|answer| asked(answer, None)),
            HeardKind::ReverseName => reverse::answer(bytes).map(reverse_name),
        };
        one.into_iter().collect()
    }
}

/// An answer to a name query. Whether the app that asked is the one that connects is not known here.
fn asked(answer: Answer, process: Option<&Arc<Process>>) -> NameHeard {
    let Answer { name, aliases, addresses, time_to_live } = answer;
    let asked_by = process.map(Arc::clone);
    let leads_to = LeadsTo::Addresses { addresses, asked_by, time_to_live };
    NameHeard { name, aliases, source: NameSource::Dns, leads_to }
}

fn connection(found: Found, source: NameSource, (from, to): Ends) -> Option<NameHeard> {
    let Found::Name(name) = found else { return None };
    Some(NameHeard { name, aliases: Vec::new(), source, leads_to: LeadsTo::Connection { from, to } })
}

fn reverse_name((address, name): (IpAddr, Arc<str>)) -> NameHeard {
    let leads_to = LeadsTo::Addresses {
        addresses: vec![address],
        asked_by: None,
        // Each address is asked for once a day.
        time_to_live: dns::LONGEST,
    };
    NameHeard { name, aliases: Vec::new(), source: NameSource::ReverseDns, leads_to }
}

//! Answers to name queries (RFC 1035): which name was asked for, which names it stands for, and the
//! addresses at the end. Records that do not belong to the question's chain lead nowhere.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use simple_dns::{Name, OPCODE, Packet, PacketFlag, RCODE, ResourceRecord, rdata::RData};

use crate::name::{host_name, is_site};

/// How long an answer is kept at least. Answers of busy sites live for seconds, but a program may
/// connect later than that, keeps what it has for a minute (browsers do), and its connection is seen a
/// look later still.
pub const SHORTEST: Duration = Duration::from_mins(1);
/// How long at most. An address may belong to another the day after, whatever the answer says.
pub const LONGEST: Duration = Duration::from_hours(24);
/// How many names a chain may have. Real ones have up to five or six; a longer one is a loop.
const LONGEST_CHAIN: usize = 16;

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The name that was asked for.
    pub name: Arc<str>,
    /// The names it stands for, in order.
    pub aliases: Vec<Arc<str>>,
    /// The addresses; never none.
    pub addresses: Vec<IpAddr>,
    /// How long it may be kept: the shortest of all that it rests on, within [`SHORTEST`] and [`LONGEST`].
    pub time_to_live: Duration,
}

/// Reads a DNS message; `None` when it is no answer that leads to an address.
pub fn answer(message: &[u8]) -> Option<Answer> {
    let packet = Packet::parse(message).ok()?;
    let answers = packet.has_flags(PacketFlag::RESPONSE)
        && packet.opcode() == OPCODE::StandardQuery
        && packet.rcode() == RCODE::NoError;
    let question = packet.questions.first().filter(|_| answers)?;
    follow(&question.qname, &packet.answers)
}

/// The same over TCP, where the length comes first (RFC 1035 §4.2.2). A message that came in several
/// segments is not put together.
pub fn answer_in_stream(bytes: &[u8]) -> Option<Answer> {
    let (length, rest) = bytes.split_first_chunk()?;
    answer(rest.get(..usize::from(u16::from_be_bytes(*length)))?)
}

/// Follows the chain of a name through records.
pub(crate) fn follow(asked: &Name<'_>, records: &[ResourceRecord<'_>]) -> Option<Answer> {
    let mut seconds = u32::MAX;
    let mut aliases = Vec::new();
    let mut name = asked;
    while let Some((target, alias_seconds)) = alias(name, records) {
        if aliases.len() >= LONGEST_CHAIN {
            return None;
        }
        aliases.push(text(target)?);
        seconds = seconds.min(alias_seconds);
        name = target;
    }
    let mut addresses = Vec::new();
    for record in records {
        if let Some(address) = address(record)
            && is_same(&record.name, name)
        {
            seconds = seconds.min(record.ttl);
            addresses.push(address);
        }
    }
    addresses.retain(|address| is_site(*address));
    let time_to_live = Duration::from_secs(seconds.into()).clamp(SHORTEST, LONGEST);
    (!addresses.is_empty()).then_some(Answer { name: text(asked)?, aliases, addresses, time_to_live })
}

/// The name that a name stands for, and for how many seconds.
fn alias<'a>(name: &Name<'_>, records: &'a [ResourceRecord<'a>]) -> Option<(&'a Name<'a>, u32)> {
    records.iter().find_map(|record| match &record.rdata {
        RData::CNAME(target) if is_same(&record.name, name) => Some((&target.0, record.ttl)),
        _ => None,
    })
}

fn address(record: &ResourceRecord<'_>) -> Option<IpAddr> {
    match &record.rdata {
        RData::A(a) => Some(Ipv4Addr::from_bits(a.address).into()),
        RData::AAAA(aaaa) => Some(IpAddr::from(Ipv6Addr::from_bits(aaaa.address)).to_canonical()),
        _ => None,
    }
}

/// Names are the same whatever their case (RFC 4343).
fn is_same(left: &Name<'_>, right: &Name<'_>) -> bool {
    let (left, right) = (left.get_labels(), right.get_labels());
    left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| left.as_ref().eq_ignore_ascii_case(right.as_ref()))
}

pub(crate) fn text(name: &Name<'_>) -> Option<Arc<str>> {
    let mut bytes = Vec::with_capacity(64);
    for label in name.as_bytes() {
        // A dot inside a label would be taken for one between two.
        if label.contains(&b'.') {
            return None;
        }
        if !bytes.is_empty() {
            bytes.push(b'.');
        }
        bytes.extend_from_slice(label);
    }
    host_name(&bytes)
}

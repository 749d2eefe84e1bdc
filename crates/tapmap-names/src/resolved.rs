//! Messages of systemd-resolved's monitor (varlink interface `io.systemd.Resolve.Monitor`, reply to
//! `SubscribeQueryResults`, systemd 252 on): JSON with the questions, and the answers as records in the
//! form in which they travel, in Base64.
//!
//! When a name stands for another, `collectedQuestions` holds the names that were asked before, in
//! order, and `question` the one at the end.

use std::iter;

use data_encoding::BASE64;
use serde::Deserialize;
use simple_dns::{Name, Packet};

use crate::dns::{Answer, follow};

/// The header of a DNS answer without questions (RFC 1035 §4.1.1), up to the number of its records.
const HEADER: [u8; 6] = [0, 0, 0x81, 0x80, 0, 0];
/// How many records are read of one message; one answer rarely has more than twenty.
const MOST: usize = 256;

#[derive(Deserialize)]
struct Message {
    parameters: Parameters,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    #[serde(default)]
    state: String,
    #[serde(default)]
    question: Vec<Question>,
    #[serde(default)]
    collected_questions: Vec<Question>,
    #[serde(default)]
    answer: Vec<Record>,
}

#[derive(Deserialize)]
struct Question {
    name: String,
}

#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    raw: String,
}

/// Reads one message, without its final NUL; `None` when it is no answer that leads to an address.
pub fn answer(message: &[u8]) -> Option<Answer> {
    let Message { parameters } = serde_json::from_slice(message).ok()?;
    if parameters.state != "success" {
        return None;
    }
    let records = records(&parameters.answer)?;
    let packet = Packet::parse(&records).ok()?;
    let asked = parameters.collected_questions.iter().chain(&parameters.question);
    let mut names: Vec<Name<'_>> = Vec::new();
    for question in asked {
        let name = Name::new(&question.name).ok()?;
        // Both kinds of address are asked for by the same name.
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    chain(&names, &packet)
}

/// Follows the chain from the first name. Where the records lack the step to the next name, the
/// questions have it.
fn chain(names: &[Name<'_>], packet: &Packet<'_>) -> Option<Answer> {
    let (first, later) = names.split_first()?;
    if let Some(answer) = follow(first, &packet.answers) {
        return Some(answer);
    }
    let mut steps = later.iter().enumerate();
    let (step, reached) = steps.find_map(|(step, name)| Some((step, follow(name, &packet.answers)?)))?;
    let passed = later.iter().take(step).filter_map(crate::dns::text);
    let aliases = passed.chain(iter::once(reached.name)).chain(reached.aliases).collect();
    Some(Answer { name: crate::dns::text(first)?, aliases, ..reached })
}

/// A DNS message out of single records.
fn records(answer: &[Record]) -> Option<Vec<u8>> {
    let mut message = HEADER.to_vec();
    let count = u16::try_from(answer.len().min(MOST)).ok()?;
    message.extend(count.to_be_bytes());
    message.extend([0; 4]);
    for record in answer.iter().take(MOST) {
        message.extend(BASE64.decode(record.raw.as_bytes()).ok()?);
    }
    Some(message)
}

//! Names, and bytes that may hold names, as a recording holds them. Processes are told by the number
//! of an owner who is one process.

use std::{net::IpAddr, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use tapmap_core::{Attribution, Heard, HeardKind, LeadsTo, NameHeard, NameSource, Process};

use super::{
    owners::owner,
    rows::{Word, by_word, endpoint},
};

/// Bytes that were heard, in base64 (RFC 4648 §4) without padding.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeardEntry {
    kind: Word,
    bytes: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<u32>,
}

/// A name: of a connection, or of addresses.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedEntry {
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    source: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection: Option<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerEntry>,
}

/// Addresses, who asked for them, and for how many microseconds the answer may be kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerEntry {
    addresses: Vec<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_by: Option<u32>,
    kept_for: u64,
}

impl HeardEntry {
    /// The entry for the file; `owner` is the number of who heard it.
    pub(super) fn of(heard: &Heard, owner: Option<u32>) -> Self {
        Self { kind: heard.kind.word().into(), bytes: STANDARD_NO_PAD.encode(&heard.bytes), owner }
    }

    pub(super) fn read(self, owners: &[Attribution]) -> Result<Heard, String> {
        let bytes = STANDARD_NO_PAD.decode(self.bytes).map_err(|error| format!("the bytes: {error}"))?;
        Ok(Heard {
            kind: by_word(&HeardKind::ALL, HeardKind::word, &self.kind)?,
            bytes: bytes.into(),
            process: process(self.owner, owners)?,
        })
    }
}

impl NamedEntry {
    /// The entry for the file; `asked_by` is the number of who asked for it.
    pub(super) fn of(name: &NameHeard, asked_by: Option<u32>) -> Self {
        let (connection, answer) = match &name.leads_to {
            LeadsTo::Connection { from, to } => (Some((from.to_string(), to.to_string())), None),
            LeadsTo::Addresses { addresses, asked_by: _, time_to_live } => {
                let kept_for = u64::try_from(time_to_live.as_micros()).unwrap_or(u64::MAX);
                (None, Some(AnswerEntry { addresses: addresses.clone(), asked_by, kept_for }))
            }
        };
        Self {
            name: name.name.to_string(),
            aliases: name.aliases.iter().map(ToString::to_string).collect(),
            source: name.source.word().into(),
            connection,
            answer,
        }
    }

    pub(super) fn read(self, owners: &[Attribution]) -> Result<NameHeard, String> {
        let leads_to = match (self.connection, self.answer) {
            (Some((from, to)), None) => LeadsTo::Connection { from: endpoint(&from)?, to: endpoint(&to)? },
            (None, Some(answer)) => LeadsTo::Addresses {
                addresses: answer.addresses,
                asked_by: process(answer.asked_by, owners)?,
                time_to_live: Duration::from_micros(answer.kept_for),
            },
            _ => return Err("a name must have one of connection and answer".to_owned()),
        };
        Ok(NameHeard {
            name: self.name.into(),
            aliases: self.aliases.into_iter().map(Into::into).collect(),
            source: by_word(&NameSource::ALL, NameSource::word, &self.source)?,
            leads_to,
        })
    }
}

/// The one process that an owner is.
fn process(number: Option<u32>, owners: &[Attribution]) -> Result<Option<Arc<Process>>, String> {
    let Some(number) = number else { return Ok(None) };
    let process = owner(number, owners)?.process().cloned();
    process.map(Some).ok_or_else(|| format!("owner {number} is not one process"))
}

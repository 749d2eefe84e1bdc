//! One name of a scenario: how a name that was heard is written by hand.
//!
//! ```text
//! dns www.example.org to=192.0.2.7,2001:db8::7                 an answer; who asked is not known
//! dns www.example.org via=edge.example.net to=192.0.2.7 for=firefox ttl=300
//! tls_server_name www.example.org 10.0.0.5:50000 > 192.0.2.7:443
//! ```
//!
//! The first word is that of the source. `via=` lists the names it stands for, in order; `for=` is
//! who asked, as an owner is written in a row; `ttl=` is in seconds, an hour unless said.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tapmap_core::{LeadsTo, NameHeard, NameSource, Process};

use super::row::Processes;
use crate::recording::by_word;

/// How long an answer may be kept when nothing is said.
const TIME_TO_LIVE: Duration = Duration::from_hours(1);

/// Reads a name.
///
/// # Errors
/// Says what of it is not understood.
pub fn parse(text: &str, processes: &mut Processes) -> Result<NameHeard, String> {
    let bad = || format!("{text:?} is not a name like \"dns www.example.org to=192.0.2.7\"");
    let (settings, words): (Vec<_>, Vec<_>) = text.split_whitespace().partition(|word| word.contains('='));
    let mut answer = Answer::default();
    for setting in settings {
        answer.set(setting, processes).ok_or_else(|| format!("{setting:?} is not understood in {text:?}"))?;
    }
    let endpoint = |word: &str| word.parse::<SocketAddr>().map_err(|_| bad());
    let (source, name, leads_to) = match *words.as_slice() {
        [source, name, from, ">", to] if answer.addresses.is_empty() => {
            let leads_to = LeadsTo::Connection { from: endpoint(from)?.into(), to: endpoint(to)?.into() };
            (source, name, leads_to)
        }
        [source, name] if !answer.addresses.is_empty() => {
            let Answer { addresses, asked_by, time_to_live, .. } = answer;
            (source, name, LeadsTo::Addresses { addresses, asked_by, time_to_live })
        }
        _ => return Err(bad()),
    };
    let source = by_word(&NameSource::ALL, NameSource::word, source)?;
    Ok(NameHeard { name: name.into(), aliases: answer.aliases, source, leads_to })
}

/// What the settings say.
struct Answer {
    aliases: Vec<Arc<str>>,
    addresses: Vec<std::net::IpAddr>,
    asked_by: Option<Arc<Process>>,
    time_to_live: Duration,
}

impl Default for Answer {
    fn default() -> Self {
        Self { aliases: Vec::new(), addresses: Vec::new(), asked_by: None, time_to_live: TIME_TO_LIVE }
    }
}

impl Answer {
    fn set(&mut self, setting: &str, processes: &mut Processes) -> Option<()> {
        let (name, value) = setting.split_once('=')?;
        match name {
            "via" => self.aliases = value.split(',').map(Into::into).collect(),
            "to" => self.addresses = value.split(',').map(|word| word.parse().ok()).collect::<Option<_>>()?,
            "for" => self.asked_by = Some(processes.process(value).ok()?),
            "ttl" => self.time_to_live = Duration::from_secs(value.parse().ok()?),
            _ => return None,
        }
        Some(())
    }
}

//! Lists that can be given to others: hosts, users, addresses and paths are called by numbers instead,
//! always the same one for the same thing within one output. Apps, operators, countries and ports stay.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, net::IpAddr, sync::Arc};
use tapmap_web::wire::{
    Absences, Event, Facet, Habit, Insights, ReasonKind, RecordedFlow, Report, Rhythm, Rhythms, Scope,
};

/// The numbers that were given out.
#[derive(Debug, Default)]
pub(crate) struct Pseudonyms(HashMap<&'static str, HashMap<String, usize>>);

impl Pseudonyms {
    /// What something is called instead: `host-1`.
    fn of(&mut self, kind: &'static str, original: &str) -> String {
        let known = self.0.entry(kind).or_default();
        let next = known.len() + 1;
        let number = known.entry(original.to_owned()).or_insert(next);
        format!("{kind}-{number}")
    }

    fn replace(&mut self, kind: &'static str, text: &mut Arc<str>) {
        *text = self.of(kind, text).into();
    }

    fn replace_known(&mut self, kind: &'static str, text: &mut Option<Arc<str>>) {
        if let Some(text) = text {
            self.replace(kind, text);
        }
    }

    /// Addresses that every computer has say nothing of this one.
    fn replace_address(&mut self, address: &mut String) {
        let is_everyones = |address: IpAddr| address.is_loopback() || address.is_unspecified();
        if !address.parse().is_ok_and(is_everyones) {
            *address = self.of("address", address);
        }
    }
}

/// What can be made fit for others to see.
pub(crate) trait Redact {
    /// Calls everything private by its number.
    fn redact(&mut self, pseudonyms: &mut Pseudonyms);
}

impl<T: Redact> Redact for [T] {
    fn redact(&mut self, pseudonyms: &mut Pseudonyms) {
        for item in self {
            item.redact(pseudonyms);
        }
    }
}

impl Redact for RecordedFlow {
    fn redact(&mut self, pseudonyms: &mut Pseudonyms) {
        pseudonyms.replace_address(&mut self.local_address);
        pseudonyms.replace_address(&mut self.remote_address);
        for name in &mut self.names {
            pseudonyms.replace("host", name);
        }
        pseudonyms.replace_known("user", &mut self.user);
        pseudonyms.replace_known("path", &mut self.executable);
        // What is not far away is where this computer is.
        if self.scope != Scope::Public {
            (self.country, self.city, self.latitude, self.longitude) = (None, None, None, None);
        }
    }
}

/// A report names apps, operators, countries and ports; only what it was asked with can be private.
impl Redact for Report {
    fn redact(&mut self, _: &mut Pseudonyms) {
        self.forget_filter();
    }
}

impl Redact for Insights {
    fn redact(&mut self, pseudonyms: &mut Pseudonyms) {
        self.forget_filter();
        forget_notes(self);
        for facet in self.facets.iter_mut().filter(|facet| facet.facet == Facet::Name) {
            facet.new_today.redact(pseudonyms);
            facet.most_frequent.redact(pseudonyms);
        }
        for listener in &mut self.new_listeners {
            pseudonyms.replace_address(&mut listener.address);
        }
    }
}

/// What was written about a mark is private.
fn forget_notes(insights: &mut Insights) {
    let habits = insights.facets.iter_mut();
    let habits = habits.flat_map(|facet| facet.new_today.iter_mut().chain(&mut facet.most_frequent));
    let marks = habits.map(|habit| &mut habit.mark);
    let marks = marks.chain(insights.new_listeners.iter_mut().map(|listener| &mut listener.mark));
    let marks = marks.chain(insights.surprises.iter_mut().map(|surprise| &mut surprise.mark));
    marks.flatten().for_each(|mark| mark.note = "".into());
}

/// Of a name; other habits hold nothing private.
impl Redact for Habit {
    fn redact(&mut self, pseudonyms: &mut Pseudonyms) {
        pseudonyms.replace("host", &mut self.value);
        self.label = self.value.to_string();
        self.filter = format!("name:\"{}\"", self.value);
    }
}

/// Destinations are operators, names or addresses, which nothing tells apart for sure.
impl Redact for Absences {
    fn redact(&mut self, pseudonyms: &mut Pseudonyms) {
        self.forget_filter();
        let apps = self.items.iter_mut().flat_map(|absence| &mut absence.apps);
        for destination in apps.flat_map(|active| &mut active.destinations) {
            pseudonyms.replace("destination", destination);
        }
    }
}

impl Redact for Rhythms {
    fn redact(&mut self, pseudonyms: &mut Pseudonyms) {
        self.forget_filter();
        self.items.redact(pseudonyms);
    }
}

impl Redact for Rhythm {
    fn redact(&mut self, pseudonyms: &mut Pseudonyms) {
        let is_address = self.destination.parse::<IpAddr>().is_ok();
        let (kind, field) = if is_address { ("address", "address") } else { ("host", "name") };
        pseudonyms.replace(kind, &mut self.destination);
        self.filter = format!("{field}:\"{}\" port:{}", self.destination, self.port);
    }
}

impl Redact for Event {
    /// What is said of the sites is made of them, so it is said anew.
    fn redact(&mut self, pseudonyms: &mut Pseudonyms) {
        if let Some(mark) = &mut self.mark {
            mark.note = "".into();
        }
        for reason in &mut self.reasons {
            if reason.kind == ReasonKind::ProgramChanged {
                pseudonyms.replace("path", &mut reason.value);
            } else if reason.facet == Facet::Name {
                pseudonyms.replace("site", &mut reason.value);
                reason.filter = format!("name:\"{}\"", reason.value);
                reason.query = format!("/api/v1/flows?filter=name:{}", reason.value);
            } else {
                continue;
            }
            reason.label = reason.value.to_string();
        }
        self.tell_again();
    }
}

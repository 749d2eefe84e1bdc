//! The same language asked of significant events, which know less than flows do: who, what was new, and when.

use super::{Filter, Pattern, Test};
use crate::{Direction, Event, Facet, Reason, ReasonKind, Timestamp};

impl Filter {
    /// The first field that it asks for and events do not have, such as `city`.
    pub fn not_of_events(&self) -> Option<&'static str> {
        self.terms.iter().find_map(|term| match term.test {
            Test::City(_) => Some("city"),
            Test::User(_) => Some("user"),
            Test::Asn(_) => Some("asn"),
            Test::Address(_) => Some("address"),
            Test::Scope(_) => Some("scope"),
            Test::App(_)
            | Test::Name(_)
            | Test::Country(_)
            | Test::Operator(_)
            | Test::Port(_)
            | Test::Protocol(_)
            | Test::Direction(_)
            | Test::Since(_)
            | Test::Text(_) => None,
        })
    }

    /// Whether an event fits: its app, or something that was new about it. `begins` is when its day began,
    /// `now` what `since:` counts from. A field that events do not have fits none.
    pub fn fits_event(&self, event: &Event, begins: Timestamp, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.test.holds_of(event, begins, now) != term.negated)
    }
}

impl Test {
    fn holds_of(&self, event: &Event, begins: Timestamp, now: Timestamp) -> bool {
        let app = event.app.as_deref();
        match self {
            Self::App(patterns) => {
                super::any_fits(patterns, app) || is_new(event, Facet::App, |app| fits(patterns, app))
            }
            Self::Country(patterns) => is_new(event, Facet::Country, |country| fits(patterns, country)),
            Self::Operator(patterns) => is_new(event, Facet::Operator, |operator| fits(patterns, operator)),
            Self::Name(patterns) => is_new(event, Facet::Name, |name| fits(patterns, name)),
            Self::Port(ports) => is_new(event, Facet::Port, |port| {
                port.parse().is_ok_and(|port| ports.iter().any(|ports| ports.hold(port)))
            }),
            Self::Protocol(protocol) => {
                event.reasons.iter().any(|reason| reason.kind == ReasonKind::Listening(*protocol))
            }
            Self::Direction(direction) => {
                event.reasons.iter().any(|reason| direction_of(reason.kind) == Some(*direction))
            }
            Self::Since(time) => now.since(event.at.unwrap_or(begins)) <= *time,
            Self::Text(pattern) => {
                let values = event.reasons.iter().map(|reason| &*reason.value);
                app.into_iter().chain(values).any(|text| pattern.is_within(text))
            }
            Self::City(_) | Self::User(_) | Self::Asn(_) | Self::Address(_) | Self::Scope(_) => false,
        }
    }
}

fn is_new(event: &Event, facet: Facet, fits: impl Fn(&str) -> bool) -> bool {
    let is_value = |reason: &&Reason| reason.kind != ReasonKind::ProgramChanged;
    event.reasons.iter().filter(is_value).any(|reason| reason.facet == facet && fits(&reason.value))
}

fn fits(patterns: &[Pattern], text: &str) -> bool {
    super::any_fits(patterns, Some(text))
}

fn direction_of(kind: ReasonKind) -> Option<Direction> {
    match kind {
        ReasonKind::Used | ReasonKind::Site => Some(Direction::Outbound),
        ReasonKind::Inbound => Some(Direction::Inbound),
        ReasonKind::Listening(_) | ReasonKind::ProgramChanged => None,
    }
}

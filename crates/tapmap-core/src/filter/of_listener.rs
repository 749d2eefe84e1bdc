//! The same language asked of listeners, which have no far end.

use super::{Filter, Test, any_fits};
use crate::{Direction, ListenerRecord, Timestamp};

impl Filter {
    /// Whether a listener fits; `now` is what `since:` counts from. What is asked of the far end is not known.
    pub fn fits_listener(&self, listener: &ListenerRecord, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.test.holds_of_listener(listener, now) != term.negated)
    }
}

impl Test {
    fn holds_of_listener(&self, listener: &ListenerRecord, now: Timestamp) -> bool {
        let app = listener.owner.app.as_ref().map(|app| &*app.name);
        match self {
            Self::App(patterns) => any_fits(patterns, app),
            Self::User(patterns) => any_fits(patterns, listener.owner.user.as_deref()),
            Self::Port(ports) => ports.iter().any(|ports| ports.hold(listener.local.port())),
            Self::Protocol(protocol) => listener.protocol == *protocol,
            Self::Direction(direction) => *direction == Direction::Inbound,
            Self::Since(time) => listener.open || now.since(listener.last_seen) <= *time,
            Self::Text(pattern) => {
                let address = listener.local.address().to_string();
                app.into_iter().chain([&*address]).any(|text| pattern.is_within(text))
            }
            Self::Name(patterns)
            | Self::Country(patterns)
            | Self::City(patterns)
            | Self::Operator(patterns)
            | Self::Scope(patterns) => any_fits(patterns, None),
            Self::Asn(_) | Self::Address(_) => false,
        }
    }
}

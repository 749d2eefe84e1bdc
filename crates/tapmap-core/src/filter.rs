//! The one language in which flows are chosen: `app:firefox -country:NO port:443 since:1h`. Reads
//! it, and says of a record whether it fits.
//!
//! ```text
//! filter = { term }                      separated by blanks; all must hold
//! term   = [ "-" ] ( field ":" values | value )      "-" turns it round
//! values = value { "," value }           one of them must hold
//! value  = plain | '"' { any character, \" and \\ for those } '"'
//! ```
//!
//! A plain value ends at a blank or a comma. Texts are compared without regard to case, and `*` in
//! them stands for anything. An empty value, as in `name:""`, means "not known". A value without a
//! field is looked for within the app, the name, the operator, the city and the address.

mod of_event;
mod of_listener;
mod pattern;
mod read;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use pattern::{AddressBlock, Pattern, Ports};
pub use read::FilterError;

use crate::{Asn, Direction, FlowRecord, Protocol, Timestamp};

/// Which flows are meant. The default one means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What must hold.
    pub terms: Vec<Term>,
}

/// Something that must hold, or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Whether it must not hold.
    pub negated: bool,
    /// What.
    pub test: Test,
}

/// What can be asked of a flow. With several values, one of them must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `app:`: the app's name.
    App(Vec<Pattern>),
    /// `name:`: one of the names that led there.
    Name(Vec<Pattern>),
    /// `country:`: the code of the country.
    Country(Vec<Pattern>),
    /// `city:`: the city.
    City(Vec<Pattern>),
    /// `operator:`: the network's operator, or its organisation.
    Operator(Vec<Pattern>),
    /// `user:`: the user whose process it was.
    User(Vec<Pattern>),
    /// `asn:`: the number of the autonomous system, as in `13335` or `AS13335`.
    Asn(Vec<Asn>),
    /// `address:`: the far address or a block, as in `192.0.2.0/24`.
    Address(Vec<AddressBlock>),
    /// `port:`: the service port, or a range, as in `8000-8999`.
    Port(Vec<Ports>),
    /// `protocol:`: `tcp` or `udp`.
    Protocol(Protocol),
    /// `direction:`: `in` or `out`.
    Direction(Direction),
    /// `scope:`: the word of the address's scope, as in `public` or `lan`.
    Scope(Vec<Pattern>),
    /// `since:`: observed within this time, as in `10m`, `1h` or `7d`.
    Since(Duration),
    /// A text found somewhere.
    Text(Pattern),
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// Says what is wrong and where; nothing is guessed.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        read::filter(text)
    }

    /// Whether a record fits; `now` is what `since:` counts from.
    pub fn fits(&self, record: &FlowRecord, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.test.holds(record, now) != term.negated)
    }
}

impl Test {
    fn holds(&self, record: &FlowRecord, now: Timestamp) -> bool {
        let remote = &*record.remote;
        let place = remote.place.as_ref();
        match self {
            Self::App(patterns) => any_fits(patterns, record.app().map(AsRef::as_ref)),
            Self::Name(patterns) => names_fit(patterns, record),
            Self::Country(patterns) => {
                any_fits(patterns, place.and_then(|it| it.country).as_ref().map(crate::Country::code))
            }
            Self::City(patterns) => any_fits(patterns, place.and_then(|it| it.city.as_deref())),
            Self::Operator(patterns) => match &remote.system {
                None => any_fits(patterns, None),
                Some(system) => {
                    any_fits(patterns, Some(&system.operator))
                        || any_fits(patterns, Some(&system.organisation))
                }
            },
            Self::User(patterns) => any_fits(patterns, record.owner.user.as_deref()),
            Self::Asn(numbers) => remote.system.as_ref().is_some_and(|it| numbers.contains(&it.asn)),
            Self::Address(blocks) => blocks.iter().any(|block| block.holds(remote.address)),
            Self::Port(ports) => ports.iter().any(|ports| ports.hold(record.service_port())),
            Self::Protocol(protocol) => record.protocol == *protocol,
            Self::Direction(direction) => record.direction == *direction,
            Self::Scope(patterns) => any_fits(patterns, Some(remote.scope.word())),
            Self::Since(time) => {
                record.ending == crate::Ending::Open || now.since(record.span.last_seen) <= *time
            }
            Self::Text(pattern) => text_fits(pattern, record),
        }
    }
}

fn any_fits(patterns: &[Pattern], text: Option<&str>) -> bool {
    patterns.iter().any(|pattern| pattern.fits(text))
}

fn names_fit(patterns: &[Pattern], record: &FlowRecord) -> bool {
    match &record.name {
        None => any_fits(patterns, None),
        Some(name) => name.candidates.iter().any(|name| any_fits(patterns, Some(name))),
    }
}

fn text_fits(pattern: &Pattern, record: &FlowRecord) -> bool {
    let remote = &*record.remote;
    let names = record.name.iter().flat_map(|name| name.candidates.iter().map(AsRef::as_ref));
    let known = [
        record.app().map(AsRef::as_ref),
        remote.system.as_ref().map(|system| system.operator.as_ref()),
        remote.place.as_ref().and_then(|place| place.city.as_deref()),
    ];
    known.into_iter().flatten().chain(names).any(|text| pattern.is_within(text))
        || pattern.is_within(&remote.address.to_string())
}

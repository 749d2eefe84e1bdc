//! Significant events and the rows behind days, as objects.

use std::{ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};
use tapmap_core::Timestamp;
use tapmap_engine::remembered;
use utoipa::ToSchema;

use super::{
    calendar,
    marks::Marked,
    moment::rfc3339,
    values::{self, CountryName, Facet},
    words::Protocol,
};

/// A page of significant events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Events {
    /// The events, the latest first.
    pub items: Vec<Event>,
    /// What to give as `before` for the next page; `null` when this is the last.
    pub next: Option<String>,
    /// How many events there are in that time, those of other pages included.
    pub count: u64,
    /// After how many observed days events are told.
    pub learning_days: u32,
    /// How many days were observed before today.
    pub observed_days: u32,
    /// Whether those are too few to know what is usual: then there are no events yet.
    pub learning: bool,
}

/// `event: news`: events that came since the last ones were told, without what is muted. Looked for once a
/// minute; a page that was away asks `/api/v1/events`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewsHeard {
    /// The events, the latest first, each with only what is new about it since.
    pub items: Vec<Event>,
}

/// Something that was new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Tells the event from others of its day, as long as that day's history is kept.
    pub id: String,
    /// The day.
    #[schema(format = Date)]
    pub day: String,
    /// When it was first observed on that day; `null` when only the day is known.
    #[schema(format = DateTime)]
    pub at: Option<String>,
    /// The app; `null` when it was not identified.
    #[schema(value_type = Option<String>)]
    pub app: Option<Arc<str>>,
    /// What was new about it; never empty.
    pub reasons: Vec<EventReason>,
    /// The mark that makes it known or muted.
    pub mark: Option<Marked>,
    /// In a sentence.
    pub text: String,
    /// When the day begins, in the time zone of the recorder; with `ends` and the filter of a reason it lists
    /// that reason's connections.
    #[schema(format = DateTime)]
    pub begins: String,
    /// When the day ends.
    #[schema(format = DateTime)]
    pub ends: String,
}

/// What was new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventReason {
    /// What was done for the first time.
    pub kind: ReasonKind,
    /// The transport of a port that an app waited at; `null` otherwise.
    pub protocol: Option<Protocol>,
    /// The kind of thing.
    pub facet: Facet,
    /// Which one.
    #[schema(value_type = String)]
    pub value: Arc<str>,
    /// The value as a person would read it.
    pub label: String,
    /// After how many days it came back; `null` when it was never observed before.
    pub returned_after_days: Option<u32>,
    /// Connections of it on that day; none of a port at which an app only waited.
    pub flows: u64,
    /// The filter that lists its connections, with the app where the event has one.
    pub filter: String,
    /// Path and query that answer what it was taken from: the days on which it was used, or, of a port
    /// that others could reach, the connections that came in.
    pub query: String,
}

/// What was done for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// It was used.
    Used,
    /// An app waited at the port for others on the network.
    Listening,
    /// Another computer connected to the app at the port.
    Inbound,
    /// The app turned to a name of the site.
    Site,
    /// The app's program file, of which the value is the path, is another one than before.
    ProgramChanged,
}

/// The rows behind what is said of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayUses {
    /// The rows, facet by facet and day by day.
    pub items: Vec<DayUse>,
}

/// That one app used one value of a facet on one day. Counted are connections to public addresses with a
/// place, an operator or an anycast mark; each counts on every day on which it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayUse {
    /// The facet.
    pub facet: Facet,
    /// The day.
    #[schema(format = Date)]
    pub day: String,
    /// The value.
    #[schema(value_type = String)]
    pub value: Arc<str>,
    /// The app; `null` when it was not identified or the day was imported.
    #[schema(value_type = Option<String>)]
    pub app: Option<Arc<str>>,
    /// How many connections were observed.
    pub flows: u64,
    /// How many of them have a point on the map.
    pub mapped: u64,
    /// Payload bytes sent on that day.
    pub sent: u64,
    /// Payload bytes received on that day.
    pub received: u64,
    /// When the first of them was observed on that day; `null` when only the day is known.
    #[schema(format = DateTime)]
    pub first_seen: Option<String>,
    /// When the last of them was, likewise.
    #[schema(format = DateTime)]
    pub last_seen: Option<String>,
    /// Whether it was imported from another program's history, which knows days only.
    pub imported: bool,
}

impl Events {
    /// A page of events, as it is told to others.
    pub fn of(page: &remembered::EventPage, marks: &tapmap_core::Marks, country: CountryName) -> Self {
        Self {
            items: page
                .events
                .iter()
                .filter_map(|event| Some(Event::of(event, page.days.get(&event.day)?, marks, country)))
                .collect(),
            next: page.next.map(|next| next.to_string()),
            count: u64::try_from(page.count).unwrap_or(u64::MAX),
            learning_days: page.learning_days,
            observed_days: page.observed_days,
            learning: page.observed_days < page.learning_days,
        }
    }
}

impl Event {
    fn of(
        event: &tapmap_core::Event,
        day: &Range<Timestamp>,
        marks: &tapmap_core::Marks,
        country: CountryName,
    ) -> Self {
        let reasons: Vec<EventReason> =
            event.reasons.iter().map(|reason| EventReason::of(reason, event, day, country)).collect();
        let mut told = Self {
            id: String::new(),
            day: calendar::written(event.day),
            at: event.at.map(rfc3339),
            app: event.app.clone(),
            mark: marks.of_event(event).map(Into::into),
            text: String::new(),
            begins: rfc3339(day.start),
            ends: rfc3339(day.end),
            reasons,
        };
        told.tell_again();
        told
    }

    /// Makes sentence and identity anew from what else is told, after that was changed.
    pub fn tell_again(&mut self) {
        self.text = text(self.app.as_deref(), &self.reasons);
        self.id = self.reasons.first().map_or_else(String::new, |reason| {
            let app = self.app.as_deref().unwrap_or_default();
            format!("{}/{app}/{:?}/{:?}/{}", self.day, reason.kind, reason.facet, reason.value)
        });
    }
}

impl EventReason {
    fn of(
        reason: &tapmap_core::Reason,
        event: &tapmap_core::Event,
        day: &Range<Timestamp>,
        country: CountryName,
    ) -> Self {
        let (kind, protocol) = match reason.kind {
            tapmap_core::ReasonKind::Used => (ReasonKind::Used, None),
            tapmap_core::ReasonKind::Listening(protocol) => (ReasonKind::Listening, Some(protocol.into())),
            tapmap_core::ReasonKind::Inbound => (ReasonKind::Inbound, None),
            tapmap_core::ReasonKind::Site => (ReasonKind::Site, None),
            tapmap_core::ReasonKind::ProgramChanged => (ReasonKind::ProgramChanged, None),
        };
        // A flow has one country and one provider: asked for together, several reasons would find none.
        let own = match kind {
            ReasonKind::Used => values::filter(reason.facet, &reason.value),
            ReasonKind::Site => values::of_site(&reason.value),
            ReasonKind::ProgramChanged => String::new(),
            ReasonKind::Listening | ReasonKind::Inbound => {
                format!("{} direction:in", values::filter(reason.facet, &reason.value))
            }
        };
        let app = event.app.as_ref().map(|app| values::filter(tapmap_core::Facet::App, app));
        let mut terms: Vec<String> = app.into_iter().chain([own]).filter(|term| !term.is_empty()).collect();
        terms.dedup();
        let filter = terms.join(" ");
        Self {
            kind,
            protocol,
            facet: reason.facet.into(),
            value: Arc::clone(&reason.value),
            label: values::label(reason.facet, &reason.value, country),
            returned_after_days: reason.returned_after,
            flows: reason.flows,
            query: if kind == ReasonKind::Used {
                values::rows(Some(reason.facet), event.day, Some(&reason.value))
            } else {
                let (from, to) = (rfc3339(day.start), rfc3339(day.end));
                format!("/api/v1/flows?from={from}&to={to}&filter={}", values::escaped(&filter))
            },
            filter,
        }
    }
}

/// `New: the app firefox, and with it the country Japan.`
fn text(app: Option<&str>, reasons: &[EventReason]) -> String {
    let of = |kind| reasons.iter().filter(move |reason| reason.kind == kind);
    let used: Vec<&EventReason> = of(ReasonKind::Used).collect();
    let sites: Vec<&EventReason> = of(ReasonKind::Site).collect();
    let reached = reasons.iter().filter(|it| matches!(it.kind, ReasonKind::Listening | ReasonKind::Inbound));
    let who = app.unwrap_or("an app that was not identified");
    let changed = of(ReasonKind::ProgramChanged).map(|reason| {
        format!("The program of {who} is another file than before, as after an update: {}.", reason.label)
    });
    let mut sentences: Vec<String> = reached.map(|reason| reachable(who, reason)).chain(changed).collect();
    if !sites.is_empty() {
        sentences.insert(0, turned_to(who, &sites));
    }
    if !used.is_empty() {
        sentences.insert(0, used_first(who, &used));
    }
    sentences.join(" ")
}

/// `firefox turned to 7 sites for the first time: a.org, b.org, c.org and 4 more.`
fn turned_to(who: &str, sites: &[&EventReason]) -> String {
    const TOLD: usize = 3;
    let named: Vec<&str> = sites.iter().take(TOLD).map(|reason| reason.label.as_str()).collect();
    match sites.len() {
        1 => format!("{who} turned to the site {} for the first time.", named.join(", ")),
        count @ ..=TOLD => format!("{who} turned to {count} sites for the first time: {}.", named.join(", ")),
        count => {
            let (named, more) = (named.join(", "), count - TOLD);
            format!("{who} turned to {count} sites for the first time: {named} and {more} more.")
        }
    }
}

fn back(reason: &EventReason) -> String {
    reason.returned_after_days.map(|days| format!(", back after {days} days")).unwrap_or_default()
}

fn used_first(who: &str, reasons: &[&EventReason]) -> String {
    let words = |reason: &EventReason| {
        let kind = match reason.facet {
            Facet::App => "the app",
            Facet::Operator => "the provider",
            Facet::Country => "the country",
            Facet::Port => "port",
            Facet::Name => "the name",
        };
        format!("{kind} {}{}", reason.label, back(reason))
    };
    let (apps, others): (Vec<&EventReason>, Vec<_>) =
        reasons.iter().copied().partition(|reason| reason.facet == Facet::App);
    let others = others.into_iter().map(words).collect::<Vec<_>>().join("; ");
    match (apps.split_first(), others.as_str()) {
        (None, _) => format!("New for this computer: {others}, used by {who}."),
        (Some((app, [])), "") => format!("New: {}.", words(app)),
        (Some((app, more)), _) => {
            let more = more.iter().map(|app| words(app)).chain((!others.is_empty()).then(|| others.clone()));
            format!("New: {}, and with it {}.", words(app), more.collect::<Vec<_>>().join("; "))
        }
    }
}

/// `sshd waits for others at tcp port 22 for the first time.`
fn reachable(who: &str, reason: &EventReason) -> String {
    let when = reason
        .returned_after_days
        .map_or_else(|| "for the first time".to_owned(), |days| format!("for the first time in {days} days"));
    match (reason.kind, reason.protocol) {
        (ReasonKind::Inbound, _) => {
            format!("Another computer came in to {who} at port {} {when}.", reason.label)
        }
        (_, Some(Protocol::Udp)) => format!("{who} waits for others at UDP port {} {when}.", reason.label),
        _ => format!("{who} waits for others at TCP port {} {when}.", reason.label),
    }
}

impl DayUse {
    /// A row of a facet.
    pub fn of(facet: tapmap_core::Facet, used: &tapmap_core::DayUse) -> Self {
        Self {
            facet: facet.into(),
            day: calendar::written(used.day),
            value: Arc::clone(&used.value),
            app: used.app.clone(),
            flows: used.flows,
            mapped: used.mapped,
            sent: used.sent,
            received: used.received,
            first_seen: used.first_seen.map(rfc3339),
            last_seen: used.last_seen.map(rfc3339),
            imported: used.imported,
        }
    }
}

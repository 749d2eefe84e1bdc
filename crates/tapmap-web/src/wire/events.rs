//! Significant events and the rows behind days, as objects.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tapmap_engine::remembered;
use utoipa::ToSchema;

use super::{
    calendar,
    moment::rfc3339,
    values::{self, CountryName, Facet},
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
    /// In a sentence.
    pub text: String,
    /// The filter that lists the connections, for `/api/v1/flows?filter=`.
    pub filter: String,
}

/// What was new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventReason {
    /// The kind of thing.
    pub facet: Facet,
    /// Which one.
    #[schema(value_type = String)]
    pub value: Arc<str>,
    /// The value as a person would read it.
    pub label: String,
    /// After how many days it came back; `null` when it was never observed before.
    pub returned_after_days: Option<u32>,
    /// Connections of it on that day.
    pub flows: u64,
    /// The filter that lists its connections.
    pub filter: String,
    /// Path and query that answer the days on which it was used.
    pub query: String,
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
    pub fn of(page: &remembered::EventPage, country: CountryName) -> Self {
        Self {
            items: page.events.iter().map(|event| Event::of(event, country)).collect(),
            next: page.next.map(|next| next.to_string()),
            count: u64::try_from(page.count).unwrap_or(u64::MAX),
            learning_days: page.learning_days,
            observed_days: page.observed_days,
            learning: page.observed_days < page.learning_days,
        }
    }
}

impl Event {
    fn of(event: &tapmap_core::Event, country: CountryName) -> Self {
        let reasons: Vec<EventReason> =
            event.reasons.iter().map(|reason| EventReason::of(reason, event.day, country)).collect();
        let of_reasons = reasons.iter().map(|reason| reason.filter.as_str());
        let app = event.app.as_ref().map(|app| values::filter(tapmap_core::Facet::App, app));
        let mut terms: Vec<&str> = app.as_deref().into_iter().chain(of_reasons).collect();
        terms.dedup();
        let first = event.reasons.first();
        let id = first.map(|reason| format!("{}/{}/{}", event.day.0, reason.facet.word(), reason.value));
        Self {
            id: id.unwrap_or_default(),
            day: calendar::written(event.day),
            at: event.at.map(rfc3339),
            app: event.app.clone(),
            text: text(event.app.as_deref(), &reasons),
            filter: terms.join(" "),
            reasons,
        }
    }
}

impl EventReason {
    fn of(reason: &tapmap_core::Reason, day: tapmap_core::Day, country: CountryName) -> Self {
        Self {
            facet: reason.facet.into(),
            value: Arc::clone(&reason.value),
            label: values::label(reason.facet, &reason.value, country),
            returned_after_days: reason.returned_after,
            flows: reason.flows,
            filter: values::filter(reason.facet, &reason.value),
            query: values::rows(Some(reason.facet), day, Some(&reason.value)),
        }
    }
}

/// `firefox was new, with the country Japan and the provider Example`.
fn text(app: Option<&str>, reasons: &[EventReason]) -> String {
    let words = |reason: &EventReason| {
        let kind = match reason.facet {
            Facet::App => "the app",
            Facet::Operator => "the provider",
            Facet::Country => "the country",
            Facet::Port => "port",
            Facet::Name => "the name",
        };
        let back = reason.returned_after_days.map(|days| format!(", back after {days} days"));
        format!("{kind} {}{}", reason.label, back.unwrap_or_default())
    };
    let new_app = reasons.iter().position(|reason| reason.facet == Facet::App);
    let others = reasons.iter().enumerate().filter(|(index, _)| Some(*index) != new_app);
    let others = others.map(|(_, reason)| words(reason)).collect::<Vec<_>>().join("; ");
    let app_is_new = new_app.and_then(|index| reasons.get(index));
    match (app_is_new, app, others.as_str()) {
        (Some(reason), _, "") => format!("New: {}.", words(reason)),
        (Some(reason), ..) => format!("New: {}, and with it {others}.", words(reason)),
        (None, Some(app), _) => format!("New for this computer: {others}, used by {app}."),
        (None, None, _) => {
            format!("New for this computer: {others}, used by an app that was not identified.")
        }
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

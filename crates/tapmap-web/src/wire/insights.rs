//! What stands out on a day, as objects: what is new, what comes most often, what lies above the usual
//! and what keeps time.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tapmap_engine::remembered;
use utoipa::ToSchema;

use super::{
    calendar,
    history::UnobservedTime,
    marks::Marked,
    moment::rfc3339,
    values::{self, CountryName, Facet},
    words::Protocol,
};

/// What stands out on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Insights {
    /// Which connections it is about, as a filter; empty when about all.
    pub filter: String,
    /// The day, in the calendar of the zone that days are counted in.
    #[schema(format = Date)]
    pub day: String,
    /// When it begins.
    #[schema(format = DateTime)]
    pub begins: String,
    /// When it ends; of a day that goes on, the moment of the answer.
    #[schema(format = DateTime)]
    pub until: String,
    /// Days from the first one recorded in the window of 30 to this one, both included.
    pub history_days: u32,
    /// Days of the window on which a recorder ran or from which days were imported.
    pub observed_days: u32,
    /// Those days: 30 characters `0` or `1`, this day last.
    pub observed_strip: String,
    /// Whether too few days were observed yet to say what is usual.
    pub learning: bool,
    /// After how many observed days that is known.
    pub learning_days: u32,
    /// How much of the day, until it ends, was not observed, in milliseconds.
    pub unobserved_ms: u64,
    /// What was not observed in that time: there, nothing seen does not mean that nothing was.
    pub unobserved: Vec<UnobservedTime>,
    /// What is new and what comes most often, facet by facet: app, operator, country, port, name.
    pub facets: Vec<FacetInsight>,
    /// Ports that were open on this day and on none of the 29 before.
    pub new_listeners: Vec<NewListener>,
    /// What lies above the usual, the largest excess first.
    pub surprises: Vec<Surprise>,
}

/// What stands out in one facet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FacetInsight {
    /// The facet.
    pub facet: Facet,
    /// Used on this day and on none of the 29 before, in the order of their first sight; at most 200.
    pub new_today: Vec<Habit>,
    /// How many those are in all.
    pub new_today_count: u64,
    /// Used on the most days: the first five and whatever ties with the fifth; at most 200.
    pub most_frequent: Vec<Habit>,
    /// How many those are in all.
    pub most_frequent_count: u64,
}

/// One value of a facet and when it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Habit {
    /// The value: an app, an operator, a country's code, a port, a name.
    #[schema(value_type = String)]
    pub value: Arc<str>,
    /// The value as a person would read it: a country's name for its code.
    pub label: String,
    /// On how many days of the window of 30.
    pub days: u32,
    /// On which: 30 characters `0` or `1`, the day itself last.
    pub strip: String,
    /// Connections within the window; one that lasts over midnight counts on each day.
    pub flows: u64,
    /// Connections on the day itself.
    pub flows_today: u64,
    /// Payload bytes sent on the day itself.
    pub sent_today: u64,
    /// Payload bytes received on the day itself.
    pub received_today: u64,
    /// When it was first observed on the day itself.
    #[schema(format = DateTime)]
    pub first_today: Option<String>,
    /// When it was last observed in the window, where more than the day is known.
    #[schema(format = DateTime)]
    pub last_seen: Option<String>,
    /// The filter that lists its connections, for `/api/v1/flows?filter=`.
    pub filter: String,
    /// The mark that makes it known; a report, which tells all alike, has none.
    pub mark: Option<Marked>,
}

/// A port that waits for others and did not before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewListener {
    /// Transport.
    pub protocol: Protocol,
    /// Where it waits.
    pub address: String,
    /// At which port.
    pub port: u16,
    /// The app that opened it; `null` when it was not identified.
    #[schema(value_type = Option<String>)]
    pub app: Option<Arc<str>>,
    /// When it was first observed on the day.
    #[schema(format = DateTime)]
    pub first_seen: String,
    /// When it was last observed.
    #[schema(format = DateTime)]
    pub last_seen: String,
    /// Whether it is open.
    pub open: bool,
    /// The mark that makes it known.
    pub mark: Option<Marked>,
}

/// Something that lies above what is usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Surprise {
    /// The app.
    #[schema(value_type = String)]
    pub app: Arc<str>,
    /// The operator that was compared; `null` when it is about all that the app did.
    #[schema(value_type = Option<String>)]
    pub operator: Option<Arc<str>>,
    /// What was measured.
    pub measure: Measure,
    /// The day's number so far.
    pub today: u64,
    /// The middle of the days it is compared with.
    pub median: u64,
    /// The upper end of the usual range.
    pub usual_up_to: u64,
    /// With how many days it is compared.
    pub days: u64,
    /// Whether only with days of the same kind: Mondays to Fridays, or weekends.
    pub same_kind: bool,
    /// The filter that lists the connections.
    pub filter: String,
    /// Path and query that answer the rows behind the numbers.
    pub query: String,
    /// The mark that makes it known.
    pub mark: Option<Marked>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Connections.
    Flows,
    /// Payload bytes sent.
    Sent,
    /// Payload bytes received.
    Received,
}

/// What keeps time on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rhythms {
    /// Which connections it is about, as a filter; empty when about all.
    pub filter: String,
    /// The day.
    #[schema(format = Date)]
    pub day: String,
    /// What recurs at regular intervals, the shortest first; at most 200.
    pub items: Vec<Rhythm>,
    /// Whether connections of that day were left out because there are too many to look at.
    pub partly: bool,
}

/// An app that turns to a destination at regular intervals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rhythm {
    /// The app.
    #[schema(value_type = String)]
    pub app: Arc<str>,
    /// The name that led there, or the address where none was heard.
    #[schema(value_type = String)]
    pub destination: Arc<str>,
    /// The service port.
    pub port: u16,
    /// The time from one start to the next, in milliseconds.
    pub period_ms: u64,
    /// By how much half of the intervals stray from it at most, in milliseconds.
    pub jitter_ms: u64,
    /// How many intervals it was taken from; those in which something was not observed do not count.
    pub intervals: u64,
    /// The share of the intervals that keep the period, from 0 to 1.
    pub regular: f64,
    /// What it probably is, where that is plain.
    pub explanation: Option<Explanation>,
    /// The filter that lists the connections.
    pub filter: String,
}

/// A benign explanation that many programs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Explanation {
    /// Sets the clock.
    TimeSync,
    /// Keeps a connection alive through which messages are pushed.
    PushKeepAlive,
    /// Looks for updates once or a few times a day.
    UpdateCheck,
}

/// How many values a list holds.
const MOST: usize = 200;

impl Insights {
    /// What stands out, as it is told to others.
    pub fn of(
        insights: &remembered::Insights,
        marks: &tapmap_core::Marks,
        learning_days: u32,
        country: CountryName,
    ) -> Self {
        let remembered::Observed { day, begins, until, history_days, strip, unobserved } = &insights.observed;
        let facet = |insight: &tapmap_core::Insight| FacetInsight {
            facet: insight.facet.into(),
            new_today: habits(insight, &insight.new_today, marks, country),
            new_today_count: count(insight.new_today.len()),
            most_frequent: habits(insight, &insight.most_frequent, marks, country),
            most_frequent_count: count(insight.most_frequent.len()),
        };
        let surprise = |surprise: &remembered::AppSurprise| Surprise::of(surprise, marks, *day);
        Self {
            filter: String::new(),
            day: calendar::written(*day),
            begins: rfc3339(*begins),
            until: rfc3339(*until),
            history_days: *history_days,
            observed_days: strip.count(),
            observed_strip: values::strip(*strip),
            learning: strip.count() < learning_days,
            learning_days,
            unobserved_ms: values::millis(insights.observed.unobserved_time()),
            unobserved: unobserved.iter().map(Into::into).collect(),
            facets: insights.facets.iter().map(facet).collect(),
            new_listeners: insights.new_listeners.iter().map(|it| NewListener::of(it, marks)).collect(),
            surprises: insights.surprises.iter().map(surprise).collect(),
        }
    }
}

fn habits(
    insight: &tapmap_core::Insight,
    habits: &[tapmap_core::Habit],
    marks: &tapmap_core::Marks,
    country: CountryName,
) -> Vec<Habit> {
    let facet = insight.facet;
    let shown = habits.iter().take(MOST).map(|habit| Habit {
        mark: marks.of_value(facet, &habit.value).map(Into::into),
        ..Habit::of(facet, habit, country)
    });
    shown.collect()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl Habit {
    /// A habit of a facet.
    pub(crate) fn of(facet: tapmap_core::Facet, habit: &tapmap_core::Habit, country: CountryName) -> Self {
        Self {
            value: Arc::clone(&habit.value),
            label: values::label(facet, &habit.value, country),
            days: habit.days.count(),
            strip: values::strip(habit.days),
            flows: habit.flows,
            flows_today: habit.flows_today,
            sent_today: habit.sent_today,
            received_today: habit.received_today,
            first_today: habit.first_today.map(rfc3339),
            last_seen: habit.last_seen.map(rfc3339),
            filter: values::filter(facet, &habit.value),
            mark: None,
        }
    }
}

impl NewListener {
    fn of(record: &tapmap_core::ListenerRecord, marks: &tapmap_core::Marks) -> Self {
        let app = record.owner.app.as_ref().map(|app| &app.name);
        let mark = marks.of_listener(app, record.protocol, record.local.port());
        Self {
            protocol: record.protocol.into(),
            address: record.local.address().to_string(),
            port: record.local.port(),
            app: app.cloned(),
            first_seen: rfc3339(record.first_seen),
            last_seen: rfc3339(record.last_seen),
            open: record.open,
            mark: mark.map(Into::into),
        }
    }
}

impl Surprise {
    fn of(surprise: &remembered::AppSurprise, marks: &tapmap_core::Marks, day: tapmap_core::Day) -> Self {
        let remembered::AppSurprise { facet, surprise } = surprise;
        let operator = (*facet == tapmap_core::Facet::Operator).then(|| Arc::clone(&surprise.value));
        let mark = match &operator {
            None => marks.of_app(&surprise.app),
            Some(operator) => marks.of_provider(&surprise.app, operator),
        };
        let app_filter = values::filter(tapmap_core::Facet::App, &surprise.app);
        let filter = match &operator {
            None => app_filter,
            Some(operator) => format!("{app_filter} {}", values::filter(*facet, operator)),
        };
        let rows = values::rows(Some(*facet), day, Some(&surprise.value));
        Self {
            app: Arc::clone(&surprise.app),
            operator,
            measure: surprise.measure.into(),
            today: surprise.today,
            median: surprise.median,
            usual_up_to: surprise.usual_up_to,
            days: count(surprise.days),
            same_kind: surprise.same_kind,
            filter,
            mark: mark.map(Into::into),
            query: format!("{rows}&app={}", values::escaped(&surprise.app)),
        }
    }
}

impl From<tapmap_core::Measure> for Measure {
    fn from(measure: tapmap_core::Measure) -> Self {
        match measure {
            tapmap_core::Measure::Flows => Self::Flows,
            tapmap_core::Measure::Sent => Self::Sent,
            tapmap_core::Measure::Received => Self::Received,
        }
    }
}

impl Rhythms {
    /// What keeps time, as it is told to others.
    pub fn of(rhythms: &remembered::Rhythms) -> Self {
        Self {
            filter: String::new(),
            day: calendar::written(rhythms.day),
            items: rhythms.items.iter().take(MOST).map(Into::into).collect(),
            partly: rhythms.partly,
        }
    }
}

impl From<&remembered::AppRhythm> for Rhythm {
    fn from(found: &remembered::AppRhythm) -> Self {
        use tapmap_core::Facet;
        let app = values::filter(Facet::App, &found.app);
        let field = if found.named { "name" } else { "address" };
        let destination = values::quoted(&found.destination);
        Self {
            app: Arc::clone(&found.app),
            destination: Arc::clone(&found.destination),
            port: found.port,
            period_ms: values::millis(found.rhythm.period),
            jitter_ms: values::millis(found.rhythm.jitter),
            intervals: count(found.rhythm.intervals),
            regular: found.rhythm.regular,
            explanation: tapmap_core::Explanation::of(found.port, &found.rhythm).map(Into::into),
            filter: format!("{app} {field}:{destination} port:{}", found.port),
        }
    }
}

impl From<tapmap_core::Explanation> for Explanation {
    fn from(explanation: tapmap_core::Explanation) -> Self {
        match explanation {
            tapmap_core::Explanation::TimeSync => Self::TimeSync,
            tapmap_core::Explanation::PushKeepAlive => Self::PushKeepAlive,
            tapmap_core::Explanation::UpdateCheck => Self::UpdateCheck,
        }
    }
}

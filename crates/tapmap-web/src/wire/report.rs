//! A day's report, as objects: sentences, each with what it states and the query that answers the rows
//! behind it, and the values they are about.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tapmap_core::Facet as CoreFacet;
use tapmap_engine::remembered;
use utoipa::ToSchema;

use super::{
    calendar,
    history::UnobservedTime,
    insights::Habit,
    moment::rfc3339,
    values::{self, CountryName, Facet},
};

/// A day's report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
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
    /// The last day before it of which something is remembered.
    #[schema(format = Date)]
    pub earlier: Option<String>,
    /// The first day after it of which something is remembered.
    #[schema(format = Date)]
    pub later: Option<String>,
    /// Days from the first one recorded in the window of 30 to this one, both included.
    pub history_days: u32,
    /// Days of the window on which a recorder ran or from which days were imported.
    pub observed_days: u32,
    /// Those days: 30 characters `0` or `1`, this day last.
    pub observed_strip: String,
    /// How much of the day, until it ends, was not observed, in milliseconds.
    pub unobserved_ms: u64,
    /// What was not observed on the day.
    pub unobserved: Vec<UnobservedTime>,
    /// What is said, section by section.
    pub sections: Vec<ReportSection>,
    /// The apps, those with the most days first.
    pub apps: Vec<ReportItem>,
    /// The operators, likewise.
    pub providers: Vec<ReportItem>,
    /// The countries, likewise.
    pub countries: Vec<ReportItem>,
    /// The service ports, likewise.
    pub ports: Vec<ReportItem>,
    /// The classes, with the days that fall into each at this length of history.
    pub classes: Vec<RecurrenceRange>,
    /// The day beside another one, when that was asked for.
    pub comparison: Option<Comparison>,
}

/// Sentences on one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportSection {
    /// The subject.
    pub subject: Subject,
    /// The sentences.
    pub sentences: Vec<Sentence>,
}

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// How much history there is.
    History,
    /// What is new on the day.
    Today,
    /// How much comes again.
    Pattern,
    /// Apps.
    Apps,
    /// Providers.
    Providers,
    /// Countries.
    Countries,
    /// Service ports.
    Ports,
}

/// A sentence and what it states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sentence {
    /// The sentence.
    pub text: String,
    /// What it is made of, in order; their texts in a row are the sentence.
    pub parts: Vec<Part>,
    /// What it states, each with the query behind it.
    pub claims: Vec<Claim>,
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Part {
    /// The text.
    pub text: String,
    /// What it is.
    pub kind: PartKind,
    /// The value's facet; `null` for words and numbers.
    pub facet: Option<Facet>,
    /// The value; `null` for words and numbers.
    #[schema(value_type = Option<String>)]
    pub value: Option<Arc<str>>,
    /// Which of the sentence's claims, counted from 0, states it; `null` for words.
    pub claim: Option<u32>,
    /// The filter that lists the value's connections; `null` for words and numbers.
    pub filter: Option<String>,
}

/// What a part of a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// Words.
    Words,
    /// A number that a claim states.
    Number,
    /// A value that a claim names.
    Value,
}

/// What a sentence states of the window of 30 days that ends with the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// Which figure.
    pub figure: Figure,
    /// Of what; `null` for what is about all facets.
    pub facet: Option<Facet>,
    /// The class that is counted, for `class`.
    pub class: Option<Recurrence>,
    /// The share in percent that is reached, for `needed_for`.
    pub percent: Option<u32>,
    /// The figure.
    pub value: u32,
    /// The values it counts, where the sentence may name them.
    #[schema(value_type = Vec<String>)]
    pub values: Vec<Arc<str>>,
    /// Path and query that answer the rows it follows from.
    pub query: String,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Days from the first one recorded to the day itself.
    HistoryDays,
    /// Values used in the window.
    All,
    /// Values used on the day and on none of the 29 before.
    NewToday,
    /// Values of one class.
    Class,
    /// Values that are stable or recurring.
    Frequent,
    /// The share of the days of all values that belongs to frequent ones, in whole percent, rounded: the
    /// mean of apps and countries.
    FrequentPercent,
    /// The fewest values that have together at least a share of the days of all.
    NeededFor,
    /// The days of the one value that is named.
    DaysOfValue,
}

/// How regular something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recurrence {
    /// On at least 21 of 30 days, or as large a share of a shorter history.
    Stable,
    /// On at least 8 of 30 days.
    Recurring,
    /// On more than one day.
    Occasional,
    /// On one day.
    SeenOnce,
}

/// The days that fall into a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecurrenceRange {
    /// The class.
    pub recurrence: Recurrence,
    /// The fewest days.
    pub from: u32,
    /// The most.
    pub to: u32,
}

/// A value with its class and what it and those before it cover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportItem {
    /// The value and when it was used.
    pub habit: Habit,
    /// How regular it is.
    pub recurrence: Recurrence,
    /// Its share of the days of all values of the facet, in percent.
    pub share_percent: f64,
    /// The share that this one and those before it have together, in percent.
    pub covered_percent: f64,
}

/// A day beside another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The other day.
    #[schema(format = Date)]
    pub other: String,
    /// Facet by facet: app, operator, country, port.
    pub facets: Vec<FacetComparison>,
}

/// What was used on one of two days and on both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacetComparison {
    /// The facet.
    pub facet: Facet,
    /// Values of both days, those with the most connections first.
    pub items: Vec<ComparedValue>,
}

/// A value on two days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComparedValue {
    /// The value.
    #[schema(value_type = String)]
    pub value: Arc<str>,
    /// The value as a person would read it.
    pub label: String,
    /// Connections on the day itself.
    pub flows: u64,
    /// Payload bytes sent on the day itself.
    pub sent: u64,
    /// Payload bytes received on the day itself.
    pub received: u64,
    /// Connections on the other day.
    pub flows_other: u64,
    /// Payload bytes sent on the other day.
    pub sent_other: u64,
    /// Payload bytes received on the other day.
    pub received_other: u64,
    /// The filter that lists its connections.
    pub filter: String,
}

impl Report {
    /// A report as it is told to others.
    pub fn of(remembered: &remembered::DayReport, country: CountryName) -> Self {
        let remembered::DayReport { observed, report, earlier, later, comparison } = remembered;
        let remembered::Observed { day, begins, until, history_days, strip, unobserved } = observed;
        let section = |section: &tapmap_core::Section| ReportSection {
            subject: section.subject.into(),
            sentences: section.sentences.iter().map(|it| Sentence::of(it, *day, country)).collect(),
        };
        let items = |facet, habits: &[tapmap_core::Classed]| items(facet, habits, country);
        let covering = |facet, habits: &[tapmap_core::Covering]| {
            let classed = habits
                .iter()
                .map(|it| tapmap_core::Classed { habit: it.habit.clone(), recurrence: it.recurrence });
            items(facet, &classed.collect::<Vec<_>>())
        };
        Self {
            filter: String::new(),
            day: calendar::written(*day),
            begins: rfc3339(*begins),
            until: rfc3339(*until),
            earlier: earlier.map(calendar::written),
            later: later.map(calendar::written),
            history_days: *history_days,
            observed_days: strip.count(),
            observed_strip: values::strip(*strip),
            unobserved_ms: values::millis(observed.unobserved_time()),
            unobserved: unobserved.iter().map(Into::into).collect(),
            sections: report.sections.iter().map(section).collect(),
            apps: items(CoreFacet::App, &report.apps),
            providers: covering(CoreFacet::Operator, &report.providers),
            countries: covering(CoreFacet::Country, &report.countries),
            ports: items(CoreFacet::Port, &report.ports),
            classes: classes(*history_days),
            comparison: comparison.as_ref().map(|it| Comparison::of(it, country)),
        }
    }
}

fn items(
    facet: tapmap_core::Facet,
    habits: &[tapmap_core::Classed],
    country: CountryName,
) -> Vec<ReportItem> {
    let days: u32 = habits.iter().map(|it| it.habit.days.count()).sum();
    let percent = |part: u32| f64::from(part) * 100.0 / f64::from(days.max(1));
    let mut covered = 0;
    let item = |it: &tapmap_core::Classed| {
        covered += it.habit.days.count();
        ReportItem {
            habit: Habit::of(facet, &it.habit, country),
            recurrence: it.recurrence.into(),
            share_percent: percent(it.habit.days.count()),
            covered_percent: percent(covered),
        }
    };
    habits.iter().map(item).collect()
}

fn classes(history: u32) -> Vec<RecurrenceRange> {
    let range = |recurrence: tapmap_core::Recurrence| {
        let (from, to) = recurrence.range(history)?;
        Some(RecurrenceRange { recurrence: recurrence.into(), from, to })
    };
    tapmap_core::Recurrence::ALL.into_iter().filter_map(range).collect()
}

impl Sentence {
    fn of(sentence: &tapmap_core::Sentence, day: tapmap_core::Day, country: CountryName) -> Self {
        let claims = &sentence.claims;
        let parts: Vec<Part> = sentence.parts.iter().map(|part| Part::of(part, claims, country)).collect();
        Self {
            text: parts.iter().map(|part| part.text.as_str()).collect(),
            parts,
            claims: claims.iter().map(|claim| Claim::of(claim, day)).collect(),
        }
    }
}

impl Part {
    fn of(part: &tapmap_core::Part, claims: &[tapmap_core::Claim], country: CountryName) -> Self {
        let place = |states: &dyn Fn(&tapmap_core::Claim) -> bool| {
            claims.iter().position(states).and_then(|index| u32::try_from(index).ok())
        };
        let bare =
            |text: String, kind| Self { text, kind, facet: None, value: None, claim: None, filter: None };
        match part {
            tapmap_core::Part::Words(words) => bare(words.clone(), PartKind::Words),
            tapmap_core::Part::Number(number) => Self {
                claim: place(&|claim| claim.value == *number),
                ..bare(number.to_string(), PartKind::Number)
            },
            tapmap_core::Part::Value(facet, value) => Self {
                facet: Some((*facet).into()),
                value: Some(Arc::clone(value)),
                claim: place(&|claim| claim.facet == Some(*facet) && claim.values.contains(value)),
                filter: Some(values::filter(*facet, value)),
                ..bare(values::label(*facet, value, country), PartKind::Value)
            },
        }
    }
}

impl Claim {
    fn of(claim: &tapmap_core::Claim, day: tapmap_core::Day) -> Self {
        use tapmap_core::Figure as Core;
        let (figure, class, percent) = match claim.figure {
            Core::HistoryDays => (Figure::HistoryDays, None, None),
            Core::All => (Figure::All, None, None),
            Core::NewToday => (Figure::NewToday, None, None),
            Core::Class(class) => (Figure::Class, Some(class.into()), None),
            Core::Frequent => (Figure::Frequent, None, None),
            Core::FrequentPercent => (Figure::FrequentPercent, None, None),
            Core::NeededFor(percent) => (Figure::NeededFor, None, Some(percent)),
            Core::DaysOfValue => (Figure::DaysOfValue, None, None),
        };
        // How often one value was used follows from its own rows; every other figure compares values.
        let value = claim.values.first().filter(|_| figure == Figure::DaysOfValue);
        Self {
            figure,
            facet: claim.facet.map(Into::into),
            class,
            percent,
            value: claim.value,
            values: claim.values.clone(),
            query: values::rows(claim.facet, day, value.map(AsRef::as_ref)),
        }
    }
}

impl Comparison {
    fn of(comparison: &remembered::Comparison, country: CountryName) -> Self {
        let facet = |(facet, items): &(tapmap_core::Facet, Vec<remembered::Compared>)| FacetComparison {
            facet: (*facet).into(),
            items: items.iter().map(|it| ComparedValue::of(*facet, it, country)).collect(),
        };
        Self {
            other: calendar::written(comparison.other),
            facets: comparison.facets.iter().map(facet).collect(),
        }
    }
}

impl ComparedValue {
    fn of(facet: tapmap_core::Facet, compared: &remembered::Compared, country: CountryName) -> Self {
        let remembered::Compared { value, on_day, on_other } = compared;
        Self {
            value: Arc::clone(value),
            label: values::label(facet, value, country),
            flows: on_day.flows,
            sent: on_day.sent,
            received: on_day.received,
            flows_other: on_other.flows,
            sent_other: on_other.sent,
            received_other: on_other.received,
            filter: values::filter(facet, value),
        }
    }
}

impl From<tapmap_core::Subject> for Subject {
    fn from(subject: tapmap_core::Subject) -> Self {
        match subject {
            tapmap_core::Subject::History => Self::History,
            tapmap_core::Subject::Today => Self::Today,
            tapmap_core::Subject::Pattern => Self::Pattern,
            tapmap_core::Subject::Apps => Self::Apps,
            tapmap_core::Subject::Providers => Self::Providers,
            tapmap_core::Subject::Countries => Self::Countries,
            tapmap_core::Subject::Ports => Self::Ports,
        }
    }
}

impl From<tapmap_core::Recurrence> for Recurrence {
    fn from(recurrence: tapmap_core::Recurrence) -> Self {
        match recurrence {
            tapmap_core::Recurrence::Stable => Self::Stable,
            tapmap_core::Recurrence::Recurring => Self::Recurring,
            tapmap_core::Recurrence::Occasional => Self::Occasional,
            tapmap_core::Recurrence::SeenOnce => Self::SeenOnce,
        }
    }
}

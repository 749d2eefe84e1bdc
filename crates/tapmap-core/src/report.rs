//! A day's report: what came again, what was new, how much went to few providers, which countries were
//! reached. Everything is worked out from the days on which something was used, and every sentence
//! carries the figures it states, so that it can be held against the rows behind it.

mod sentence;
mod text;

use std::collections::BTreeMap;

pub use sentence::{Claim, Figure, Part, Sentence};

use crate::{Day, DayUse, Facet, Habit, Recurrence, habits, history_length};

/// From so many days on the pattern of activity is judged.
const PATTERN_FROM: u32 = 7;

/// The facets a report looks at.
pub const REPORT_FACETS: [Facet; 4] = [Facet::App, Facet::Operator, Facet::Country, Facet::Port];

/// A day's report.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The day.
    pub day: Day,
    /// From the first recorded day of the window to the day itself, both included; 0 when nothing was
    /// recorded.
    pub history_days: u32,
    /// What is said, section by section.
    pub sections: Vec<Section>,
    /// The apps, the most regular first.
    pub apps: Vec<Classed>,
    /// The providers, those with the most days first, and how far they cover all.
    pub providers: Vec<Covering>,
    /// The countries, likewise.
    pub countries: Vec<Covering>,
    /// The service ports, the most regular first.
    pub ports: Vec<Classed>,
}

/// Sentences on one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The subject.
    pub subject: Subject,
    /// The sentences.
    pub sentences: Vec<Sentence>,
}

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl Subject {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::History,
        Self::Today,
        Self::Pattern,
        Self::Apps,
        Self::Providers,
        Self::Countries,
        Self::Ports,
    ];

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Today => "today",
            Self::Pattern => "pattern",
            Self::Apps => "apps",
            Self::Providers => "providers",
            Self::Countries => "countries",
            Self::Ports => "ports",
        }
    }
}

/// A habit with its class.
#[derive(Clone, Debug, PartialEq)]
pub struct Classed {
    /// The habit.
    pub habit: Habit,
    /// How regular it is.
    pub recurrence: Recurrence,
}

/// A habit with what it and those before it cover.
#[derive(Clone, Debug, PartialEq)]
pub struct Covering {
    /// The habit.
    pub habit: Habit,
    /// How regular it is.
    pub recurrence: Recurrence,
    /// The share of all days of all values that this one and those before it have, in percent.
    pub covered_percent: f64,
}

/// The habits of a day, by facet.
pub(crate) struct Habits {
    history: u32,
    by_facet: BTreeMap<Facet, Vec<Habit>>,
}

impl Report {
    /// The report of a day, from the uses of the window that ends with it; `uses` has one entry per
    /// facet of [`REPORT_FACETS`], others are not looked at.
    pub fn of(day: Day, uses: &[(Facet, Vec<DayUse>)]) -> Self {
        let habits = Habits::of(day, uses);
        Self {
            day,
            history_days: habits.history,
            sections: text::sections(&habits),
            apps: habits.classed(Facet::App),
            providers: habits.covering(Facet::Operator),
            countries: habits.covering(Facet::Country),
            ports: habits.classed(Facet::Port),
        }
    }

    /// All that is said, as one text: a paragraph per section.
    pub fn text(&self) -> String {
        let paragraphs = self
            .sections
            .iter()
            .map(|section| section.sentences.iter().map(Sentence::text).collect::<Vec<_>>().join(" "));
        paragraphs.collect::<Vec<_>>().join("\n\n")
    }
}

impl Habits {
    fn of(day: Day, uses: &[(Facet, Vec<DayUse>)]) -> Self {
        let by_facet: BTreeMap<Facet, Vec<Habit>> = uses
            .iter()
            .filter(|(facet, _)| REPORT_FACETS.contains(facet))
            .map(|(facet, uses)| (*facet, habits(uses, day)))
            .collect();
        Self { history: history_length(by_facet.values().flatten()), by_facet }
    }

    fn of_facet(&self, facet: Facet) -> &[Habit] {
        self.by_facet.get(&facet).map_or(&[], Vec::as_slice)
    }

    /// The most days first; the name decides among equals.
    fn ranked(&self, facet: Facet) -> Vec<&Habit> {
        let mut ranked: Vec<&Habit> = self.of_facet(facet).iter().collect();
        ranked.sort_by(|one, other| (other.days.count(), &one.value).cmp(&(one.days.count(), &other.value)));
        ranked
    }

    fn class(&self, habit: &Habit) -> Recurrence {
        Recurrence::of(habit.days.count(), self.history)
    }

    fn classed(&self, facet: Facet) -> Vec<Classed> {
        let classed = |habit: &Habit| Classed { habit: habit.clone(), recurrence: self.class(habit) };
        self.ranked(facet).into_iter().map(classed).collect()
    }

    fn covering(&self, facet: Facet) -> Vec<Covering> {
        let all = self.days_of_all(facet).max(1);
        let mut covered = 0;
        let covering = |habit: &Habit| {
            covered += habit.days.count();
            Covering {
                habit: habit.clone(),
                recurrence: self.class(habit),
                covered_percent: f64::from(covered) * 100.0 / f64::from(all),
            }
        };
        self.ranked(facet).into_iter().map(covering).collect()
    }

    /// The sum of the days of all values of a facet.
    fn days_of_all(&self, facet: Facet) -> u32 {
        self.of_facet(facet).iter().map(|habit| habit.days.count()).sum()
    }

    /// The fewest values that together have at least `percent` of the days of all.
    fn needed_for(&self, facet: Facet, percent: u32) -> Vec<&Habit> {
        let wanted = self.days_of_all(facet) * percent;
        let mut covered = 0;
        let mut needed = Vec::new();
        for habit in self.ranked(facet) {
            if covered * 100 >= wanted {
                break;
            }
            covered += habit.days.count();
            needed.push(habit);
        }
        needed
    }

    /// The share, in percent, of the days of all values of a facet that belong to frequent ones.
    fn recurring_percent(&self, facet: Facet) -> f64 {
        let frequent: u32 = self
            .of_facet(facet)
            .iter()
            .filter(|habit| self.class(habit).is_frequent())
            .map(|habit| habit.days.count())
            .sum();
        f64::from(frequent) * 100.0 / f64::from(self.days_of_all(facet).max(1))
    }
}

#[cfg(test)]
mod tests;

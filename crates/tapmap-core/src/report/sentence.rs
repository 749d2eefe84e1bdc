//! A sentence and what it states: each number and each name in it is a part of its own, and each figure
//! can be worked out again from the rows it is about.

use std::sync::Arc;

use crate::{Facet, Recurrence};

/// A sentence of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sentence {
    /// What it is made of, in order.
    pub parts: Vec<Part>,
    /// What it states.
    pub claims: Vec<Claim>,
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Words.
    Words(String),
    /// A number that a claim of the sentence states.
    Number(u32),
    /// A value of a facet that a claim of the sentence names.
    Value(Facet, Arc<str>),
}

/// What a sentence states of the window that ends with the day.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Which figure.
    pub figure: Figure,
    /// Of what; `None` for what is about all facets.
    pub facet: Option<Facet>,
    /// The figure.
    pub value: u32,
    /// The values it counts, where the sentence may name them.
    pub values: Vec<Arc<str>>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Figure {
    /// Days from the first one recorded to the day itself.
    HistoryDays,
    /// Values used in the window.
    All,
    /// Values used on the day and on none of the 29 before.
    NewToday,
    /// Values of one class.
    Class(Recurrence),
    /// Values that are stable or recurring.
    Frequent,
    /// The share of the days of all values that belongs to frequent ones, in whole percent, rounded; of
    /// apps and countries the mean of both.
    FrequentPercent,
    /// The fewest values that have together at least this share, in percent, of the days of all.
    NeededFor(u32),
    /// The days of the one value that is named.
    DaysOfValue,
}

impl Sentence {
    /// A sentence that states these claims; parts are added.
    pub(super) fn of(claims: impl IntoIterator<Item = Claim>) -> Self {
        Self { parts: Vec::new(), claims: claims.into_iter().collect() }
    }

    /// Adds words.
    #[must_use]
    pub(super) fn words(mut self, words: &str) -> Self {
        match self.parts.last_mut() {
            Some(Part::Words(known)) => known.push_str(words),
            _ => self.parts.push(Part::Words(words.to_owned())),
        }
        self
    }

    /// Adds a number.
    #[must_use]
    pub(super) fn number(mut self, number: u32) -> Self {
        self.parts.push(Part::Number(number));
        self
    }

    /// Adds a number and what it counts: `3 apps`, `1 app`, `no app`.
    #[must_use]
    pub(super) fn count(self, number: u32, (one, many): (&str, &str)) -> Self {
        match number {
            0 => self.words(&format!("no {one}")),
            1 => self.number(1).words(&format!(" {one}")),
            _ => self.number(number).words(&format!(" {many}")),
        }
    }

    /// Adds the first few values, with commas, and how many more there are.
    #[must_use]
    pub(super) fn values(mut self, facet: Facet, values: &[Arc<str>], at_most: usize) -> Self {
        let shown = if values.len() == at_most + 1 { values.len() } else { values.len().min(at_most) };
        for (index, value) in values.iter().take(shown).enumerate() {
            let last = index + 1 == values.len();
            if index > 0 {
                self = self.words(if last { " and " } else { ", " });
            }
            self.parts.push(Part::Value(facet, Arc::clone(value)));
        }
        match values.len() - shown {
            0 => self,
            more => self.words(&format!(" and {more} more")),
        }
    }

    /// As plain text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Number(number) => text.push_str(&number.to_string()),
                Part::Value(_, value) => text.push_str(value),
            }
        }
        text
    }
}

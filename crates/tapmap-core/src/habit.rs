//! What is usual on this computer: on which of the last days something was used, and how regular that
//! makes it. Counted are days, not connections: one busy afternoon is no habit.

use std::{collections::HashMap, sync::Arc};

use foldhash::quality::RandomState;

use crate::{Day, DayUse, Timestamp};

/// How many days are looked at, today among them.
pub const WINDOW: u32 = 30;

/// The days of the window on which something was observed: bit 0 is the day itself, bit `k` is `k` days
/// earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Days(u32);

impl Days {
    /// How many of the window's days.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether it was the day itself and none before.
    pub fn is_only_today(self) -> bool {
        self.0 == 1
    }

    /// Whether it was `back` days before the day itself.
    pub fn has(self, back: u32) -> bool {
        back < WINDOW && self.0 >> back & 1 == 1
    }

    /// How many days lie from the first of them to the day itself, both included; 0 when there is none.
    pub fn length(self) -> u32 {
        u32::BITS - self.0.leading_zeros()
    }

    /// The days of the window, the day itself last: whether it was observed then.
    pub fn strip(self) -> impl Iterator<Item = bool> {
        (0..WINDOW).rev().map(move |back| self.has(back))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn add(&mut self, back: u32) {
        if back < WINDOW {
            self.0 |= 1 << back;
        }
    }
}

/// From how many days before the day itself each was; what lies outside the window is left out.
impl FromIterator<u32> for Days {
    fn from_iter<Backs: IntoIterator<Item = u32>>(backs: Backs) -> Self {
        let mut days = Self::default();
        backs.into_iter().for_each(|back| days.add(back));
        days
    }
}

/// One value of a facet (an app, an operator, a country, a port, a name) and when it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habit {
    /// The value, in words.
    pub value: Arc<str>,
    /// On which days of the window.
    pub days: Days,
    /// Flows within the window; one that lasts over midnight counts on each day.
    pub flows: u64,
    /// Flows on the day itself.
    pub flows_today: u64,
    /// Bytes sent on the day itself.
    pub sent_today: u64,
    /// Bytes received on the day itself.
    pub received_today: u64,
    /// When it was first observed on the day itself; `None` when only the day is known, or it was not.
    pub first_today: Option<Timestamp>,
    /// When it was last observed in the window, where more than the day is known.
    pub last_seen: Option<Timestamp>,
}

/// The habits of the window that ends with `today`, by value.
pub fn habits(uses: &[DayUse], today: Day) -> Vec<Habit> {
    // A month has a hundred thousand uses.
    let mut habits: HashMap<&str, Habit, RandomState> = HashMap::default();
    for used in uses {
        let Some(back) = today.0.checked_sub(used.day.0).and_then(|back| u32::try_from(back).ok()) else {
            continue;
        };
        if back >= WINDOW {
            continue;
        }
        let habit = habits.entry(&used.value).or_insert_with(|| Habit::unused(&used.value));
        habit.days.add(back);
        habit.flows += used.flows;
        habit.last_seen = habit.last_seen.max(used.last_seen);
        if back == 0 {
            habit.add_today(used);
        }
    }
    let mut habits: Vec<Habit> = habits.into_values().collect();
    habits.sort_unstable_by(|one, other| one.value.cmp(&other.value));
    habits
}

impl Habit {
    fn unused(value: &Arc<str>) -> Self {
        Self {
            value: Arc::clone(value),
            days: Days::default(),
            flows: 0,
            flows_today: 0,
            sent_today: 0,
            received_today: 0,
            first_today: None,
            last_seen: None,
        }
    }

    fn add_today(&mut self, used: &DayUse) {
        self.flows_today += used.flows;
        self.sent_today += used.sent;
        self.received_today += used.received;
        self.first_today = match (self.first_today, used.first_seen) {
            (Some(known), Some(new)) => Some(known.min(new)),
            (known, new) => known.or(new),
        };
    }
}

/// How many days there are to judge by: from the first day of any habit to the day itself.
pub fn history_length<'a>(habits: impl IntoIterator<Item = &'a Habit>) -> u32 {
    habits.into_iter().map(|habit| habit.days.length()).max().unwrap_or(0)
}

/// How regular a habit is. The borders are those that people who come from the first `TapMap` know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

impl Recurrence {
    /// All of them, the most regular first.
    pub const ALL: [Self; 4] = [Self::Stable, Self::Recurring, Self::Occasional, Self::SeenOnce];

    /// How regular something is that was observed on so many days of a history of so many.
    pub fn of(days: u32, history: u32) -> Self {
        // In whole numbers: days / history against 8 / 30 and 21 / 30.
        match days {
            0 | 1 => Self::SeenOnce,
            _ if days * 30 < history * 8 => Self::Occasional,
            _ if days * 30 < history * 21 => Self::Recurring,
            _ => Self::Stable,
        }
    }

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Recurring => "recurring",
            Self::Occasional => "occasional",
            Self::SeenOnce => "seen_once",
        }
    }

    /// Whether it comes again and again.
    pub fn is_frequent(self) -> bool {
        matches!(self, Self::Stable | Self::Recurring)
    }

    /// The fewest and the most days that fall into this class for a history of so many days; `None`
    /// when none can.
    pub fn range(self, history: u32) -> Option<(u32, u32)> {
        let mut days = (1..=history).filter(|days| Self::of(*days, history) == self);
        let first = days.next()?;
        Some((first, days.next_back().unwrap_or(first)))
    }
}

#[cfg(test)]
mod tests;

//! What is new today and what is most frequent, for each facet.

use crate::{Facet, Habit};

/// How many of the most frequent are shown; all that tie with the last of them too.
const TOP: usize = 5;

/// What stands out in one facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insight {
    /// The facet.
    pub facet: Facet,
    /// Used today and on none of the 29 days before, in the order of their first sight.
    pub new_today: Vec<Habit>,
    /// Used on the most days: the first five and whatever ties with the fifth.
    pub most_frequent: Vec<Habit>,
}

impl Insight {
    /// What stands out among the habits of a facet.
    pub fn of(facet: Facet, habits: &[Habit]) -> Self {
        let mut new_today: Vec<Habit> =
            habits.iter().filter(|habit| habit.days.is_only_today()).cloned().collect();
        new_today.sort_by(|one, other| (one.first_today, &one.value).cmp(&(other.first_today, &other.value)));
        Self { facet, new_today, most_frequent: most_frequent(habits) }
    }
}

fn most_frequent(habits: &[Habit]) -> Vec<Habit> {
    let mut ranked: Vec<&Habit> = habits.iter().filter(|habit| habit.days.count() > 0).collect();
    ranked.sort_by(|one, other| (other.days.count(), &one.value).cmp(&(one.days.count(), &other.value)));
    let least = ranked.get(TOP - 1).map_or(1, |fifth| fifth.days.count());
    ranked.into_iter().take_while(|habit| habit.days.count() >= least).cloned().collect()
}

#[cfg(test)]
mod tests;

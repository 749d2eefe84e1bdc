//! The words of a report: rules over figures, calm and without a verdict.

use std::sync::Arc;

use super::{Claim, Figure, Habits, PATTERN_FROM, Section, Sentence, Subject};
use crate::{Facet, Habit, Recurrence, WINDOW};

/// How many values a sentence names before it counts the rest.
const NAMED: usize = 4;
/// From this share of frequent days on, activity is "mostly recurring"; below the other, "mostly
/// short-lived". Both, in percent, are those of the first `TapMap`, as are the thirds and the shares
/// of providers below.
const MOSTLY_RECURRING: f64 = 70.0;
const MOSTLY_SHORT: f64 = 45.0;

const APPS: (&str, &str) = ("app", "apps");
const PROVIDERS: (&str, &str) = ("provider", "providers");
const COUNTRIES: (&str, &str) = ("country", "countries");
const PORTS: (&str, &str) = ("service port", "service ports");
const DAYS: (&str, &str) = ("day", "days");

pub(super) fn sections(habits: &Habits) -> Vec<Section> {
    let of = |subject, sentences: Vec<Sentence>| Section { subject, sentences };
    if habits.history == 0 {
        let nothing =
            Sentence::of([habits.history_days()]).words("Nothing has been recorded up to this day.");
        return vec![of(Subject::History, vec![nothing])];
    }
    let sections = [
        of(Subject::History, vec![history(habits)]),
        of(Subject::Today, vec![today(habits)]),
        of(Subject::Pattern, pattern(habits).into_iter().collect()),
        of(Subject::Apps, apps(habits)),
        of(Subject::Providers, providers(habits)),
        of(Subject::Countries, countries(habits).into_iter().collect()),
        of(Subject::Ports, ports(habits).into_iter().collect()),
    ];
    sections.into_iter().filter(|section| !section.sentences.is_empty()).collect()
}

fn history(habits: &Habits) -> Sentence {
    let sentence = Sentence::of([habits.history_days()]);
    match habits.history {
        days if days < PATTERN_FROM => {
            let sentence = sentence.words("There ").words(if days == 1 { "is " } else { "are " });
            let sentence = sentence.count(days, DAYS).words(" of history so far; what is usual shows ");
            sentence.words("after about a week.")
        }
        WINDOW.. => sentence.words("This looks at the last ").number(WINDOW).words(" days."),
        days => sentence.words("This rests on ").number(days).words(" days of history."),
    }
}

fn today(habits: &Habits) -> Sentence {
    let facets = [(Facet::App, APPS), (Facet::Operator, PROVIDERS), (Facet::Country, COUNTRIES)];
    let claims: Vec<Claim> = facets.iter().map(|(facet, _)| habits.new_today(*facet)).collect();
    if claims.iter().all(|claim| claim.value == 0) {
        return Sentence::of(claims).words("No app, no provider and no country is new on this day.");
    }
    let mut sentence = Sentence::of(claims.clone()).words("New on this day: ");
    for (index, ((facet, words), claim)) in facets.into_iter().zip(&claims).enumerate() {
        sentence = sentence.words(["", ", ", " and "][index.min(2)]).count(claim.value, words);
        if !claim.values.is_empty() {
            sentence = sentence.words(" (").values(facet, &claim.values, NAMED).words(")");
        }
    }
    sentence.words(".")
}

fn pattern(habits: &Habits) -> Option<Sentence> {
    if habits.history < PATTERN_FROM {
        return None;
    }
    let share = f64::midpoint(habits.recurring_percent(Facet::App), habits.recurring_percent(Facet::Country));
    let percent = rounded(share);
    let claim = Claim { figure: Figure::FrequentPercent, facet: None, value: percent, values: vec![] };
    let how = if share >= MOSTLY_RECURRING {
        "Most of what this computer does comes again"
    } else if share < MOSTLY_SHORT {
        "Most of what this computer does is short-lived"
    } else {
        "Some of what this computer does comes again, some does not"
    };
    let sentence = Sentence::of([claim]).words(how).words(": ").number(percent);
    Some(sentence.words(" % of the days of its apps and countries belong to regular ones."))
}

fn apps(habits: &Habits) -> Vec<Sentence> {
    let (all, frequent) = (habits.all(Facet::App), habits.frequent(Facet::App));
    if all.value == 0 {
        return Vec::new();
    }
    let once = habits.class_of(Facet::App, Recurrence::SeenOnce);
    let how = match (frequent.value, all.value) {
        (0, 1) => ", not regularly",
        (1, 1) => ", regularly",
        (0, _) => ": none of them is regular",
        (some, all) if some == all => ": all of them are regular",
        (some, all) if some * 100 < all * 33 => ": most come and go, and regular ones are ",
        (some, all) if some * 100 <= all * 66 => ": about half are regular, ",
        _ => ": most are regular, ",
    };
    // How regular something is depends on how long the history is, so that is stated too.
    let mut sentence = Sentence::of([all.clone(), frequent.clone(), habits.history_days()])
        .count(all.value, APPS)
        .words(" used the network")
        .words(how);
    if frequent.value > 0 && frequent.value < all.value {
        sentence = sentence.number(frequent.value).words(" of them");
    }
    let mut sentences = vec![sentence.words(".")];
    if once.value > 0 {
        let values = once.values.clone();
        let seen =
            if once.value == 1 { " was seen on one day only: " } else { " were seen on one day only each: " };
        let sentence = Sentence::of([once.clone()]).count(once.value, APPS).words(seen);
        sentences.push(sentence.values(Facet::App, &values, NAMED).words("."));
    }
    sentences
}

fn providers(habits: &Habits) -> Vec<Sentence> {
    let all = habits.all(Facet::Operator);
    if all.value == 0 {
        return Vec::new();
    }
    let (half, most) = (habits.needed(Facet::Operator, 50), habits.needed(Facet::Operator, 80));
    let how = match (half.value, all.value) {
        (some, all) if some * 100 <= all * 10 => "Few providers carry most: ",
        (some, all) if some * 100 <= all * 25 => "Some providers carry much of it: ",
        _ => "It is spread over many providers: ",
    };
    let first = Sentence::of([all.clone(), half.clone()])
        .words(how)
        .number(half.value)
        .words(" of ")
        .number(all.value)
        .words(if half.value == 1 { " has half of all days: " } else { " have half of all days: " })
        .values(Facet::Operator, &half.values, NAMED)
        .words(".");
    let second = Sentence::of([most.clone()])
        .count(most.value, PROVIDERS)
        .words(if most.value == 1 { " has " } else { " have " })
        .words("four fifths of them: ")
        .values(Facet::Operator, &most.values, 2 * NAMED)
        .words(".");
    vec![first, second]
}

fn countries(habits: &Habits) -> Option<Sentence> {
    let all = habits.all(Facet::Country);
    let ranked = habits.ranked(Facet::Country);
    let first = ranked.first()?;
    let days = Claim {
        figure: Figure::DaysOfValue,
        facet: Some(Facet::Country),
        value: first.days.count(),
        values: vec![Arc::clone(&first.value)],
    };
    let sentence = Sentence::of([all.clone(), days.clone()]);
    let sentence = sentence.count(all.value, COUNTRIES);
    let sentence =
        sentence.words(if all.value == 1 { " was reached, " } else { " were reached; most often " });
    let sentence = sentence.values(Facet::Country, &days.values, NAMED).words(", on ");
    Some(sentence.count(days.value, DAYS).words("."))
}

fn ports(habits: &Habits) -> Option<Sentence> {
    let (all, frequent) = (habits.all(Facet::Port), habits.frequent(Facet::Port));
    if all.value == 0 {
        return None;
    }
    let sentence = Sentence::of([all.clone(), frequent.clone(), habits.history_days()]);
    let sentence = sentence.count(all.value, PORTS).words(if all.value == 1 { " was" } else { " were" });
    let sentence = sentence.words(" used");
    if frequent.value == 0 {
        let none = if all.value == 1 { ", not regularly." } else { ", none of them regularly." };
        return Some(sentence.words(none));
    }
    let sentence = sentence.words(", regularly ").values(Facet::Port, &frequent.values, NAMED);
    Some(sentence.words("."))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a percentage lies between 0 and 100"
)]
fn rounded(percent: f64) -> u32 {
    percent.round() as u32
}

/// The figures that sentences state.
impl Habits {
    fn history_days(&self) -> Claim {
        Claim { figure: Figure::HistoryDays, facet: None, value: self.history, values: vec![] }
    }

    fn all(&self, facet: Facet) -> Claim {
        self.claim(Figure::All, facet, |_| true)
    }

    fn new_today(&self, facet: Facet) -> Claim {
        self.claim(Figure::NewToday, facet, |habit| habit.days.is_only_today())
    }

    fn frequent(&self, facet: Facet) -> Claim {
        self.claim(Figure::Frequent, facet, |habit| self.class(habit).is_frequent())
    }

    fn class_of(&self, facet: Facet, class: Recurrence) -> Claim {
        self.claim(Figure::Class(class), facet, |habit| self.class(habit) == class)
    }

    fn needed(&self, facet: Facet, percent: u32) -> Claim {
        let needed = self.needed_for(facet, percent);
        claim(Figure::NeededFor(percent), facet, &needed)
    }

    fn claim(&self, figure: Figure, facet: Facet, fits: impl Fn(&Habit) -> bool) -> Claim {
        let fitting: Vec<&Habit> = self.ranked(facet).into_iter().filter(|habit| fits(habit)).collect();
        claim(figure, facet, &fitting)
    }
}

fn claim(figure: Figure, facet: Facet, habits: &[&Habit]) -> Claim {
    Claim {
        figure,
        facet: Some(facet),
        value: u32::try_from(habits.len()).unwrap_or(u32::MAX),
        values: habits.iter().map(|habit| Arc::clone(&habit.value)).collect(),
    }
}

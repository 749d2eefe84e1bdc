//! Times at which nobody was at the computer, from what the system says: each is written when it begins and ends,
//! and while it lasts with every sign of life.

use tapmap_core::{Away, Presence, Timestamp, WhyAway};

/// What is known and not written yet.
#[derive(Debug, Default)]
pub(super) struct Absence {
    /// Since when nobody is there now.
    now: Option<(Timestamp, WhyAway)>,
    /// Times that are over.
    over: Vec<Away>,
    /// Whether something began or ended since it was written.
    is_news: bool,
}

impl Absence {
    /// Takes in what the system says at `at`. A screen that locks after it was idle belongs to the same time.
    pub(super) fn note(&mut self, presence: Presence, at: Timestamp) {
        match (self.now, presence) {
            (None, Presence::Away { since, why }) => self.now = Some((since.unwrap_or(at).min(at), why)),
            (Some((from, WhyAway::Idle)), Presence::Away { why: WhyAway::Locked, .. }) => {
                self.now = Some((from, WhyAway::Locked));
            }
            (Some((from, why)), Presence::There) => {
                self.over.push(Away { from, until: at.max(from), why });
                self.now = None;
            }
            (None, Presence::There) | (Some(_), Presence::Away { .. }) => return,
        }
        self.is_news = true;
    }

    /// Whether something waits to be written.
    pub(super) fn is_news(&self) -> bool {
        self.is_news
    }

    /// What is to be written at `at`; what goes on too when it is news or `all` is wanted.
    pub(super) fn entries(&self, at: Timestamp, all: bool) -> Vec<Away> {
        let going_on = self.now.filter(|_| all || self.is_news);
        let going_on = going_on.map(|(from, why)| Away { from, until: at.max(from), why });
        self.over.iter().copied().chain(going_on).collect()
    }

    /// It is written.
    pub(super) fn written(&mut self) {
        self.over.clear();
        self.is_news = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn away(from: i64, until: i64, why: WhyAway) -> Away {
        Away { from: at(from), until: at(until), why }
    }

    fn told(why: WhyAway, since: Option<i64>) -> Presence {
        Presence::Away { since: since.map(at), why }
    }

    #[test]
    fn a_night_is_one_time_of_absence() {
        let mut absence = Absence::default();
        absence.note(Presence::There, at(10));
        assert!(!absence.is_news());
        absence.note(told(WhyAway::Idle, Some(20)), at(50));
        assert_eq!(
            absence.entries(at(60), false),
            [away(20, 60, WhyAway::Idle)],
            "idle began before it was told"
        );
        absence.written();
        absence.note(told(WhyAway::Idle, Some(20)), at(70));
        assert_eq!(absence.entries(at(80), false), []);
        assert_eq!(absence.entries(at(80), true), [away(20, 80, WhyAway::Idle)], "with a sign of life");
        absence.note(told(WhyAway::Locked, None), at(90));
        assert_eq!(absence.entries(at(90), false), [away(20, 90, WhyAway::Locked)]);
        absence.written();
        absence.note(told(WhyAway::Idle, Some(20)), at(95));
        absence.note(Presence::There, at(100));
        absence.note(told(WhyAway::Locked, None), at(110));
        let both = [away(20, 100, WhyAway::Locked), away(110, 120, WhyAway::Locked)];
        assert_eq!(absence.entries(at(120), false), both);
        assert!(absence.is_news());
        absence.written();
        assert!(!absence.is_news() && absence.entries(at(130), false).is_empty());
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_time_that_ends_before_it_begins() {
        let mut absence = Absence::default();
        absence.note(told(WhyAway::Idle, Some(500)), at(100));
        assert_eq!(absence.entries(at(90), true), [away(100, 100, WhyAway::Idle)]);
    }
}

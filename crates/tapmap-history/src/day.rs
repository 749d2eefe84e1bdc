//! The user's local day: which day a moment lies in, and when a day begins, also where a clock
//! change makes it 23 or 25 hours long.

use jiff::{Timestamp as Moment, civil::Date, tz::TimeZone};
use tapmap_core::{Calendar, Day, Timestamp};

/// Days in a time zone.
#[derive(Clone, Debug)]
pub struct LocalDays {
    zone: TimeZone,
    /// The last day asked for and the moments it lies between: most questions are about one day.
    last: std::cell::Cell<Option<(Day, i64, i64)>>,
}

/// The system knows no zone of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownZone;

impl Default for LocalDays {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, last: None.into() }
    }
}

impl LocalDays {
    /// Days of the zone with this IANA name; an empty one is UTC.
    ///
    /// # Errors
    /// When the system has no such zone.
    pub fn of_zone(name: &str) -> Result<Self, UnknownZone> {
        if name.is_empty() {
            return Ok(Self::default());
        }
        let zone = TimeZone::get(name).map_err(|_| UnknownZone)?;
        Ok(Self { zone, last: None.into() })
    }

    /// The day that a moment lies in.
    pub fn day_of(&self, at: Timestamp) -> Day {
        let millis = at.as_millis();
        if let Some((day, from, to)) = self.last.get()
            && (from..to).contains(&millis)
        {
            return day;
        }
        let moment = Moment::from_millisecond(millis).unwrap_or(Moment::UNIX_EPOCH);
        let day = Self::of_date(self.zone.to_datetime(moment).date()).unwrap_or_default();
        self.last.set(Some((day, self.begin_of(day).as_millis(), self.begin_of(Day(day.0 + 1)).as_millis())));
        day
    }

    /// When a day begins.
    pub fn begin_of(&self, day: Day) -> Timestamp {
        let begin = date(day).and_then(|date| self.zone.to_timestamp(date.at(0, 0, 0, 0)).ok());
        let utc = i64::from(day.0).saturating_mul(86_400_000);
        Timestamp::from_millis(begin.map_or(utc, Moment::as_millisecond))
    }
}

impl Calendar for LocalDays {
    fn day_of(&self, at: Timestamp) -> Day {
        Self::day_of(self, at)
    }

    fn begin_of(&self, day: Day) -> Timestamp {
        Self::begin_of(self, day)
    }
}

fn date(day: Day) -> Option<Date> {
    let hours = i64::from(day.0).checked_mul(24)?;
    Date::constant(1970, 1, 1).checked_add(jiff::SignedDuration::from_hours(hours)).ok()
}

impl LocalDays {
    /// The day of a date.
    pub fn of_date(date: Date) -> Option<Day> {
        let days = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
        i32::try_from(days).ok().map(Day)
    }

    /// The day of a date as it is written: `2026-11-25`.
    pub fn parse(text: &str) -> Option<Day> {
        Self::of_date(text.parse::<Date>().ok()?)
    }

    /// The day as it is written.
    pub fn written(day: Day) -> String {
        date(day).map_or_else(|| day.0.to_string(), |date| date.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<Moment>().unwrap().as_millisecond())
    }

    #[test]
    fn days_are_as_long_as_the_clock_makes_them() {
        let vienna = LocalDays::of_zone("Europe/Vienna").unwrap();
        for (day, begin, hours) in [
            (20_541, "2026-03-28T23:00:00Z", 23),
            (20_751, "2026-10-24T22:00:00Z", 25),
            (20_782, "2026-11-24T23:00:00Z", 24),
        ] {
            let (from, to) = (vienna.begin_of(Day(day)), vienna.begin_of(Day(day + 1)));
            assert_eq!(from, millis(begin), "{}", LocalDays::written(Day(day)));
            assert_eq!(to.since(from).as_secs(), hours * 3600);
            assert_eq!(vienna.day_of(from), Day(day));
            assert_eq!(vienna.day_of(Timestamp::from_millis(from.as_millis() - 1)), Day(day - 1));
            assert_eq!(vienna.day_of(Timestamp::from_millis(to.as_millis() - 1)), Day(day));
        }
    }

    #[test]
    fn a_day_without_midnight_begins_after_it() {
        // In Santiago the clock goes from 24:00 to 01:00.
        let santiago = LocalDays::of_zone("America/Santiago").unwrap();
        let day = santiago.day_of(millis("2026-09-06T12:00:00Z"));
        let begin = santiago.begin_of(day);
        assert_eq!(begin, millis("2026-09-06T04:00:00Z"));
        assert_eq!(santiago.day_of(begin), day);
        assert_eq!(santiago.begin_of(Day(day.0 + 1)).since(begin).as_secs(), 23 * 3600);
    }

    #[test]
    fn before_1970_and_far_out_there_are_days_too() {
        let utc = LocalDays::default();
        assert_eq!(utc.day_of(Timestamp::from_millis(-1)), Day(-1));
        assert_eq!(utc.begin_of(Day(-1)), Timestamp::from_millis(-86_400_000));
        assert_eq!(utc.day_of(Timestamp::from_millis(i64::MAX)), Day(0), "no calendar holds it");
        assert!(LocalDays::of_zone("Nowhere/Here").is_err());
    }
}

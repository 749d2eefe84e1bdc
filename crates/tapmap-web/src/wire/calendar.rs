//! How days are read and written: `2026-11-25`.

use jiff::{SignedDuration, civil::Date};
use tapmap_core::Day;

const FIRST: Date = Date::constant(1970, 1, 1);

/// The day of a date as it is written; `None` for what is not one.
pub(crate) fn parse(text: &str) -> Option<Day> {
    let days = text.parse::<Date>().ok()?.duration_since(FIRST).as_hours() / 24;
    i32::try_from(days).ok().map(Day)
}

/// The day as it is written.
pub(crate) fn written(day: Day) -> String {
    let hours = SignedDuration::from_hours(i64::from(day.0) * 24);
    FIRST.checked_add(hours).map_or_else(|_| day.0.to_string(), |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written() {
        for day in [-719_528, -1, 0, 1, 20_782, 2_932_896] {
            assert_eq!(parse(&written(Day(day))), Some(Day(day)));
        }
        assert_eq!(written(Day(20_782)), "2026-11-25");
        for text in ["", "today", "2026-02-30", "20782"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(written(Day(i32::MAX)), "2147483647", "no calendar holds it");
    }
}

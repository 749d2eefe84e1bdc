//! How moments and durations are written.

use std::time::Duration;

use jiff::fmt::temporal::DateTimePrinter;
use tapmap_core::Timestamp;

const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// A moment as RFC 3339 in UTC with milliseconds: `2026-11-25T12:00:00.000Z`. A moment that no
/// calendar of four-digit years holds is written as the epoch.
pub(crate) fn rfc3339(moment: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(moment.as_millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    PRINTER.timestamp_to_string(&moment)
}

/// A duration in milliseconds, to a microsecond.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    let micros = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
    f64::from(micros) / 1000.0
}

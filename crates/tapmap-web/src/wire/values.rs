//! Values of facets and how they are shown, filtered for and asked about.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tapmap_core::{Country, Day, Days, WINDOW};
use utoipa::ToSchema;

use super::calendar;

/// Says a country's name in English.
pub type CountryName = fn(Country) -> Option<&'static str>;

/// Says what a service port is registered for.
pub type ServiceName = fn(tapmap_core::Protocol, u16) -> Option<&'static str>;

/// What days are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// The app.
    App,
    /// The network's operator.
    Operator,
    /// The country, by its code.
    Country,
    /// The service port: the far one, or the near one of an inbound connection.
    Port,
    /// The name that led there.
    Name,
}

impl From<tapmap_core::Facet> for Facet {
    fn from(facet: tapmap_core::Facet) -> Self {
        match facet {
            tapmap_core::Facet::App => Self::App,
            tapmap_core::Facet::Operator => Self::Operator,
            tapmap_core::Facet::Country => Self::Country,
            tapmap_core::Facet::Port => Self::Port,
            tapmap_core::Facet::Name => Self::Name,
        }
    }
}

impl From<Facet> for tapmap_core::Facet {
    fn from(facet: Facet) -> Self {
        match facet {
            Facet::App => Self::App,
            Facet::Operator => Self::Operator,
            Facet::Country => Self::Country,
            Facet::Port => Self::Port,
            Facet::Name => Self::Name,
        }
    }
}

/// A value as a person would read it.
pub(crate) fn label(facet: tapmap_core::Facet, value: &str, country: CountryName) -> String {
    let name = match facet {
        tapmap_core::Facet::Country => Country::new(value).and_then(country),
        _ => None,
    };
    name.unwrap_or(value).to_owned()
}

/// The days of the window as `0` and `1`, the day itself last.
pub(crate) fn strip(days: Days) -> String {
    days.strip().map(|used| if used { '1' } else { '0' }).collect()
}

/// The filter that lists the connections of a value.
pub(crate) fn filter(facet: tapmap_core::Facet, value: &str) -> String {
    match facet {
        tapmap_core::Facet::Port => format!("port:{value}"),
        _ => format!("{}:{}", facet.word(), quoted(value)),
    }
}

/// The filter that lists the connections of a site and of every name below it.
pub(crate) fn of_site(site: &str) -> String {
    format!("name:{},{}", quoted(site), quoted(&format!("*.{site}")))
}

/// A value as the filter language takes it literally, but for `*`.
pub(crate) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Path and query that answer the rows of the window that ends with a day: of all facets of a report
/// when none is named, and of all values when none is.
pub(crate) fn rows(facet: Option<tapmap_core::Facet>, day: Day, value: Option<&str>) -> String {
    let window = i32::try_from(WINDOW).unwrap_or(i32::MAX);
    let first = Day(day.0.saturating_sub(window - 1));
    let mut path =
        format!("/api/v1/history/days?from={}&to={}", calendar::written(first), calendar::written(day));
    if let Some(facet) = facet {
        path.push_str("&facet=");
        path.push_str(facet.word());
    }
    if let Some(value) = value {
        path.push_str("&value=");
        path.push_str(&escaped(value));
    }
    path
}

/// A text as a part of a query (RFC 3986, section 2.1).
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _written = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// In whole milliseconds.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

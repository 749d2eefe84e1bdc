//! Reads what the reference program remembers: `insights.json` (version 2), which holds one bit for
//! each value and day, and `significant_connections.json`. Both know local days; no flow can be made
//! of them, so days are all that is taken over.

use jiff::civil;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, error::Error, fmt};
use tapmap_core::{Country, Day, DayUse, Facet};

/// How many days a mask of the reference holds: bit 0 is the newest, bit k is k days earlier.
const MASK_DAYS: u32 = 30;
/// Days from 0001-01-01, which is day 1 of Python's `date.toordinal`, to 1970-01-01.
const ORDINAL_OF_1970: i64 = 719_163;
/// The longest name that is taken over, in bytes; the reference's own are shorter.
const LONGEST: usize = 1000;

/// What was read, by facet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Which values were used on which days.
    pub uses: BTreeMap<Facet, Vec<DayUse>>,
}

/// The file is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError(String);

impl fmt::Display for ImportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for ImportError {}

impl Imported {
    /// How many days are known of at least one value.
    pub fn days(&self) -> usize {
        let days = self.uses.values().flatten().map(|one| one.day);
        days.collect::<std::collections::BTreeSet<_>>().len()
    }

    fn add(&mut self, facet: Facet, value: &str, day: Day) -> Result<(), ImportError> {
        let is_sound = match facet {
            Facet::Country => Country::new(value).is_some(),
            Facet::Port => value.parse::<u16>().is_ok(),
            Facet::App | Facet::Operator | Facet::Name => !value.is_empty() && value.len() <= LONGEST,
        };
        if !is_sound {
            return Err(ImportError(format!("{value:?} is no {}", facet.word())));
        }
        let value = if facet == Facet::Country { value.to_uppercase() } else { value.to_owned() };
        self.uses.entry(facet).or_default().push(DayUse::imported(day, value.into()));
        Ok(())
    }
}

/// Reads either file of the reference; which one it is, it says itself.
///
/// # Errors
/// When it is not JSON, of another version, or holds something that makes no sense.
pub fn read_reference(text: &[u8]) -> Result<Imported, ImportError> {
    let document: Value =
        serde_json::from_slice(text).map_err(|error| ImportError(format!("this is not JSON: {error}")))?;
    match (document.get("version"), document.get("schema_version")) {
        (Some(version), _) if version == 2 => insights(&document),
        (None, Some(version)) if version == 1 => events(&document),
        (Some(version), _) => Err(ImportError(format!(
            "insights of version {version} cannot be read, only those of version 2 (TapMap 1.11 and later)"
        ))),
        (None, Some(version)) => {
            Err(ImportError(format!("significant connections of version {version} cannot be read, only 1")))
        }
        (None, None) => Err(ImportError(
            "this is neither insights.json nor significant_connections.json: it has no version".to_owned(),
        )),
    }
}

/// The facet that a dimension of the reference is.
fn facet(dimension: &str) -> Option<Facet> {
    match dimension {
        "applications" => Some(Facet::App),
        "providers" => Some(Facet::Operator),
        "countries" => Some(Facet::Country),
        "ports" => Some(Facet::Port),
        _ => None,
    }
}

fn insights(document: &Value) -> Result<Imported, ImportError> {
    let missing = || ImportError("the insights themselves are missing".to_owned());
    let dimensions = document.get("insights").and_then(Value::as_object).ok_or_else(missing)?;
    let mut imported = Imported::default();
    for (dimension, values) in dimensions {
        let facet = facet(dimension).ok_or_else(|| ImportError(format!("{dimension:?} is not known")))?;
        let values =
            values.as_object().ok_or_else(|| ImportError(format!("{dimension:?} holds no values")))?;
        for (value, days) in values {
            let odd = || ImportError(format!("the days of {value:?} make no sense"));
            let (newest, mask) = days_of(days).ok_or_else(odd)?;
            for back in (0..MASK_DAYS).filter(|back| mask >> back & 1 == 1) {
                let day = newest.0.checked_sub_unsigned(back).map(Day).ok_or_else(odd)?;
                imported.add(facet, value, day)?;
            }
        }
    }
    Ok(imported)
}

/// The newest day and the mask of `{"l": 739945, "m": 5}`; days are Python's ordinals.
fn days_of(value: &Value) -> Option<(Day, u64)> {
    let newest = value.get("l")?.as_i64()?.checked_sub(ORDINAL_OF_1970)?;
    let mask = value.get("m")?.as_u64().filter(|mask| *mask < 1 << MASK_DAYS)?;
    let newest = i32::try_from(newest).ok().filter(|newest| (0..200_000).contains(newest))?;
    Some((Day(newest), mask))
}

fn events(document: &Value) -> Result<Imported, ImportError> {
    let missing = || ImportError("the events themselves are missing".to_owned());
    let events = document.get("events").and_then(Value::as_array).ok_or_else(missing)?;
    let mut imported = Imported::default();
    for event in events {
        let odd = || ImportError("an event makes no sense".to_owned());
        let event = event.as_object().ok_or_else(odd)?;
        let day = text(event, "timestamp").and_then(local_day).ok_or_else(|| {
            ImportError("an event has no local time such as 2026-11-25T12:00:00".to_owned())
        })?;
        for (facet, key) in
            [(Facet::App, "app_name"), (Facet::Operator, "asn_org"), (Facet::Country, "country_code")]
        {
            if let Some(value) = text(event, key) {
                imported.add(facet, value, day)?;
            }
        }
        if let Some(port) = event.get("port").and_then(Value::as_u64) {
            imported.add(Facet::Port, &port.to_string(), day)?;
        }
    }
    Ok(imported)
}

fn text<'a>(event: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    event.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// The day of a local time without an offset.
fn local_day(text: &str) -> Option<Day> {
    let date = text.parse::<civil::DateTime>().ok()?.date();
    crate::LocalDays::of_date(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(imported: &Imported, facet: Facet) -> Vec<(String, i32)> {
        let uses = imported.uses.get(&facet).map(Vec::as_slice).unwrap_or_default();
        uses.iter().map(|one| (one.value.to_string(), one.day.0)).collect()
    }

    #[test]
    fn insights_become_days() {
        let text = br#"{"version": 2, "insights": {"applications": {"Firefox": {"l": 739945, "m": 5}},
            "countries": {"no": {"l": 739945, "m": 1}}, "ports": {"443": {"l": 739945, "m": 1}},
            "providers": {}}, "verification_failed": {}}"#;
        let imported = read_reference(text).unwrap();
        let expected = [("Firefox".to_owned(), 20_782), ("Firefox".to_owned(), 20_780)];
        assert_eq!(days(&imported, Facet::App), expected);
        assert_eq!(days(&imported, Facet::Country), [("NO".to_owned(), 20_782)]);
        assert_eq!(days(&imported, Facet::Port), [("443".to_owned(), 20_782)]);
        assert_eq!(imported.days(), 2);
    }

    #[test]
    fn events_become_days() {
        let text = br#"{"schema_version": 1, "events": [{"timestamp": "2026-11-25T23:59:59.5", "reasons": ["new_app"],
            "port": 443, "app_name": "Firefox", "asn_org": "EXAMPLE", "country_code": "NO", "city": null}]}"#;
        let imported = read_reference(text).unwrap();
        for facet in [Facet::App, Facet::Operator, Facet::Country, Facet::Port] {
            assert_eq!(days(&imported, facet)[0].1, 20_782, "{facet:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, complaint) in [
            ("", "this is not JSON"),
            ("[]", "this is neither"),
            (r#"{"version": 1, "insights": {}}"#, "insights of version 1"),
            (r#"{"schema_version": 2}"#, "significant connections of version 2"),
            (r#"{"version": 2}"#, "the insights themselves"),
            (r#"{"version": 2, "insights": {"x": {}}}"#, "\"x\" is not known"),
            (
                r#"{"version": 2, "insights": {"applications": {"a": {"l": 739945, "m": 1073741824}}}}"#,
                "the days of \"a\"",
            ),
            (r#"{"version": 2, "insights": {"applications": {"a": {"l": 1, "m": 1}}}}"#, "the days of \"a\""),
            (
                r#"{"version": 2, "insights": {"countries": {"NOR": {"l": 739945, "m": 1}}}}"#,
                "\"NOR\" is no country",
            ),
            (
                r#"{"schema_version": 1, "events": [{"timestamp": "yesterday"}]}"#,
                "an event has no local time",
            ),
        ] {
            let told = read_reference(text.as_bytes()).unwrap_err().to_string();
            assert!(told.starts_with(complaint), "{text}: {told}");
        }
    }
}

//! One record of a database file, read by its keys: the flat and the nested layouts of MaxMind, DB-IP,
//! `IP2Location`, IPinfo and the files repackaged from them.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use tapmap_core::{Coordinates, Country};

/// The longest text that is taken from a record, in bytes.
const LONGEST_TEXT: usize = 200;
/// How many levels of a record are read; the deepest that is asked for is `subdivisions[0].names.en`, the fifth.
const DEEPEST: u8 = 6;

/// Any value of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Number(f64),
    Truth(bool),
    Map(Vec<(&'a str, Value<'a>)>),
    List(Vec<Value<'a>>),
    /// Bytes and numbers too large for any use here.
    Other,
}

impl<'a> Value<'a> {
    fn get(&self, key: &str) -> Option<&Value<'a>> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    fn path(&self, keys: &[&str]) -> Option<&Value<'a>> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    fn text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text.trim()).filter(|text| !text.is_empty()) } else { None }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Truth(_) | Self::Map(_) | Self::List(_) | Self::Other => None,
        }
    }

    fn truth(&self) -> bool {
        matches!(self, Self::Truth(true) | Self::Text("true"))
    }
}

/// What a record says, whatever its layout.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record<'a> {
    pub(super) country: Option<Country>,
    pub(super) city: Option<&'a str>,
    /// Whether it names a part of the country.
    pub(super) region: bool,
    pub(super) coordinates: Option<Coordinates>,
    /// The accuracy it gives itself, in kilometres.
    pub(super) radius_km: Option<u32>,
    pub(super) anycast: bool,
    pub(super) asn: Option<u32>,
    pub(super) organisation: Option<&'a str>,
    /// Something no honest file holds; its field is left out.
    pub(super) fault: Option<&'static str>,
}

impl<'a> Record<'a> {
    /// Reads a record. `registered_country` is where a block was registered, not where it is: not read.
    pub(super) fn of(value: &Value<'a>) -> Self {
        let mut record = Self::default();
        record.country = record.country(value);
        let city = first(value, &[&["city", "names", "en"], &["city"], &["city_name"]]).and_then(Value::text);
        record.city = record.clean(city).map(without_district);
        record.region = value.get("subdivisions").is_some_and(|list| *list != Value::List(Vec::new()))
            || first(value, &[&["region"], &["state1"], &["region_name"], &["stateprov"]])
                .is_some_and(|name| name.text().is_some());
        record.coordinates = record.coordinates(value);
        record.radius_km =
            first(value, &[&["location", "accuracy_radius"], &["accuracy_radius"], &["radius"]])
                .and_then(Value::number)
                .and_then(whole);
        record.anycast =
            first(value, &[&["traits", "is_anycast"], &["is_anycast"]]).is_some_and(Value::truth);
        record.asn = first(value, &[&["autonomous_system_number"], &["asn"], &["as_number"]])
            .and_then(number_of_system);
        let organisation = first(
            value,
            &[&["autonomous_system_organization"], &["as_name"], &["as_org"], &["organization"]],
        )
        .or_else(|| value.get("name").filter(|_| record.asn.is_some()))
        .and_then(Value::text);
        record.organisation = record.clean(organisation);
        record
    }

    /// `country` is a map in nested layouts; in flat ones a code, or a name with the code beside it.
    fn country(&mut self, value: &Value<'a>) -> Option<Country> {
        let beside = value.get("country_code").or_else(|| value.path(&["country", "iso_code"]));
        let code = match beside.and_then(Value::text) {
            Some(code) => code,
            None => value.get("country").and_then(Value::text).filter(|text| text.len() == 2)?,
        };
        let country = Country::new(code);
        if country.is_none() && !matches!(code, "-" | "None") {
            self.fault = Some("a country that is not a code of two letters");
        }
        country
    }

    fn coordinates(&mut self, value: &Value<'a>) -> Option<Coordinates> {
        let latitude = first(value, &[&["location", "latitude"], &["latitude"], &["lat"]])?.number()?;
        let longitude =
            first(value, &[&["location", "longitude"], &["longitude"], &["lng"], &["lon"]])?.number()?;
        let coordinates = Coordinates::new(latitude, longitude);
        if coordinates.is_none() {
            self.fault = Some("coordinates that lie nowhere on the Earth");
        }
        coordinates
    }

    /// A text that may go on to a screen.
    fn clean(&mut self, text: Option<&'a str>) -> Option<&'a str> {
        let text = text?;
        if text.len() > LONGEST_TEXT {
            self.fault = Some("a name of more than 200 bytes");
            return None;
        }
        if text.chars().any(char::is_control) {
            self.fault = Some("a name with control characters");
            return None;
        }
        Some(text)
    }
}

/// `Amsterdam (Amsterdam-Centrum)` as DB-IP writes it is Amsterdam: one place on the map.
fn without_district(city: &str) -> &str {
    match city.strip_suffix(')').and_then(|city| city.split_once(" (")) {
        Some((city, _)) if !city.is_empty() => city,
        _ => city,
    }
}

/// The value at the first path that leads to a text, a number or a truth.
fn first<'v, 'a>(value: &'v Value<'a>, paths: &[&[&str]]) -> Option<&'v Value<'a>> {
    paths
        .iter()
        .filter_map(|path| value.path(path))
        .find(|found| matches!(found, Value::Text(_) | Value::Number(_) | Value::Truth(_)))
}

/// `13335`, `"13335"` or `"AS13335"`.
fn number_of_system(value: &Value<'_>) -> Option<u32> {
    match value {
        Value::Text(text) => text.trim().trim_start_matches(['A', 'S', 'a', 's']).parse().ok(),
        _ => value.number().and_then(whole),
    }
    .filter(|number| *number != 0)
}

fn whole(number: f64) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked before"
    )]
    (0.0..=f64::from(u32::MAX)).contains(&number).then_some(number.round() as u32)
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ValueSeed { levels: DEEPEST }.deserialize(deserializer)
    }
}

/// Reads a value and so many levels below it; what lies deeper is skipped, so that a file nested
/// without end cannot exhaust the stack.
#[derive(Clone, Copy)]
struct ValueSeed {
    levels: u8,
}

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.levels.checked_sub(1) {
            Some(levels) => deserializer.deserialize_any(ValueVisitor { below: Self { levels } }),
            None => deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Value::Other),
        }
    }
}

struct ValueVisitor {
    below: ValueSeed,
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value of a MaxMind DB record")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Value::Truth(truth))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(i32::try_from(number).map_or(Value::Other, |number| Value::Number(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(u32::try_from(number).map_or(Value::Other, |number| Value::Number(number.into())))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.below)? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<&str>()? {
            // A City record names its places in eight languages; one is shown.
            if matches!(key, "de" | "es" | "fr" | "ja" | "pt-BR" | "ru" | "zh-CN" | "fa" | "ko") {
                map.next_value::<IgnoredAny>()?;
            } else {
                entries.push((key, map.next_value_seed(self.below)?));
            }
        }
        Ok(Value::Map(entries))
    }
}

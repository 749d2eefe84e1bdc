//! Reads the filter language. Every complaint says where, in characters from 1.

use std::{error::Error, fmt, str::Chars, time::Duration};

use super::{AddressBlock, Filter, Pattern, Ports, Term, Test};
use crate::{Asn, Direction, Protocol};

/// The fields, as they are written and as a complaint lists them.
const FIELDS: [&str; 13] = [
    "app",
    "name",
    "country",
    "city",
    "operator",
    "user",
    "asn",
    "address",
    "port",
    "protocol",
    "direction",
    "scope",
    "since",
];
/// No filter that a person writes is longer, in bytes.
const LONGEST: usize = 4096;
/// How many terms and values a filter may have together.
const MOST: usize = 100;

/// A filter that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// Which character it is about, from 1.
    pub position: usize,
    /// What is wrong, as a sentence without its full stop.
    pub problem: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "character {}: {}", self.position, self.problem)
    }
}

impl Error for FilterError {}

/// A value and where it stands.
struct Value {
    text: String,
    quoted: bool,
    position: usize,
}

struct Reader<'text> {
    rest: Chars<'text>,
    position: usize,
}

pub(super) fn filter(text: &str) -> Result<Filter, FilterError> {
    let mut reader = Reader { rest: text.chars(), position: 1 };
    if text.len() > LONGEST {
        return Err(complain(1, format!("a filter has at most {LONGEST} bytes")));
    }
    let mut filter = Filter::default();
    let mut count = 0;
    loop {
        reader.skip_blanks();
        if reader.peek().is_none() {
            return Ok(filter);
        }
        let (term, values) = reader.term()?;
        count += values;
        if count > MOST {
            return Err(complain(reader.position, format!("a filter has at most {MOST} values")));
        }
        filter.terms.push(term);
    }
}

impl Reader<'_> {
    fn term(&mut self) -> Result<(Term, usize), FilterError> {
        let negated = self.peek() == Some('-');
        if negated {
            self.take();
        }
        let start = self.position;
        if let Some(field) = self.field() {
            let values = self.values()?;
            let count = values.len();
            return Ok((Term { negated, test: test(&field, start, &values)? }, count));
        }
        let value = self.value(false)?;
        if value.text.is_empty() {
            return Err(complain(start, "here a text to look for is missing"));
        }
        Ok((Term { negated, test: Test::Text(Pattern::new(&value.text)) }, 1))
    }

    /// A word and its colon, when that is what comes: `app:`. An address with colons is not one.
    fn field(&mut self) -> Option<String> {
        let word: String = self.rest.clone().take_while(char::is_ascii_alphabetic).collect();
        let after: Vec<char> = self.rest.clone().skip(word.len()).take(2).collect();
        if word.is_empty() || after.first() != Some(&':') || after.get(1) == Some(&':') {
            return None;
        }
        for _ in 0..=word.len() {
            self.take();
        }
        Some(word)
    }

    fn values(&mut self) -> Result<Vec<Value>, FilterError> {
        let mut values = vec![self.value(true)?];
        while self.peek() == Some(',') {
            self.take();
            values.push(self.value(true)?);
        }
        if let Some(empty) = values.iter().find(|value| value.text.is_empty() && !value.quoted) {
            return Err(complain(empty.position, "here a value is missing; \"\" means: not known"));
        }
        Ok(values)
    }

    /// One value. A comma ends it only where several values may stand.
    fn value(&mut self, comma_ends: bool) -> Result<Value, FilterError> {
        let position = self.position;
        if self.peek() == Some('"') {
            let text = self.quoted()?;
            let ended = self.peek().is_none_or(|next| next.is_whitespace() || (comma_ends && next == ','));
            if !ended {
                return Err(complain(self.position, "a blank is missing after the closing quotation mark"));
            }
            return Ok(Value { text, quoted: true, position });
        }
        let mut text = String::new();
        while let Some(next) =
            self.peek().filter(|next| !(next.is_whitespace() || comma_ends && *next == ','))
        {
            if next == '"' {
                return Err(complain(self.position, "a quotation mark may only stand around a whole value"));
            }
            text.push(next);
            self.take();
        }
        Ok(Value { text, quoted: false, position })
    }

    fn quoted(&mut self) -> Result<String, FilterError> {
        let start = self.position;
        self.take();
        let mut text = String::new();
        loop {
            match self.take() {
                None => return Err(complain(start, "the quotation that begins here does not end")),
                Some('"') => return Ok(text),
                Some('\\') => match self.take() {
                    Some(escaped @ ('"' | '\\')) => text.push(escaped),
                    _ => return Err(complain(self.position - 1, "after \\ only \" or \\ may stand")),
                },
                Some(character) => text.push(character),
            }
        }
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.take();
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn take(&mut self) -> Option<char> {
        self.position += 1;
        self.rest.next()
    }
}

fn test(field: &str, position: usize, values: &[Value]) -> Result<Test, FilterError> {
    let patterns =
        |values: &[Value]| values.iter().map(|value| Pattern::new(&value.text)).collect::<Vec<_>>();
    Ok(match field {
        "app" => Test::App(patterns(values)),
        "name" => Test::Name(patterns(values)),
        "country" => Test::Country(patterns(values)),
        "city" => Test::City(patterns(values)),
        "operator" => Test::Operator(patterns(values)),
        "user" => Test::User(patterns(values)),
        "scope" => Test::Scope(each(values, "a scope, as in public, lan or local", scope)?),
        "asn" => Test::Asn(each(values, "a number of an autonomous system, as in 13335", asn)?),
        "address" => {
            let wanted = "an address or a block of them, as in 192.0.2.7 or 192.0.2.0/24";
            Test::Address(each(values, wanted, AddressBlock::parse)?)
        }
        "port" => Test::Port(each(values, "a port or a range, as in 443 or 8000-8999", Ports::parse)?),
        "protocol" => Test::Protocol(one(values, "tcp or udp", protocol)?),
        "direction" => Test::Direction(one(values, "in or out", direction)?),
        "since" => Test::Since(one(values, "a time, as in 90s, 10m, 1h, 7d or 4w", duration)?),
        _ => {
            let problem = format!("there is no field {field:?}; there are {}", FIELDS.join(", "));
            return Err(complain(position, problem));
        }
    })
}

fn each<T>(values: &[Value], wanted: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, FilterError> {
    values
        .iter()
        .map(|value| read(&value.text).ok_or_else(|| complain(value.position, format!("expected {wanted}"))))
        .collect()
}

fn one<T>(values: &[Value], wanted: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, FilterError> {
    if let Some(second) = values.get(1) {
        return Err(complain(second.position, "only one value may stand here"));
    }
    let mut found = each(values, wanted, read)?;
    found.pop().ok_or_else(|| complain(1, format!("expected {wanted}")))
}

fn scope(text: &str) -> Option<Pattern> {
    crate::AddressScope::by_word(&text.to_lowercase()).map(|scope| Pattern::new(scope.word()))
}

fn asn(text: &str) -> Option<Asn> {
    let digits = text.strip_prefix("AS").or_else(|| text.strip_prefix("as")).unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?.map(Asn)
}

fn protocol(text: &str) -> Option<Protocol> {
    [Protocol::Tcp, Protocol::Udp].into_iter().find(|protocol| protocol.word().eq_ignore_ascii_case(text))
}

fn direction(text: &str) -> Option<Direction> {
    match text.to_ascii_lowercase().as_str() {
        "in" | "inbound" => Some(Direction::Inbound),
        "out" | "outbound" => Some(Direction::Outbound),
        _ => None,
    }
}

/// Whole seconds, minutes, hours, days of 24 hours, or weeks; at most 100 years.
fn duration(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    let number: u64 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    let total = number.checked_mul(seconds)?;
    (total <= 100 * 366 * 86_400).then(|| Duration::from_secs(total))
}

fn complain(position: usize, problem: impl Into<String>) -> FilterError {
    FilterError { position, problem: problem.into() }
}

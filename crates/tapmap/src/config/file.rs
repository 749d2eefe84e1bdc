//! The configuration file: TOML text to [`Options`], with every complaint naming file and line.
//! It is read key by key rather than by a derive, so that an unknown key can be answered with the
//! known one that it resembles, and a bad value with what was expected.

use super::{Address, Days, Interval, Location, Megabytes, Options, Port, Speed};
use crate::exit::{Failure, FailureKind};
use std::{
    borrow::Cow,
    fmt, fs, io,
    ops::Range,
    path::{Path, PathBuf},
    str::FromStr,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The file that documents every setting and holds its default.
pub(crate) const DEFAULT_TEXT: &str = include_str!("../default-config.toml");

/// Every section with its keys, in the order of the default file.
const KNOWN: &[(&str, &[&str])] = &[
    ("page", &["port", "bind", "open_browser", "ui_dir"]),
    ("recorder", &["interval", "sandbox", "reverse_dns"]),
    ("own_place", &["detect", "location"]),
    ("history", &["enabled", "days", "max_mb", "learning_days"]),
    ("replay", &["file", "speed"]),
];

/// The options of the embedded default file.
pub(crate) fn defaults() -> Result<Options, Failure> {
    parse(DEFAULT_TEXT, Path::new("the default settings"))
}

/// The options of a file; none at all when it does not exist.
///
/// # Errors
/// When the file cannot be read, is not TOML, has an unknown key or a value that makes no sense.
pub(crate) fn read_file(path: &Path) -> Result<Options, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text, path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Options::default()),
        Err(error) => {
            let message = format!("the configuration file {} cannot be read", path.display());
            Err(Failure::from_io(&error, FailureKind::Configuration, message)
                .hint("mend it, or name another folder with --data-dir"))
        }
    }
}

/// The options of a text; `path` is for complaints only.
pub(crate) fn parse(text: &str, path: &Path) -> Result<Options, Failure> {
    let source = Source { text, path };
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or_default();
        source.failure(&at, "this is not TOML").because(error.message())
    })?;
    let mut options = Options::default();
    for (section, content) in document.get_ref() {
        let keys = source.known(section, "section", KNOWN.iter().map(|(name, _)| *name))?;
        let keys = KNOWN.iter().find(|(name, _)| *name == keys).map_or(&[][..], |(_, keys)| keys);
        let DeValue::Table(table) = content.get_ref() else {
            let wanted = format!("expected a section, written [{}]", section.get_ref());
            return Err(source.failure(&section.span(), "a value outside any section").because(wanted));
        };
        for (key, value) in table {
            let key = source.known(key, "key", keys.iter().copied())?;
            set(&mut options, section.get_ref(), key, &Value { source: &source, value })?;
        }
    }
    Ok(options)
}

/// Puts one value where it belongs. Every key of [`KNOWN`] has its line here; a test sees to it.
fn set(options: &mut Options, section: &str, key: &str, value: &Value<'_, '_>) -> Result<(), Failure> {
    match (section, key) {
        ("page", "port") => options.port = Some(value.number::<Port>()?.0),
        ("page", "bind") => options.bind = value.text_as::<Address>()?.map(|address| address.0),
        ("page", "open_browser") => options.open_browser = Some(value.switch()?),
        ("page", "ui_dir") => options.ui_dir = value.text_as::<PathBuf>()?,
        ("recorder", "interval") => options.interval = value.text_as::<Interval>()?,
        ("recorder", "sandbox") => options.sandbox = Some(value.switch()?),
        ("recorder", "reverse_dns") => options.reverse_dns = Some(value.switch()?),
        ("own_place", "detect") => options.detect_place = Some(value.switch()?),
        ("own_place", "location") => options.location = value.text_as::<Location>()?,
        ("history", "enabled") => options.history = Some(value.switch()?),
        ("history", "days") => options.history_days = Some(value.number::<Days>()?),
        ("history", "max_mb") => options.history_max_mb = Some(value.number::<Megabytes>()?),
        ("history", "learning_days") => options.learning_days = Some(value.number::<Days>()?),
        ("replay", "file") => options.replay = value.text_as::<PathBuf>()?,
        ("replay", "speed") => options.speed = Some(value.number::<Speed>()?),
        _ => return Err(value.refuse("this key has no meaning")),
    }
    Ok(())
}

/// The text being read, for complaints that name file and line.
struct Source<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Source<'_> {
    /// A complaint about a stretch of the text.
    fn failure(&self, at: &Range<usize>, problem: &str) -> Failure {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        Failure::new(FailureKind::Configuration, format!("{}, line {line}: {problem}", self.path.display()))
    }

    /// The known name that this one is, or a complaint that suggests the nearest.
    fn known<'k>(
        &self,
        name: &Spanned<Cow<'_, str>>,
        what: &str,
        known: impl Iterator<Item = &'k str>,
    ) -> Result<&'k str, Failure> {
        let known: Vec<&str> = known.collect();
        let written: &str = name.get_ref();
        if let Some(found) = known.iter().find(|known| **known == written) {
            return Ok(found);
        }
        let failure = self.failure(&name.span(), &format!("unknown {what} {written:?}"));
        Err(match nearest(written, &known) {
            Some(nearest) => failure.hint(format!("did you mean {nearest:?}?")),
            None => failure.hint(format!("the known ones are {}", known.join(", "))),
        })
    }
}

/// One value and where it stands.
struct Value<'a, 'i> {
    source: &'a Source<'a>,
    value: &'a Spanned<DeValue<'i>>,
}

impl Value<'_, '_> {
    fn refuse(&self, problem: impl fmt::Display) -> Failure {
        let span = self.value.span();
        let written = self.source.text.get(span.clone()).unwrap_or_default();
        self.source.failure(&span, &format!("the value cannot be {written}")).because(problem)
    }

    fn number<T: FromStr<Err: fmt::Display>>(&self) -> Result<T, Failure> {
        let digits = match self.value.get_ref() {
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => return Err(self.refuse("expected a number")),
        };
        digits.parse().map_err(|problem| self.refuse(problem))
    }

    fn switch(&self) -> Result<bool, Failure> {
        match self.value.get_ref() {
            DeValue::Boolean(switch) => Ok(*switch),
            _ => Err(self.refuse("expected true or false")),
        }
    }

    /// A text, parsed; an empty one says nothing.
    fn text_as<T: FromStr<Err: fmt::Display>>(&self) -> Result<Option<T>, Failure> {
        match self.value.get_ref() {
            DeValue::String(text) if text.is_empty() => Ok(None),
            DeValue::String(text) => text.parse().map(Some).map_err(|problem| self.refuse(problem)),
            _ => Err(self.refuse("expected a text in quotes")),
        }
    }
}

/// The name that a mistyped one most resembles, when it resembles one at all.
pub(crate) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(written, name), *name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, name)| name)
}

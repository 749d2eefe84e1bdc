//! The options of the commands that ask what is remembered.

use crate::config::Moment;
use clap::{Args, ValueEnum};
use std::{fmt, str::FromStr};
use tapmap_core::Day;
use tapmap_history::LocalDays;

/// How a list is printed; a table when nothing is said.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct FormArgs {
    /// Print JSON
    #[arg(long, group = "form")]
    pub(crate) json: bool,

    /// Print one JSON object a line
    #[arg(long, group = "form")]
    pub(crate) jsonl: bool,

    /// Print comma-separated values with a line of names first
    #[arg(long, group = "form")]
    pub(crate) csv: bool,
}

/// A day, as a person names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DayChoice {
    /// The day that goes on.
    #[default]
    Today,
    /// A date.
    Date(Day),
}

impl FromStr for DayChoice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "today" {
            return Ok(Self::Today);
        }
        LocalDays::parse(text).map(Self::Date).ok_or("expected today or a date, as in 2026-11-25")
    }
}

impl fmt::Display for DayChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => formatter.write_str("today"),
            Self::Date(day) => formatter.write_str(&LocalDays::written(*day)),
        }
    }
}

/// Options of `tapmap insights`.
#[derive(Args, Clone, Debug)]
pub(crate) struct InsightsArgs {
    /// Which connections count, as for `tapmap flows`; options stand before it [default: all]
    #[arg(value_name = "FILTER", allow_hyphen_values = true, trailing_var_arg = false)]
    pub(crate) filter: Vec<String>,

    /// Which day, as in 2026-11-25
    #[arg(long, value_name = "DAY", default_value_t)]
    pub(crate) day: DayChoice,

    #[command(flatten)]
    pub(crate) instead: InsteadArgs,

    /// List what is marked as known, too
    #[arg(long)]
    pub(crate) all: bool,

    /// Call hosts and addresses by numbers, for an output that others may see
    #[arg(long)]
    pub(crate) redact: bool,

    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// What `tapmap insights` lists instead.
#[derive(Args, Clone, Copy, Debug)]
#[group(multiple = false)]
pub(crate) struct InsteadArgs {
    /// List what recurs at regular intervals on that day instead
    #[arg(long)]
    pub(crate) rhythms: bool,

    /// List what went on while nobody was at the computer instead, where the system tells
    #[arg(long)]
    pub(crate) away: bool,
}

/// Options of `tapmap report`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReportArgs {
    /// Which connections it is about, as for `tapmap flows`; options stand before it [default: all]
    #[arg(value_name = "FILTER", allow_hyphen_values = true, trailing_var_arg = false)]
    pub(crate) filter: Vec<String>,

    /// Which day, as in 2026-11-25
    #[arg(long, value_name = "DAY", default_value_t)]
    pub(crate) day: DayChoice,

    /// Another day to put beside it
    #[arg(long, value_name = "DAY")]
    pub(crate) compare: Option<DayChoice>,

    /// Leave out what the report is about, when that is a filter, for an output that others may see; apart from
    /// it a report names apps, providers, countries and ports only
    #[arg(long)]
    pub(crate) redact: bool,

    /// In which form; html is one page without scripts that needs nothing else
    #[arg(long, value_name = "FORM", value_enum, default_value_t = ReportForm::Text, conflicts_with = "form")]
    pub(crate) format: ReportForm,

    #[command(flatten)]
    pub(crate) form: FormArgs,

    /// Add every app, provider, country and port with the days on which it was used, to the text; the
    /// other forms always have them
    #[arg(long)]
    pub(crate) log: bool,
}

/// In which form a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportForm {
    /// Plain text.
    Text,
    /// What the HTTP interface answers.
    Json,
    /// Markdown.
    Markdown,
    /// One page.
    Html,
}

/// Options of `tapmap events`.
#[derive(Args, Clone, Debug)]
pub(crate) struct EventsArgs {
    /// Which events, as for `tapmap flows`: words, app:, country:, operator:, port:, direction:, since: and so on
    #[arg(value_name = "FILTER", allow_hyphen_values = true)]
    pub(crate) filter: Option<String>,

    /// Of this day or later, as in 2026-11-25
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<DayChoice>,

    /// Of this day or earlier
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<DayChoice>,

    /// List muted ones too
    #[arg(long)]
    pub(crate) all: bool,

    /// Call sites by numbers and leave notes out, so that the list can be given to others
    #[arg(long)]
    pub(crate) redact: bool,

    /// How many at most, the latest first
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub(crate) limit: usize,

    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// Options of `tapmap timeline`.
#[derive(Args, Clone, Debug)]
pub(crate) struct TimelineArgs {
    /// Which connections count, as for `tapmap flows`; options stand before it
    #[arg(value_name = "FILTER", allow_hyphen_values = true, trailing_var_arg = false)]
    pub(crate) filter: Vec<String>,

    /// The beginning, as in 2026-11-25 or 2026-11-25T12:00 (local) or with Z (UTC) [default: a day ago]
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<Moment>,

    /// The end [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<Moment>,

    /// How long a slot is, as in 5m or 1h
    #[arg(long, value_name = "TIME", default_value = "1h")]
    pub(crate) bucket: jiff::SignedDuration,

    #[command(flatten)]
    pub(crate) form: FormArgs,
}

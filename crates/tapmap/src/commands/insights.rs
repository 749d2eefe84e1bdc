//! `tapmap insights`: what is new on a day, what comes most often, what lies above the usual, what
//! keeps time, and what went on while nobody was there.

use crate::{
    cli::InsightsArgs,
    client, filter, history,
    marks::MarkFile,
    redact::{Pseudonyms, Redact},
    render::{self, absences, insights, remembered},
};
use std::path::Path;
use tapmap_core::Filter;
use tapmap_engine::remembered as asked;
use tapmap_web::wire::{Absences, Insights, Rhythms};

/// Prints what stands out on a day.
///
/// # Errors
/// When the history cannot be used.
pub(super) fn insights(args: &InsightsArgs, folder: &Path, learning_days: u32) -> anyhow::Result<()> {
    let (text, filter) = filter::read(&args.filter)?;
    if args.instead.rhythms {
        return rhythms(args, folder, &text, &filter);
    }
    if args.instead.away {
        return away(args, folder, &text, &filter);
    }
    let path = format!("/api/v1/insights?day={}&filter={}", args.day, client::escaped(&text));
    let mut found: Insights = history::answer(folder, &path, |reader, now| {
        let day = history::day(reader, args.day, now)?;
        let insights = asked::of_chosen(reader, &filter, now, |reader| asked::insights(reader, day, now))?;
        let marks = MarkFile::open(folder, now).marks(now).0;
        Ok(Insights::of(&insights, &marks, learning_days, tapmap_enrich::country_name).within(&text))
    })?;
    if args.redact {
        found.redact(&mut Pseudonyms::default());
    }
    let table = || insights::text(&found, args.all, render::terminal_width());
    render::print(&remembered::list(args.form, &found, &insights::rows(&found), table)?)
}

fn rhythms(args: &InsightsArgs, folder: &Path, text: &str, filter: &Filter) -> anyhow::Result<()> {
    let path = format!("/api/v1/insights/rhythms?day={}&filter={}", args.day, client::escaped(text));
    let mut found: Rhythms = history::answer(folder, &path, |reader, now| {
        let day = history::day(reader, args.day, now)?;
        Ok(Rhythms::of(&asked::rhythms(reader, day, filter, now)?).within(text))
    })?;
    if args.redact {
        found.redact(&mut Pseudonyms::default());
    }
    let table = || insights::rhythms(&found, render::terminal_width());
    render::print(&remembered::list(args.form, &found, &found.items, table)?)
}

fn away(args: &InsightsArgs, folder: &Path, text: &str, filter: &Filter) -> anyhow::Result<()> {
    let path = format!("/api/v1/insights/away?day={}&filter={}", args.day, client::escaped(text));
    let mut found: Absences = history::answer(folder, &path, |reader, now| {
        let day = history::day(reader, args.day, now)?;
        Ok(Absences::of(&asked::absences(reader, day, filter, now)?, None).within(text))
    })?;
    if args.redact {
        found.redact(&mut Pseudonyms::default());
    }
    let table = || absences::text(&found, render::terminal_width());
    render::print(&remembered::list(args.form, &found, &found.items, table)?)
}

//! `tapmap report`: what a day was like, in sentences and tables.

use crate::{
    cli::{ReportArgs, ReportForm},
    client, filter, history,
    redact::{Pseudonyms, Redact as _},
    render::{self, report},
};
use std::path::Path;
use tapmap_core::HistoryReader;
use tapmap_engine::remembered;
use tapmap_web::wire::Report;

/// Prints the report of a day.
///
/// # Errors
/// When the history cannot be used.
pub(super) fn report(args: &ReportArgs, folder: &Path) -> anyhow::Result<()> {
    let (text, filter) = filter::read(&args.filter)?;
    let compare = args.compare.map(|day| format!("&compare={day}")).unwrap_or_default();
    let path = format!("/api/v1/report/{}?filter={}{compare}", args.day, client::escaped(&text));
    let mut found: Report = history::answer(folder, &path, |reader, now| {
        let day = history::day(reader, args.day, now)?;
        let other = args.compare.map(|other| history::day(reader, other, now)).transpose()?;
        let report = |reader: &dyn HistoryReader| remembered::report(reader, day, other, now);
        let report = remembered::of_chosen(reader, &filter, now, report)?;
        Ok(Report::of(&report, tapmap_enrich::country_name).within(&text))
    })?;
    if args.redact {
        found.redact(&mut Pseudonyms::default());
    }
    render::print(&match args.format {
        ReportForm::Text => {
            let text = || report::text(&found, args.log, render::terminal_width());
            render::remembered::list(args.form, &found, &report::rows(&found), text)?
        }
        ReportForm::Json => render::json(&found)?,
        ReportForm::Markdown => report::markdown(&found),
        ReportForm::Html => report::html(&found),
    })
}

//! `tapmap insights`: what is new on a day, what comes most often, what lies above the usual, and what
//! keeps time.

use crate::{
    cli::InsightsArgs,
    history,
    marks::MarkFile,
    redact::{Pseudonyms, Redact},
    render::{self, insights, remembered},
};
use std::path::Path;
use tapmap_engine::remembered as asked;
use tapmap_web::wire::{Insights, Rhythms};

/// Prints what stands out on a day.
///
/// # Errors
/// When the history cannot be used.
pub(super) fn insights(args: &InsightsArgs, folder: &Path) -> anyhow::Result<()> {
    let width = render::terminal_width();
    if args.rhythms {
        let path = format!("/api/v1/insights/rhythms?day={}", args.day);
        let mut rhythms: Rhythms = history::answer(folder, &path, |reader, now| {
            let day = history::day(reader, args.day, now)?;
            asked::rhythms(reader, day, now).map(|rhythms| Rhythms::of(&rhythms))
        })?;
        if args.redact {
            rhythms.redact(&mut Pseudonyms::default());
        }
        let table = || insights::rhythms(&rhythms, width);
        return render::print(&remembered::list(args.form, &rhythms, &rhythms.items, table)?);
    }
    let path = format!("/api/v1/insights?day={}", args.day);
    let mut found: Insights = history::answer(folder, &path, |reader, now| {
        let day = history::day(reader, args.day, now)?;
        let insights = asked::insights(reader, day, now)?;
        let marks = MarkFile::open(folder, now).marks(now).0;
        Ok(Insights::of(&insights, &marks, tapmap_enrich::country_name))
    })?;
    if args.redact {
        found.redact(&mut Pseudonyms::default());
    }
    let table = || insights::text(&found, args.all, width);
    render::print(&remembered::list(args.form, &found, &insights::rows(&found), table)?)
}

//! `tapmap timeline`: how much began and went through, slot by slot.

use crate::{
    cli::TimelineArgs,
    client,
    exit::{Failure, FailureKind},
    filter, history,
    render::{self, remembered, timeline as rendered},
};
use std::{path::Path, time::Duration};
use tapmap_core::{TimelineQuery, Timestamp};
use tapmap_web::wire::Timeline;

/// How long before now it begins when nothing is said.
const A_DAY: i64 = 86_400_000;

/// Prints a timeline.
///
/// # Errors
/// When the filter or the times make no sense, or the history cannot be used.
pub(super) fn timeline(args: &TimelineArgs, folder: &Path) -> anyhow::Result<()> {
    let (text, filter) = filter::read(&args.filter)?;
    let to = args.to.map_or_else(|| history::now().as_millis(), |to| to.0.as_millisecond());
    let slot = Duration::try_from(args.bucket).ok().filter(|slot| *slot >= Duration::from_secs(1));
    let slot = slot.ok_or_else(|| Failure::new(FailureKind::Usage, "a slot lasts at least a second"))?;
    let slot_millis = i64::try_from(slot.as_millis()).unwrap_or(i64::MAX);
    let from = args.from.map_or_else(|| begin(to, slot_millis), |from| from.0.as_millisecond());
    let path = format!(
        "/api/v1/timeline?from={}&to={}&bucket={}s&filter={}",
        client::escaped(&moment(from)),
        client::escaped(&moment(to)),
        slot.as_secs(),
        client::escaped(&text)
    );
    let found: Timeline = history::answer(folder, &path, |reader, now| {
        let (from, to) = (Timestamp::from_millis(from), Timestamp::from_millis(to));
        let slots = reader.timeline(&TimelineQuery { from, to, slot, filter }, now)?;
        Ok(Timeline::of(&slots, &tapmap_engine::remembered::unobserved(reader, from, to, now)?))
    })?;
    let table = || rendered::text(&found, render::terminal_width());
    render::print(&remembered::list(args.form, &found, &found.items, table)?)
}

/// A day before the end, moved to where a slot begins.
fn begin(to: i64, slot: i64) -> i64 {
    to.saturating_sub(A_DAY).div_euclid(slot).saturating_mul(slot)
}

fn moment(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

//! Which program files an app was seen with.

use std::{collections::BTreeSet, sync::Arc};

use tapmap_core::{Filter, FlowQuery, HistoryReader, StoreError, Timestamp};

use super::window_begin;

/// How many of the latest flows are looked at.
const FLOWS: usize = 100;

/// The paths of the program files that an app ran from in its latest flows and in the listeners of the last
/// month, in order. None where they could not be read.
///
/// # Errors
/// When the history cannot be read.
pub fn executables(
    reader: &dyn HistoryReader,
    app: &str,
    now: Timestamp,
) -> Result<Vec<Arc<str>>, StoreError> {
    let quoted = app.replace('\\', "\\\\").replace('"', "\\\"");
    // A name that no filter can hold was never an app's.
    let Ok(filter) = Filter::parse(&format!("app:\"{quoted}\"")) else { return Ok(Vec::new()) };
    let query = FlowQuery { filter, limit: FLOWS, ..FlowQuery::default() };
    let flows = reader.flows(&query, now)?.flows;
    let calendar = reader.calendar()?;
    let begin = calendar.begin_of(window_begin(calendar.day_of(now)));
    let listeners = reader.listeners(begin, now)?;
    let owners = flows.iter().map(|flow| &flow.owner).chain(listeners.iter().map(|it| &it.owner));
    let of_app = owners.filter(|owner| owner.app.as_ref().is_some_and(|it| *it.name == *app));
    let paths: BTreeSet<Arc<str>> = of_app.filter_map(|owner| owner.executable.clone()).collect();
    Ok(paths.into_iter().collect())
}

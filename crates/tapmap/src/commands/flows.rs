//! `tapmap flows`: connections that are remembered, from the running TapMap where there is one, else
//! from its file.

use crate::{
    cli::FlowsArgs,
    client, filter,
    history::{self, unusable},
    instance::{self, Instance},
    redact::{Pseudonyms, Redact},
    render::{self, remembered},
};
use std::fmt::Write as _;
use std::path::Path;
use tapmap_core::{Filter, FlowQuery, HistoryReader, RecordId, Timestamp};
use tapmap_web::wire::{RecordedFlow, RecordedFlows};

/// How many connections are asked for at a time.
const PAGE: usize = 1000;

/// Lists what is remembered.
///
/// # Errors
/// When the filter is not understood, or the history cannot be used.
pub(super) fn flows(args: &FlowsArgs, folder: &Path) -> anyhow::Result<()> {
    let (text, filter) = filter::read(&args.filter)?;
    let mut flows = match instance::running(folder) {
        Some(instance) => from_running(&instance, args, &text)?,
        None => from_file(folder, args, filter)?,
    };
    if args.redact {
        flows.redact(&mut Pseudonyms::default());
    }
    let table = || remembered::table(&flows, render::terminal_width());
    render::print(&remembered::list(args.form, &flows, &flows, table)?)
}

fn from_running(instance: &Instance, args: &FlowsArgs, filter: &str) -> anyhow::Result<Vec<RecordedFlow>> {
    let mut flows: Vec<RecordedFlow> = Vec::new();
    let mut before = None;
    while flows.len() < args.limit {
        let limit = (args.limit - flows.len()).min(PAGE);
        let mut path = format!("/api/v1/flows?limit={limit}&filter={}", client::escaped(filter));
        for (key, moment) in [("from", args.from), ("to", args.to)] {
            if let Some(moment) = moment {
                let _written = write!(path, "&{key}={}", client::escaped(&moment.0.to_string()));
            }
        }
        if let Some(before) = before {
            let _written = write!(path, "&before={before}");
        }
        let page: RecordedFlows = client::get(instance, &path)?;
        flows.extend(page.items);
        let Some(next) = page.next else { break };
        before = Some(next);
    }
    Ok(flows)
}

fn from_file(folder: &Path, args: &FlowsArgs, filter: Filter) -> anyhow::Result<Vec<RecordedFlow>> {
    let reader = history::read(folder)?;
    let moment = |moment: crate::config::Moment| Timestamp::from_millis(moment.0.as_millisecond());
    let query = FlowQuery {
        from: args.from.map(moment),
        to: args.to.map(moment),
        filter,
        before: None::<RecordId>,
        limit: args.limit,
    };
    let page = reader.flows(&query, history::now()).map_err(|error| unusable(&error))?;
    Ok(page.flows.iter().map(|record| RecordedFlow::of(record, tapmap_enrich::service_name)).collect())
}

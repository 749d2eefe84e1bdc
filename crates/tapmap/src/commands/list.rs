//! `tapmap ls` and `tapmap listeners`: from the running recorder where there is one, else from two
//! looks of their own. Either way the same objects.

use crate::{
    cli::{ListArgs, LsArgs},
    client,
    instance::{self, Instance},
    location,
    render::{
        self,
        lists::{
            self,
            flows::{self, Look},
        },
    },
    source::unreadable,
};
use std::path::Path;
use tapmap_core::{LiveState, LiveView, Observation, Sighting, Timestamp};
use tapmap_engine::{Clock, SystemClock};
use tapmap_web::wire::{Flow, Flows, Listener, Listeners, Mode, RecentFlows, Status};

/// Lists what is open now, and what ended when that is asked for.
///
/// # Errors
/// When neither a recorder answers nor the sockets can be read.
pub(super) fn flows(args: LsArgs, folder: &Path) -> anyhow::Result<()> {
    let LsArgs { list: args, recent } = args;
    let own = args.own;
    let Some(instance) = source(folder) else {
        if recent.is_some() {
            render::remark("what ended is known to a running TapMap only");
        }
        let view = look(folder)?;
        let shown = view.flows.iter().filter(|flow| own || !flow.is_own());
        return print_flows(shown.map(|flow| Flow::from(&**flow)).collect(), None, args.json);
    };
    let now = Some(time_of(&instance)?);
    let Some(recent) = recent else {
        let Flows { items } = client::get(&instance, &format!("/api/v1/flows?own={own}"))?;
        return print_flows(items, now, args.json);
    };
    let path = format!("/api/v1/flows?own={own}&recent={}s", recent.as_secs().max(0));
    let RecentFlows { mut items, folded } = client::get(&instance, &path)?;
    items.sort_by_cached_key(|recent| flows::flow_order(&recent.flow));
    if args.json {
        render::print(&render::json(&items)?)?;
        let more = flows::no_longer_listed(&folded);
        if !more.is_empty() {
            render::remark(more.trim_end());
        }
        return Ok(());
    }
    render::print(&flows::recent_flows(&items, &folded, look_of(now)))
}

/// How tables are written to this terminal.
fn look_of(now: Option<Timestamp>) -> Look {
    Look { now, width: render::terminal_width(), dim: render::shows_styles() }
}

fn print_flows(mut list: Vec<Flow>, now: Option<Timestamp>, json: bool) -> anyhow::Result<()> {
    list.sort_by_cached_key(flows::flow_order);
    let table = || flows::flows(&list, look_of(now));
    render::print(&if json { render::json(&list)? } else { table() })
}

/// Lists the ports that wait for others.
///
/// # Errors
/// As [`flows()`].
pub(super) fn listeners(args: ListArgs, folder: &Path) -> anyhow::Result<()> {
    let (mut listeners, now) = if let Some(instance) = source(folder) {
        let Listeners { items } = client::get(&instance, &format!("/api/v1/listeners?own={}", args.own))?;
        (items, Some(time_of(&instance)?))
    } else {
        let view = look(folder)?;
        let shown = view.listeners.iter().filter(|listener| args.own || !listener.attribution.is_own());
        (shown.map(|listener| Listener::from(&**listener)).collect(), None)
    };
    lists::sort_listeners(&mut listeners);
    let table = || lists::listeners(&listeners, now, render::terminal_width());
    render::print(&if args.json { render::json(&listeners)? } else { table() })
}

/// The recorder to ask, and a word to the person about which it is.
fn source(folder: &Path) -> Option<Instance> {
    let instance = instance::running(folder);
    match &instance {
        Some(instance) => render::remark(&format!("from the running TapMap at {}", instance.url())),
        None => render::remark("no TapMap is running; this is what one look shows"),
    }
    instance
}

/// The moment at which ages are told: now, or where the recording has come to.
fn time_of(instance: &Instance) -> anyhow::Result<Timestamp> {
    let status: Status = client::get(instance, "/api/v1/status")?;
    let played = status.observed_at.filter(|_| status.mode != Mode::Live);
    let moment = played.and_then(|moment| moment.parse::<jiff::Timestamp>().ok());
    Ok(moment.map_or_else(now, |moment| Timestamp::from_millis(moment.as_millisecond())))
}

fn now() -> Timestamp {
    SystemClock::default().now()
}

/// Looks twice, so that owners which the first look could only queue are found by the second. How
/// long something has been open it cannot tell.
fn look(folder: &Path) -> anyhow::Result<LiveView> {
    let mut source = tapmap_capture::sockets();
    let locator = location::locator()?;
    locator.recheck(folder, now());
    let mut live = LiveState::default();
    for _ in 0..2 {
        let table = source.snapshot().map_err(|error| unreadable(&error))?;
        live.apply(Observation { at: now(), sighting: Sighting::Table(table) }, &locator);
    }
    Ok(live.view())
}

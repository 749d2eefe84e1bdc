//! Connections as objects.

use std::time::Duration;

use axum::{Json, extract::State};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};
use utoipa::IntoParams;

use super::history::{self, Selection};
use crate::{
    App, Problem,
    extract::Parameters,
    wire::{Flow, FlowList, Flows, RecentFlow, RecentFlows},
};

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Whether to list this program's own connections too.
    #[serde(default)]
    #[param(required = false)]
    own: bool,
    /// With what is open, list also what ended within this time, as in `10m` or `1h30m`; the program
    /// keeps ten minutes and ten thousand of them. The items then have the keys `ended` and
    /// `duration_ms` too.
    #[serde(default, deserialize_with = "time")]
    #[param(value_type = Option<String>)]
    recent: Option<Duration>,
    /// List what is remembered instead: connections that were observed at this moment or later. Any of
    /// the keys from here on does that.
    #[serde(default)]
    #[param(format = DateTime)]
    from: Option<String>,
    /// Connections that began before this moment.
    #[serde(default)]
    #[param(format = DateTime)]
    to: Option<String>,
    /// Connections that fit, as in `app:firefox -country:NO port:443 since:1h`.
    #[serde(default)]
    filter: Option<String>,
    /// The same as `app:` in the filter; so are the next four.
    #[serde(default)]
    app: Option<String>,
    /// A country's code.
    #[serde(default)]
    country: Option<String>,
    /// The number of an autonomous system.
    #[serde(default)]
    asn: Option<u32>,
    /// A service port.
    #[serde(default)]
    port: Option<u16>,
    /// A name that led there; `*` stands for anything.
    #[serde(default)]
    name: Option<String>,
    /// The `next` of the page before.
    #[serde(default)]
    before: Option<String>,
    /// How many connections the page holds; 100 when left out, 1000 at most.
    #[serde(default)]
    limit: Option<usize>,
}

impl Wanted {
    /// What is asked of the history, when something is.
    fn selection(&mut self) -> Option<Selection> {
        let terms = [
            ("app", self.app.take()),
            ("country", self.country.take()),
            ("asn", self.asn.map(|number| number.to_string())),
            ("port", self.port.map(|port| port.to_string())),
            ("name", self.name.take()),
        ];
        let selection = Selection {
            from: self.from.take(),
            to: self.to.take(),
            filter: self.filter.take(),
            before: self.before.take(),
            limit: self.limit,
            terms: terms.into_iter().filter_map(|(field, value)| Some((field, value?))).collect(),
        };
        let Selection { from, to, filter, before, limit, terms } = &selection;
        let asks = from.is_some() || to.is_some() || filter.is_some() || before.is_some() || limit.is_some();
        (asks || !terms.is_empty()).then_some(selection)
    }
}

/// The connections that are open now, and with `recent` those that ended; or those that are remembered.
#[utoipa::path(get, operation_id = "list_flows", path = "/api/v1/flows", params(Wanted),
    responses((status = 200, body = FlowList)))]
pub(crate) async fn list(
    State(app): State<App>,
    Parameters(mut wanted): Parameters<Wanted>,
) -> Result<Json<FlowList>, Problem> {
    if let Some(selection) = wanted.selection() {
        return history::flows(&app, selection).await.map(|page| Json(FlowList::Recorded(page)));
    }
    Ok(Json(now(&app, &wanted)))
}

/// What is open now, and what ended a while ago.
fn now(app: &App, wanted: &Wanted) -> FlowList {
    let view = app.live().view();
    let shown = |flow: &tapmap_core::Flow| wanted.own || !flow.is_own();
    let open = view.flows.iter().filter(|flow| shown(flow));
    let Some(recent) = wanted.recent else {
        return FlowList::Open(Flows { items: open.map(|flow| Flow::from(&**flow)).collect() });
    };
    let ended = app.live().ended_within(recent);
    let ended = ended.iter().filter(|flow| shown(flow)).map(|flow| RecentFlow::ended(flow));
    FlowList::Recent(RecentFlows {
        items: open.map(|flow| RecentFlow::open(flow)).chain(ended).collect(),
        folded: (&app.live().folded()).into(),
    })
}

/// Reads a length of time, as in `10m`.
fn time<'text, D: Deserializer<'text>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = text.parse::<SignedDuration>().map_err(de::Error::custom)?;
    Duration::try_from(time).map(Some).map_err(de::Error::custom)
}

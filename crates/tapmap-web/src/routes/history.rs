//! What is remembered: flows, timelines, and the history itself.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tapmap_core::{
    Day, DayUse, Facet, Filter, FlowQuery, Forget as What, HistoryReader, StoreError, StoreErrorKind,
    TimelineQuery, Timestamp,
};
use tapmap_engine::{Clock, History, SystemClock, remembered};
use utoipa::{IntoParams, ToSchema};

use super::geo::aside;
use crate::{
    App, Problem,
    extract::{Body, Parameters},
    problem::Code,
    wire::{
        DaysToImport, Findings, Forget, Forgetting, HistoryStats, RecordedFlow, RecordedFlows, Timeline,
        calendar, values,
    },
};

/// How many connections a page holds when nothing else is said, and at most.
const PAGE: (usize, usize) = (100, 1000);
/// How many slots a timeline has at most.
const MOST_SLOTS: i64 = 10_000;

/// Which connections of the history: the part of a list's query that is about it.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) limit: Option<usize>,
    /// Terms by themselves: field and value.
    pub(crate) terms: Vec<(&'static str, String)>,
}

/// A page of recorded connections.
pub(crate) async fn flows(app: &App, selection: Selection) -> Result<RecordedFlows, Problem> {
    let terms = selection.terms.iter().map(|(field, value)| format!("{field}:{}", values::quoted(value)));
    let text = selection.filter.into_iter().chain(terms).collect::<Vec<_>>().join(" ");
    let query = FlowQuery {
        from: selection.from.as_deref().map(moment).transpose()?,
        to: selection.to.as_deref().map(moment).transpose()?,
        filter: filter(&text)?,
        before: selection.before.as_deref().map(number).transpose()?.map(tapmap_core::RecordId),
        limit: selection.limit.unwrap_or(PAGE.0).clamp(1, PAGE.1),
    };
    let page = read(app, move |reader, now| reader.flows(&query, now)).await?;
    let service = app.service_name();
    let items = page.flows.iter().map(|record| RecordedFlow::of(record, service)).collect();
    Ok(RecordedFlows { items, next: page.next.map(|id| id.0.to_string()) })
}

/// Which timeline.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Slots {
    /// The beginning of the first slot.
    #[param(format = DateTime)]
    from: String,
    /// The end.
    #[param(format = DateTime)]
    to: String,
    /// How long a slot is, as in `5m` or `1h`. Whole multiples of five minutes are answered at once.
    bucket: String,
    /// Which connections count, as in `app:firefox -country:NO`.
    #[serde(default)]
    filter: Option<String>,
}

/// How much began and went through, slot by slot.
#[utoipa::path(get, operation_id = "show_timeline", path = "/api/v1/timeline", params(Slots),
    responses((status = 200, body = Timeline)))]
pub(crate) async fn timeline(
    State(app): State<App>,
    Parameters(slots): Parameters<Slots>,
) -> Result<Json<Timeline>, Problem> {
    let (from, to) = (moment(&slots.from)?, moment(&slots.to)?);
    let slot = slots.bucket.parse::<SignedDuration>().ok().and_then(|slot| Duration::try_from(slot).ok());
    let slot = slot.filter(|slot| *slot >= Duration::from_secs(1)).ok_or_else(|| {
        Problem::new(Code::InvalidRequest, "The bucket is a time of at least a second, as in 5m or 1h.")
    })?;
    let slot_millis = i64::try_from(slot.as_millis()).unwrap_or(i64::MAX);
    if to.as_millis().saturating_sub(from.as_millis()) / slot_millis >= MOST_SLOTS {
        return Err(Problem::new(
            Code::InvalidRequest,
            format!("A timeline has at most {MOST_SLOTS} slots; ask for longer ones."),
        ));
    }
    let query =
        TimelineQuery { from, to, slot, filter: filter(slots.filter.as_deref().unwrap_or_default())? };
    let (slots, unobserved) = read(&app, move |reader, now| {
        let unobserved = remembered::unobserved(reader, query.from, query.to, now)?;
        Ok((reader.timeline(&query, now)?, unobserved))
    })
    .await?;
    Ok(Json(Timeline::of(&slots, &unobserved)))
}

/// The history in numbers.
#[utoipa::path(get, operation_id = "show_history", path = "/api/v1/history",
    responses((status = 200, body = HistoryStats)))]
pub(crate) async fn show(State(app): State<App>) -> Result<Json<HistoryStats>, Problem> {
    let answer = read(&app, |reader, _| Ok((reader.stats()?, reader.forgetting()?))).await?;
    Ok(Json(HistoryStats::of(&answer.0, &answer.1)))
}

/// Hides something at once and erases it after half a minute.
#[utoipa::path(post, operation_id = "forget_history", path = "/api/v1/history/forget", request_body = Forget,
    security(("token" = [])), responses((status = 200, body = Forgetting)))]
pub(crate) async fn forget(
    State(app): State<App>,
    Body(wanted): Body<Forget>,
) -> Result<Json<Forgetting>, Problem> {
    let what = match wanted {
        Forget { before: Some(date), app: None, all: None } => What::Before(day(&date)?),
        Forget { before: None, app: Some(app), all: None } => What::App(app.into()),
        Forget { before: None, app: None, all: Some(true) } => What::All,
        _ => {
            let detail = "Say what is to be forgotten: exactly one of before, app and all.";
            return Err(Problem::new(Code::InvalidRequest, detail));
        }
    };
    let forgetting = write(&app, move |history| history.forget(what)).await?;
    Ok(Json(Forgetting::from(&forgetting)))
}

/// Which forgetting.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Its id.
    id: String,
}

/// Takes a forgetting back.
#[utoipa::path(delete, operation_id = "restore_history", path = "/api/v1/history/forget", params(Which),
    security(("token" = [])), responses((status = 200, body = HistoryStats)))]
pub(crate) async fn restore(
    State(app): State<App>,
    Parameters(Which { id }): Parameters<Which>,
) -> Result<Json<HistoryStats>, Problem> {
    let id = number(&id)?;
    if !write(&app, move |history| history.restore(id)).await? {
        return Err(Problem::new(Code::NotFound, "It has been erased already, or was never asked for."));
    }
    show(State(app)).await
}

/// No choices.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Work {}

/// Gives free space back to the disk.
#[utoipa::path(post, operation_id = "compact_history", path = "/api/v1/history/compact", request_body = Work,
    security(("token" = [])), responses((status = 200, body = HistoryStats)))]
pub(crate) async fn compact(
    State(app): State<App>,
    Body(Work {}): Body<Work>,
) -> Result<Json<HistoryStats>, Problem> {
    write(&app, History::compact).await?;
    show(State(app)).await
}

/// Reads every row of the history and says what is wrong.
#[utoipa::path(post, operation_id = "verify_history", path = "/api/v1/history/verify", request_body = Work,
    security(("token" = [])), responses((status = 200, body = Findings)))]
pub(crate) async fn verify(
    State(app): State<App>,
    Body(Work {}): Body<Work>,
) -> Result<Json<Findings>, Problem> {
    let findings = read(&app, |reader, _| reader.verify(true)).await?;
    Ok(Json(Findings { findings }))
}

/// Adds days that another program remembers; they are marked as imported.
#[utoipa::path(post, operation_id = "import_days", path = "/api/v1/history/import", request_body = DaysToImport,
    security(("token" = [])), responses((status = 200, body = HistoryStats)))]
pub(crate) async fn import(
    State(app): State<App>,
    Body(wanted): Body<DaysToImport>,
) -> Result<Json<HistoryStats>, Problem> {
    let facet = Facet::ALL.into_iter().find(|facet| facet.word() == wanted.facet);
    let facet = facet.ok_or_else(|| Problem::new(Code::InvalidRequest, "There is no such facet."))?;
    if facet == Facet::Port && wanted.values.iter().any(|one| one.value.parse::<u16>().is_err()) {
        return Err(Problem::new(Code::InvalidRequest, "A port is a number from 0 to 65535."));
    }
    let uses = wanted.values.iter().flat_map(|one| {
        let value: Arc<str> = one.value.as_str().into();
        one.days.iter().map(move |day| DayUse::imported(Day(*day), Arc::clone(&value)))
    });
    let uses: Vec<DayUse> = uses.collect();
    write(&app, move |history| history.import(facet, uses)).await?;
    show(State(app)).await
}

fn history(app: &App) -> Result<&History, Problem> {
    app.history().ok_or_else(|| {
        Problem::new(Code::NoHistory, "Nothing is remembered here: recording of the history is off.")
    })
}

/// Asks the history after what was seen up to now is written.
pub(crate) async fn read_now<T: Send + 'static>(
    app: &App,
    question: impl FnOnce(&dyn HistoryReader, Timestamp) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    ask(app, move |history, now| {
        history.catch_up()?;
        question(history.reader(), now)
    })
    .await
}

/// Asks the history beside the threads that answer requests.
async fn read<T: Send + 'static>(
    app: &App,
    question: impl FnOnce(&dyn HistoryReader, Timestamp) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    ask(app, move |history, now| question(history.reader(), now)).await
}

/// Asks the history itself.
pub(crate) async fn ask<T: Send + 'static>(
    app: &App,
    question: impl FnOnce(&History, Timestamp) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    write(app, move |history| question(history, SystemClock::default().now())).await
}

async fn write<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&History) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    let history = history(app)?.clone();
    aside(move || work(&history)).await?.map_err(|error| problem(&error))
}

fn problem(error: &StoreError) -> Problem {
    tracing::warn!(error = error as &dyn std::error::Error, "the history does not answer");
    let detail = match error.kind {
        StoreErrorKind::Full => "There is no space left on the disk.",
        StoreErrorKind::Busy => "The history is busy; try again.",
        StoreErrorKind::Corrupt => "The history is damaged; `tapmap history verify` says more.",
        StoreErrorKind::TooNew => "A newer TapMap made the history.",
        StoreErrorKind::Io => "The system refused; the program's log says more.",
    };
    Problem::new(Code::HistoryFailed, detail)
}

/// Reads a filter.
pub(crate) fn filter(text: &str) -> Result<Filter, Problem> {
    Filter::parse(text).map_err(|error| {
        Problem::new(Code::InvalidRequest, format!("The filter is not understood: {error}."))
    })
}

/// A filter as it is written, and what it means; all when none is.
pub(crate) fn chosen(text: Option<String>) -> Result<(String, Filter), Problem> {
    let text = text.map(|text| text.trim().to_owned()).unwrap_or_default();
    let filter = filter(&text)?;
    Ok((text, filter))
}

fn moment(text: &str) -> Result<Timestamp, Problem> {
    let read = text.parse::<jiff::Timestamp>();
    read.map(|moment| Timestamp::from_millis(moment.as_millisecond()))
        .map_err(|_| Problem::new(Code::InvalidRequest, "A moment is written as in 2026-11-25T12:00:00Z."))
}

fn day(text: &str) -> Result<Day, Problem> {
    calendar::parse(text)
        .ok_or_else(|| Problem::new(Code::InvalidRequest, "A day is written as in 2026-11-25."))
}

fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::new(Code::InvalidRequest, "An id is a number."))
}

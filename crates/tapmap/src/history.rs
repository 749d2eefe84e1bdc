//! The history of a data folder: where it lies, how it is kept, and who opens it. What is in it is
//! known elsewhere.

mod month;

use crate::{
    cli::DayChoice,
    client,
    config::Settings,
    exit::{Failure, FailureKind},
    folders, instance, source,
};
use serde::de::DeserializeOwned;
use std::{path::Path, sync::Arc};
use tapmap_core::{
    Day, HistoryReader, HistoryStore, Retention, Session, StoreError, StoreErrorKind, Timestamp,
};
use tapmap_engine::{Clock, Historian, History, HistorySettings, Live, Mode, SystemClock, remembered};
use tapmap_enrich::Locator;
use tapmap_history::{Opened, SqliteReader, SqliteStore};

/// Starts remembering, when that is wanted and what is seen happens now: on this computer, or in the demo,
/// whose history goes with its folder. What goes wrong is told as a problem, and nothing is remembered then.
pub(crate) fn start(live: &Live, locator: &Locator, settings: &Settings, folder: &Path) -> Option<Historian> {
    let mode = live.status().identity.mode;
    if !settings.history.value || mode == Mode::Replay {
        return None;
    }
    match open(live, locator, settings, folder) {
        Ok(historian) => {
            if mode == Mode::Demo {
                remember_a_month(&historian.history(), locator);
            }
            Some(historian)
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "nothing is remembered");
            let problem = format!("Nothing is remembered: TapMap {}.", error.in_full());
            live.note_history(Some(problem.into()));
            None
        }
    }
}

fn open(live: &Live, locator: &Locator, settings: &Settings, folder: &Path) -> Result<Historian, StoreError> {
    let now = live.status().identity.started_at;
    let Opened { store, set_aside } = SqliteStore::open(&folder.join(folders::HISTORY), now)?;
    if let Some(set_aside) = set_aside {
        let place = set_aside.path.display();
        let problem = format!(
            "The history could not be used: TapMap {}. It is kept as {place}, and a new one has begun.",
            set_aside.why
        );
        live.note_history(Some(problem.into()));
    }
    let session = Session {
        started_at: now,
        zone: zone(),
        version: env!("CARGO_PKG_VERSION").into(),
        data_version: data_version(locator).into(),
    };
    let keep = Retention {
        days: settings.history_days.value.0,
        bytes: u64::from(settings.history_max_mb.value.0) * 1_000_000,
    };
    let settings = HistorySettings { keep, zone: Box::new(zone) };
    Historian::start(live, Box::new(store), Box::<SystemClock>::default(), session, settings)
}

/// Gives the demo a month to look back on. Without it the demo goes on too.
fn remember_a_month(history: &History, locator: &Locator) {
    let Ok(day) = source::demo_day() else { return };
    let today = remembered::today(history.reader(), now()).unwrap_or_default();
    for (facet, uses) in month::before(today, day, locator) {
        if let Err(error) = history.import(facet, uses) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the demo has no month");
        }
    }
}

/// The time zone of this computer now; empty when that is not known, which counts days in UTC.
fn zone() -> Arc<str> {
    tapmap_enrich::system_time_zone().unwrap_or_default().into()
}

/// Which data addresses are placed with: name and version of each set.
fn data_version(locator: &Locator) -> String {
    let data = locator.data();
    let active = data.iter().filter(|source| source.active);
    active.map(|source| format!("{} {}", source.name, source.version)).collect::<Vec<_>>().join("; ")
}

/// Reads the history of a folder in which no TapMap runs.
///
/// # Errors
/// When there is none, or it cannot be used.
pub(crate) fn read(folder: &Path) -> Result<SqliteReader, Failure> {
    let path = folder.join(folders::HISTORY);
    if !path.exists() {
        let message = format!("there is no history in {}", folder.display());
        return Err(Failure::new(FailureKind::History, message).hint("it begins when TapMap runs"));
    }
    SqliteReader::open(&path).map_err(|error| unusable(&error))
}

/// What is answered about the history: by the TapMap that runs with the folder, asked for `path`, else
/// from its file.
///
/// # Errors
/// When there is no history, or it cannot be used.
pub(crate) fn answer<T: DeserializeOwned>(
    folder: &Path,
    path: &str,
    from_file: impl FnOnce(&dyn HistoryReader, Timestamp) -> Result<T, StoreError>,
) -> anyhow::Result<T> {
    if let Some(instance) = instance::running(folder) {
        return client::get(&instance, path);
    }
    Ok(from_file(&read(folder)?, now()).map_err(|error| unusable(&error))?)
}

/// The day that is meant.
///
/// # Errors
/// When the history cannot be read.
pub(crate) fn day(reader: &dyn HistoryReader, choice: DayChoice, now: Timestamp) -> Result<Day, StoreError> {
    match choice {
        DayChoice::Today => remembered::today(reader, now),
        DayChoice::Date(day) => Ok(day),
    }
}

/// Opens the history of a folder in which no TapMap runs, to change it.
///
/// # Errors
/// When there is none, or it cannot be used.
pub(crate) fn write(folder: &Path) -> Result<SqliteStore, Failure> {
    let reader = read(folder)?;
    let zone = tapmap_core::HistoryReader::sessions(&reader).map_err(|error| unusable(&error))?;
    let mut store =
        SqliteStore::open(&folder.join(folders::HISTORY), now()).map_err(|error| unusable(&error))?.store;
    if let Some(last) = zone.last() {
        store.count_days_in(&last.session.zone);
    }
    Ok(store)
}

/// Begins a history when there is none yet, to change it.
///
/// # Errors
/// When it cannot be used.
pub(crate) fn write_or_begin(folder: &Path) -> Result<Box<dyn HistoryStore>, Failure> {
    let opened = SqliteStore::open(&folder.join(folders::HISTORY), now());
    opened.map(|opened| Box::new(opened.store) as Box<dyn HistoryStore>).map_err(|error| unusable(&error))
}

/// What is told when the history cannot be used.
pub(crate) fn unusable(error: &StoreError) -> Failure {
    let failure = Failure::new(FailureKind::History, "the history cannot be used").because(error.in_full());
    match error.kind {
        StoreErrorKind::Busy => failure.hint("end the TapMap that writes it, or ask it instead"),
        StoreErrorKind::Full => failure.hint("make room on the disk"),
        StoreErrorKind::Corrupt | StoreErrorKind::TooNew => {
            failure.hint("start TapMap: it keeps the file aside and begins a new history")
        }
        StoreErrorKind::Io => failure,
    }
}

/// The moment now.
pub(crate) fn now() -> Timestamp {
    SystemClock::default().now()
}

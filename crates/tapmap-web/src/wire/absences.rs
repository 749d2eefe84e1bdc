//! What went on while nobody was at the computer, as objects.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tapmap_core::Facet;
use tapmap_engine::remembered;
use utoipa::ToSchema;

use super::{calendar, moment::rfc3339, values};

/// What went on while nobody was at the computer, on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Absences {
    /// Which connections it is about, as a filter; empty when about all.
    pub filter: String,
    /// The day.
    #[schema(format = Date)]
    pub day: String,
    /// Each time of absence, the latest first.
    pub items: Vec<Absence>,
    /// Whether connections were left out because there are too many to look at.
    pub partly: bool,
    /// Why it is not known now whether anybody is there; `null` when it is, or nothing records.
    pub not_told: Option<String>,
}

/// A time of absence and what went on in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Absence {
    /// From when, within the day.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when; while it goes on, until it was last known to.
    #[schema(format = DateTime)]
    pub until: String,
    /// How that is known.
    pub why: WhyAway,
    /// Who was connected to public addresses, the most connections first.
    pub apps: Vec<ActiveApp>,
}

/// How it is known that nobody was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyAway {
    /// The screen was locked, or showed the log-in.
    Locked,
    /// Nobody touched keyboard or mouse.
    Idle,
}

/// What one app did meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActiveApp {
    /// The app; `null` when it was not identified.
    #[schema(value_type = Option<String>)]
    pub app: Option<Arc<str>>,
    /// Connections that were open at some time of the absence.
    pub flows: u64,
    /// Those of them that began in it.
    pub begun: u64,
    /// Payload bytes sent by those that began in it.
    pub sent: u64,
    /// Payload bytes received by those that began in it.
    pub received: u64,
    /// Where most of them went: names, else operators, else addresses; at most three.
    #[schema(value_type = Vec<String>)]
    pub destinations: Vec<Arc<str>>,
    /// The filter that lists the connections, between `from` and `until`.
    pub filter: String,
}

impl Absences {
    /// Times of absence as they are told to others; `not_told` says why none is known now.
    pub fn of(absences: &remembered::Absences, not_told: Option<String>) -> Self {
        Self {
            filter: String::new(),
            day: calendar::written(absences.day),
            items: absences.items.iter().map(Into::into).collect(),
            partly: absences.partly,
            not_told,
        }
    }
}

impl From<&remembered::Absence> for Absence {
    fn from(absence: &remembered::Absence) -> Self {
        let remembered::Absence { away, apps } = absence;
        Self {
            from: rfc3339(away.from),
            until: rfc3339(away.until),
            why: away.why.into(),
            apps: apps.iter().map(Into::into).collect(),
        }
    }
}

impl From<&remembered::Active> for ActiveApp {
    fn from(active: &remembered::Active) -> Self {
        let app = values::filter(Facet::App, active.app.as_deref().unwrap_or_default());
        Self {
            app: active.app.clone(),
            flows: active.flows,
            begun: active.begun,
            sent: active.sent,
            received: active.received,
            destinations: active.destinations.clone(),
            filter: format!("{app} scope:public"),
        }
    }
}

impl From<tapmap_core::WhyAway> for WhyAway {
    fn from(why: tapmap_core::WhyAway) -> Self {
        match why {
            tapmap_core::WhyAway::Locked => Self::Locked,
            tapmap_core::WhyAway::Idle => Self::Idle,
        }
    }
}

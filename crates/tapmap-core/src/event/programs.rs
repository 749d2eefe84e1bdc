//! Program files that were replaced by others.

use std::{collections::BTreeMap, sync::Arc};

use super::{Reason, ReasonKind};
use crate::{Calendar, Day, Facet, ProgramSeen, Timestamp};

/// That an app's program file was another one than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramReplaced {
    /// The day.
    pub day: Day,
    /// When the new file was first observed.
    pub at: Timestamp,
    /// The app.
    pub app: Arc<str>,
    /// The path of both files.
    pub path: Arc<str>,
}

/// Every program file that took the place of another one of the same app at the same path.
pub fn replaced(programs: &[ProgramSeen], calendar: &dyn Calendar) -> Vec<ProgramReplaced> {
    let mut by_path: BTreeMap<(&str, &str), Vec<&ProgramSeen>> = BTreeMap::new();
    for seen in programs {
        by_path.entry((&seen.app, &seen.file.path)).or_default().push(seen);
    }
    let later = by_path.into_values().flat_map(|mut versions| {
        versions.sort_by_key(|seen| seen.first_seen);
        versions.into_iter().skip(1)
    });
    let replaced = |seen: &ProgramSeen| ProgramReplaced {
        day: calendar.day_of(seen.first_seen),
        at: seen.first_seen,
        app: Arc::clone(&seen.app),
        path: Arc::clone(&seen.file.path),
    };
    later.map(replaced).collect()
}

impl ProgramReplaced {
    /// What is told of it.
    pub(super) fn reason(&self) -> Reason {
        Reason {
            kind: ReasonKind::ProgramChanged,
            facet: Facet::App,
            value: Arc::clone(&self.path),
            returned_after: None,
            flows: 0,
        }
    }
}

//! Program files that were replaced by others.

use std::{collections::BTreeMap, sync::Arc};

use super::{Reason, ReasonKind};
use crate::{Facet, ProgramSeen};

/// Every program file that took the place of another one of the same app at the same path.
pub(super) fn replaced(programs: &[ProgramSeen]) -> Vec<(&ProgramSeen, Reason)> {
    let mut by_path: BTreeMap<(&str, &str), Vec<&ProgramSeen>> = BTreeMap::new();
    for seen in programs {
        by_path.entry((&seen.app, &seen.file.path)).or_default().push(seen);
    }
    let mut replaced = Vec::new();
    for mut versions in by_path.into_values() {
        versions.sort_by_key(|seen| seen.first_seen);
        for seen in versions.into_iter().skip(1) {
            let reason = Reason {
                kind: ReasonKind::ProgramChanged,
                facet: Facet::App,
                value: Arc::clone(&seen.file.path),
                returned_after: None,
                flows: 0,
            };
            replaced.push((seen, reason));
        }
    }
    replaced
}

//! The seam between the list of sockets and what tells more than it: every layer stands beside the list,
//! adds to it, and can be missing.

use std::{fmt, sync::Arc, time::Duration};

use tapmap_core::{Layer, LayerName, Observation, Sighting, SocketRow, Timestamp};

use super::owners::Owners;

/// What was told, in the order of telling.
#[derive(Debug)]
pub(super) struct Told {
    now: Timestamp,
    observations: Vec<Observation>,
}

impl Told {
    /// Nothing yet; `now` is when it is asked for.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { now, observations: Vec::new() }
    }

    /// Adds something of which no other moment is known than now.
    pub(super) fn push(&mut self, sighting: Sighting) {
        self.observations.push(Observation { at: self.now, sighting });
    }

    /// Adds something that happened so long ago.
    pub(super) fn push_past(&mut self, ago: Duration, sighting: Sighting) {
        let ago = i64::try_from(ago.as_millis()).unwrap_or(0);
        let at = Timestamp::from_millis(self.now.as_millis() - ago);
        self.observations.push(Observation { at, sighting });
    }

    /// All of it.
    pub(super) fn into_observations(self) -> Vec<Observation> {
        self.observations
    }

    /// What it is about, without the moments.
    #[cfg(test)]
    pub(super) fn into_sightings(self) -> Vec<Sighting> {
        self.observations.into_iter().map(|observation| observation.sighting).collect()
    }
}

/// Something that tells of sockets, or of what explains them, beside the list.
pub(super) trait Beside: fmt::Debug + Send {
    /// Its part of the account: whether it works, why, and what it adds.
    fn layers(&self) -> Vec<Layer>;

    /// Finishes opening whatever takes rights, before they are given up. Starts no thread that stays.
    fn settle(&mut self) {}

    /// Adds what it was told since it was last asked, oldest first, without waiting. `owners` knows the
    /// processes, and wants to know what is learned of them.
    fn tell(&mut self, _at: Timestamp, _owners: &mut Owners, _told: &mut Told) {}

    /// Tells the owners of sockets of the current list that are not known, where it can.
    fn name_owners(&mut self, _owners: &mut Owners) {}

    /// Adds the sockets that the list cannot hold to a table. What [`Owners::see`] is shown here has its
    /// owner found with those of the list.
    fn add_rows(&mut self, _owners: &mut Owners, _rows: &mut Vec<SocketRow>) {}
}

/// A layer that works.
pub(super) fn active(name: LayerName, reason: impl Into<Arc<str>>, adds: &str) -> Layer {
    Layer { name, active: true, reason: reason.into(), adds: adds.into(), command: None }
}

/// A layer that does not work; `command` would help, where there is one.
pub(super) fn inactive(
    name: LayerName,
    reason: impl Into<Arc<str>>,
    adds: &str,
    command: Option<Arc<str>>,
) -> Layer {
    Layer { name, active: false, reason: reason.into(), adds: adds.into(), command }
}

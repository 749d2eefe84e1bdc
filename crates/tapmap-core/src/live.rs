//! What is open now.

use crate::{Changes, Enricher, Flow, Listener, Observation};
use std::sync::Arc;

/// What is open now.
#[derive(Debug, Default)]
pub struct LiveState {}

/// A copy of what is open now.
#[derive(Clone, Debug, Default)]
pub struct LiveView {
    /// The number of the last change it contains.
    pub seq: u64,
    /// The flows, by id.
    pub flows: Vec<Arc<Flow>>,
    /// The open ports, by socket.
    pub listeners: Vec<Arc<Listener>>,
}

impl LiveState {
    /// Takes an observation in and says what it changed.
    pub fn apply(&mut self, observation: Observation, _enricher: &dyn Enricher) -> Changes {
        Changes { at: observation.at, ..Changes::default() }
    }
    /// What is open now.
    pub fn view(&self) -> LiveView {
        LiveView::default()
    }
}

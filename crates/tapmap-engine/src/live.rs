//! The handle to the live state that everybody shares: the recorder writes, pages and the command
//! line read and are told of changes.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tapmap_core::{
    Account, Change, Changes, Coverage, Enricher, Flow, Gap, Heard, Layer, LiveState, LiveView, NameReader,
    NoNames, Observation, OwnPlace, Sighting, Tally, Timestamp,
};
use tokio::sync::{broadcast, watch};

use crate::{
    ended::{Ended, Folded},
    history::Feed,
    status::{Identity, Status},
};

/// How many batches a reader may lag behind before it is told to start over: over six seconds of
/// looks at the fastest pace.
const BACKLOG: usize = 64;
/// How many gaps are kept to be shown.
const GAPS_KEPT: usize = 100;

/// The live state, shared. Cloning gives another handle to the same state.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    identity: Identity,
    enricher: Arc<dyn Enricher>,
    state: Mutex<State>,
    changes: broadcast::Sender<Arc<Changes>>,
    own_place: watch::Sender<Option<OwnPlace>>,
}

#[derive(Default)]
struct State {
    live: LiveState,
    observed_at: Option<Timestamp>,
    coverage: Coverage,
    gaps: Vec<Gap>,
    ended: Ended,
    problem: Option<Arc<str>>,
    /// How the process that holds this state is confined.
    confinement: Vec<Layer>,
    names: Names,
    account: Account,
    history: Option<Feed>,
    history_problem: Option<Arc<str>>,
}

/// Reads names; none unless told how.
struct Names(Box<dyn NameReader>);

impl Default for Names {
    fn default() -> Self {
        Self(Box::new(NoNames))
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Live").field("identity", &self.0.identity).finish_non_exhaustive()
    }
}

impl Live {
    /// An empty state; `enricher` says what is known of the addresses that will appear.
    pub fn new(identity: Identity, enricher: Arc<dyn Enricher>) -> Self {
        let (changes, _) = broadcast::channel(BACKLOG);
        let (own_place, _) = watch::channel(None);
        Self(Arc::new(Shared { identity, enricher, state: Mutex::default(), changes, own_place }))
    }

    /// Says who reads names from what is heard. Before that, none are read.
    pub fn set_name_reader(&self, names: Box<dyn NameReader>) {
        self.state().names = Names(names);
    }

    /// Takes an observation in and tells the readers what it changed.
    pub fn apply(&self, observation: Observation) {
        let mut state = self.state();
        let Observation { at, sighting } = observation;
        match &sighting {
            Sighting::Trouble(trouble) => state.problem.clone_from(trouble),
            Sighting::Kernel(count) => state.account.note_kernel(*count, at),
            Sighting::Heard(heard) => return self.hear(state, heard, at),
            Sighting::Coverage(coverage) => state.coverage.clone_from(coverage),
            Sighting::Table(_)
            | Sighting::Socket(_)
            | Sighting::Closed { .. }
            | Sighting::Destination(_)
            | Sighting::Named(_)
            | Sighting::Lost(_) => state.observed_at = state.observed_at.max(Some(at)),
        }
        // Most ends change nothing at first: they wait for the next look.
        let is_look = matches!(sighting, Sighting::Table(_));
        let changes = state.live.apply(Observation { at, sighting }, &*self.0.enricher);
        if is_look || !changes.items.is_empty() {
            self.tell(state, changes);
        }
    }

    /// Reads the names in what was heard.
    fn hear(&self, mut state: MutexGuard<'_, State>, heard: &Heard, at: Timestamp) {
        let names = state.names.0.read(heard, at);
        drop(state);
        for name in names {
            self.apply(Observation { at, sighting: Sighting::Named(name) });
        }
    }

    /// Looks all addresses up again, after the data behind the enricher changed.
    pub fn enrich_again(&self) {
        let mut state = self.state();
        let at = state.observed_at.unwrap_or(self.0.identity.started_at);
        let changes = state.live.enrich_again(at, &*self.0.enricher);
        self.tell(state, changes);
    }

    /// What is open now, and every change after it: view and receiver are taken under one lock, so
    /// nothing falls between. A receiver that lags must start over.
    pub fn subscribe(&self) -> (LiveView, broadcast::Receiver<Arc<Changes>>) {
        let state = self.state();
        (state.live.view(), self.0.changes.subscribe())
    }

    /// What is open now.
    pub fn view(&self) -> LiveView {
        self.state().live.view()
    }

    /// The flows that ended within the last `time` as far as they are kept (ten minutes, ten thousand),
    /// oldest first.
    pub fn ended_within(&self, time: Duration) -> Vec<Arc<Flow>> {
        let state = self.state();
        let now = state.observed_at.unwrap_or_default();
        state.ended.within(time, now)
    }

    /// The ended flows that are counted but no longer listed, since there were too many.
    pub fn folded(&self) -> Folded {
        self.state().ended.folded().clone()
    }

    /// What the recorder says of itself now.
    pub fn status(&self) -> Status {
        let state = self.state();
        Status {
            identity: self.0.identity.clone(),
            observed_at: state.observed_at,
            coverage: state.whole_coverage(),
            gaps: state.gaps.clone(),
            problems: state.problem.iter().chain(&state.history_problem).map(ToString::to_string).collect(),
            own_place: self.0.own_place.borrow().clone(),
        }
    }

    /// What was seen by hours since the start, oldest first, held against what the kernel counted.
    pub fn account(&self) -> Vec<Tally> {
        self.state().account.periods().cloned().collect()
    }

    /// Offers every change from now on to the history; answers what is open before the first of them.
    pub(crate) fn feed_history(&self, feed: Feed) -> LiveView {
        let mut state = self.state();
        state.history = Some(feed);
        state.live.view()
    }

    /// Says what is wrong with the history, in a sentence; `None` when all is well.
    pub fn note_history(&self, problem: Option<Arc<str>>) {
        self.state().history_problem = problem;
    }

    /// Says how the process that holds this state is confined; told beside the layers of the recorder.
    pub fn set_confinement(&self, layers: Vec<Layer>) {
        self.state().confinement = layers;
    }

    /// Says where this computer is taken to be; `None` when that is not known.
    pub fn set_own_place(&self, place: Option<OwnPlace>) {
        self.0.own_place.send_replace(place);
    }

    /// Tells when the own place changes, and holds it.
    pub fn own_place_changes(&self) -> watch::Receiver<Option<OwnPlace>> {
        self.0.own_place.subscribe()
    }

    /// Sends while the state is still held, so that batches arrive in order.
    fn tell(&self, mut state: MutexGuard<'_, State>, changes: Changes) {
        state.remember(&changes);
        state.account.note(&changes);
        let has_readers = self.0.changes.receiver_count() > 0;
        if changes.items.is_empty() || (!has_readers && state.history.is_none()) {
            return;
        }
        let changes = Arc::new(changes);
        if let Some(history) = &state.history {
            history.offer(&changes);
        }
        if has_readers {
            drop(self.0.changes.send(changes));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What the recorder said of itself, and how this process is confined. A layer that both have works
    /// when it works in both.
    fn whole_coverage(&self) -> Coverage {
        let mut coverage = self.coverage.clone();
        for layer in &self.confinement {
            match coverage.layers.iter_mut().find(|known| known.name == layer.name) {
                Some(known) if known.active => known.clone_from(layer),
                Some(_) => {}
                None => coverage.layers.push(layer.clone()),
            }
        }
        coverage.layers.sort_by_key(|layer| layer.name);
        coverage
    }

    /// Keeps what is shown after the change itself: gaps and ended flows.
    fn remember(&mut self, changes: &Changes) {
        let merged = changes.merged();
        for change in &changes.items {
            match change {
                Change::Lost(gap) => self.gaps.push(gap.clone()),
                Change::Closed(flow) if !merged.contains(&flow.id) => self.ended.keep(changes.at, flow),
                Change::Closed(_)
                | Change::Opened(_)
                | Change::Updated(_)
                | Change::Counted(..)
                | Change::ListenerOpened(_)
                | Change::ListenerClosed(_) => {}
            }
        }
        let surplus = self.gaps.len().saturating_sub(GAPS_KEPT);
        self.gaps.drain(..surplus);
        self.ended.forget_before(changes.at);
    }
}

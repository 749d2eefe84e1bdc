//! The programs while they run: what is done at each tick, and with each list of sockets.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tapmap_core::{Layer, LayerName, Timestamp};

use super::{
    happened::{Sources, Translator},
    loaded::Loaded,
    programs::{self, Programs},
};
use crate::os::linux::{beside::Told, owners::Owners};

/// Between two lists of held sockets at least; and after one so many times as long as it took, to spend
/// at most 2 % of one core on them. A socket without an owner does not wait.
const LIST_INTERVAL: Duration = Duration::from_secs(2);
const LIST_REST: u32 = 50;

/// The programs, and what is remembered of what they told.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) loaded: Loaded,
    pub(super) translator: Translator,
    /// The time of the last tick.
    pub(super) now: Timestamp,
    /// When the held sockets were listed, and how long to rest then.
    listed: Option<(Timestamp, Duration)>,
}

impl Running {
    /// What begins when the programs are loaded.
    pub(super) fn new(loaded: Loaded) -> Self {
        let translator = Translator::new(loaded.network);
        Self { loaded, translator, now: Timestamp::default(), listed: None }
    }

    /// The account of what was loaded.
    pub(super) fn layers(&self) -> Vec<Layer> {
        let mut refusals = self.loaded.refusals.clone();
        refusals.note(LayerName::KernelFiles, self.loaded.lists.refused.clone());
        refusals.uncounted = self.loaded.rings.uncounted;
        refusals.layers()
    }

    /// Tells what happened since the last tick.
    pub(super) fn tell(&mut self, owners: &mut Owners, told: &mut Told) {
        let Loaded { rings, lists, .. } = &mut self.loaded;
        let programs = Programs::new(lists);
        let mut sources = Sources { owners, programs };
        rings.each_event(|event, ago| {
            if let Some(sighting) = self.translator.event(event, &mut sources) {
                told.push_past(ago, sighting);
            }
        });
        rings.each_packet(|packet| told.push(Translator::packet(packet, &mut sources)));
    }

    /// Lists who holds what, when that is due or somebody is looked for.
    pub(super) fn name_owners(&mut self, owners: &mut Owners) {
        let lists = &mut self.loaded.lists;
        let lists_work = lists.refused.is_none();
        owners.set_files_told(lists_work);
        self.translator.set_complete(lists_work);
        if !lists_work || !(owners.has_unknown() || self.is_due()) {
            return;
        }
        let lists = &mut self.loaded.lists;
        let begin = cpu_time();
        if programs::needed() {
            owners.learn_programs(lists.processes());
        }
        let held = lists.held_sockets();
        owners.hold(held.clone());
        self.translator.held(held, owners);
        self.listed = Some((self.now, cpu_time().saturating_sub(begin) * LIST_REST));
    }

    fn is_due(&self) -> bool {
        let now = self.now;
        self.listed.is_none_or(|(at, rest)| now < at || now.since(at) >= rest.max(LIST_INTERVAL))
    }
}

/// What this thread has cost so far. Not the time of day: it limits how much is done.
fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

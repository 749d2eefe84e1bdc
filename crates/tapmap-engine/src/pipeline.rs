//! The way of the data, in one loop: what a source saw becomes what is open now, and everybody
//! who listens hears what changed. Attribution came with the observation; enrichment is the live
//! state's, which asks for each address once.

use std::{io, thread};

use tapmap_core::Observation;

use crate::live::Live;

/// Takes observations in until they end.
pub fn record(observations: impl Iterator<Item = Observation>, live: &Live) {
    for observation in observations {
        live.apply(observation);
    }
}

/// The recorder: [`record`] on a thread of its own, page open or not.
#[derive(Debug)]
pub struct Recorder(thread::JoinHandle<()>);

impl Recorder {
    /// Starts recording. `observations` is made on the recorder's own thread, so that opening a
    /// source holds nobody up; it ends by itself when its clock is told to stop.
    ///
    /// # Errors
    /// Fails when the system has no thread left.
    pub fn start<O: Iterator<Item = Observation>>(
        live: Live,
        observations: impl FnOnce() -> O + Send + 'static,
    ) -> io::Result<Self> {
        let run = move || record(observations(), &live);
        thread::Builder::new().name("recorder".to_owned()).spawn(run).map(Self)
    }

    /// Waits until it has ended.
    pub fn join(self) {
        if self.0.join().is_err() {
            tracing::error!("the recorder ended with a panic");
        }
    }
}

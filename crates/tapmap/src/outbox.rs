//! What the recorder has to tell and the server has not taken yet. Observing never waits for the server:
//! when it is slow and this is full, observations are left out and counted, and a gap says so.

use std::{
    io::Write,
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tapmap_capture::frames::FrameWriter;
use tapmap_core::{Gap, GapReason, Observation, Sighting, SourceError, Timestamp};

/// So many bytes may wait; what tells of the recorder itself may wait twice as many.
const FULL: usize = 4 << 20;
/// What comes within this time of the first is sent together with it, until it is so many bytes: in a
/// storm of connections each frame by itself would cost more than what it tells of.
const GATHERED: (Duration, usize) = (Duration::from_millis(2), 64 << 10);
/// The room that is kept when nothing waits, in bytes.
const ROOM_KEPT: usize = 256 << 10;

/// Frames on their way, written by one thread and sent by another.
#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    frames: FrameWriter,
    waiting: Vec<u8>,
    /// From when and until when how many observations were left out.
    left_out: Option<(Timestamp, Timestamp, u64)>,
    closed: bool,
}

impl Outbox {
    /// One in which the first frame, that says who speaks, waits already.
    ///
    /// # Errors
    /// As [`FrameWriter::begin`].
    pub(crate) fn new() -> Result<Self, SourceError> {
        let mut waiting = Vec::new();
        let frames = FrameWriter::begin(&mut waiting)?;
        let state = Mutex::new(State { frames, waiting, left_out: None, closed: false });
        Ok(Self { state, changed: Condvar::new() })
    }

    /// Puts an observation in, or leaves it out when this is full. `false` when nobody takes any more.
    ///
    /// # Errors
    /// As [`FrameWriter::write`].
    pub(crate) fn put(&self, observation: Observation) -> Result<bool, SourceError> {
        let mut state = self.state();
        let (was_empty, was_worth_sending) = (state.waiting.is_empty(), state.is_worth_sending());
        state.put(observation)?;
        // Each waking is a system call, so there is one for each thing that the sender waits for.
        if was_empty || (!was_worth_sending && state.is_worth_sending()) {
            self.changed.notify_one();
        }
        Ok(!state.closed)
    }

    /// Sends what waits and what comes, until the other side takes no more or this is closed.
    pub(crate) fn send(&self, mut output: impl Write) {
        while let Some(mut bytes) = self.take() {
            if output.write_all(&bytes).is_err() {
                break;
            }
            bytes.clear();
            bytes.shrink_to(ROOM_KEPT);
            let mut state = self.state();
            if state.waiting.is_empty() {
                state.waiting = bytes;
            }
        }
        self.close();
    }

    /// Takes no more, and lets nobody wait any longer.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// What waits, once something does; `None` when this is closed.
    fn take(&self) -> Option<Vec<u8>> {
        let idle = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let state = self.changed.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        let gathers = |state: &mut State| !state.is_worth_sending() && !state.closed;
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, GATHERED.0, gathers)
            .unwrap_or_else(PoisonError::into_inner);
        (!state.closed).then(|| mem::take(&mut state.waiting))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether so much waits that nothing more need be waited for.
    fn is_worth_sending(&self) -> bool {
        self.waiting.len() >= GATHERED.1
    }

    fn put(&mut self, observation: Observation) -> Result<(), SourceError> {
        let at = observation.at;
        let waiting = self.waiting.len();
        if waiting >= if is_about_the_recorder(&observation.sighting) { 2 * FULL } else { FULL } {
            let (_, until, count) = self.left_out.get_or_insert((at, at, 0));
            *until = at;
            *count += 1;
            return Ok(());
        }
        if waiting < FULL
            && let Some((from, until, count)) = self.left_out.take()
        {
            let gap = Gap { from, until, reason: GapReason::Overrun, lost: Some(count) };
            self.frames.write(Observation { at, sighting: Sighting::Lost(gap) }, &mut self.waiting)?;
        }
        self.frames.write(observation, &mut self.waiting)
    }
}

/// What comes seldom and is not told again.
fn is_about_the_recorder(sighting: &Sighting) -> bool {
    matches!(sighting, Sighting::Coverage(_) | Sighting::Trouble(_) | Sighting::Lost(_) | Sighting::Kernel(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use tapmap_capture::frames::FrameReader;
    use tapmap_core::{Heard, HeardKind, KernelCount};

    fn at(millis: i64, sighting: Sighting) -> Observation {
        Observation { at: Timestamp::from_millis(millis), sighting }
    }

    fn packet(millis: i64) -> Observation {
        let bytes = vec![7; 1 << 20].into();
        at(millis, Sighting::Heard(Heard { kind: HeardKind::Packet, bytes, process: None }))
    }

    #[test]
    fn what_nobody_takes_in_time_is_left_out_and_counted() {
        let outbox = Outbox::new().unwrap();
        let recorder = || Sighting::Kernel(KernelCount::default());
        for millis in 0..7 {
            assert!(outbox.put(packet(millis)).unwrap());
        }
        assert!(outbox.put(at(8, recorder())).unwrap());
        let mut sent = outbox.take().unwrap();
        assert!(sent.len() < 2 * FULL);
        outbox.put(packet(9)).unwrap();
        sent.append(&mut outbox.take().unwrap());
        let read: Vec<_> = FrameReader::new(&*sent).unwrap().map(Result::unwrap).collect();
        let moments: Vec<i64> = read.iter().map(|observation| observation.at.as_millis()).collect();
        assert_eq!(moments, [0, 1, 2, 3, 8, 9, 9]);
        let (from, until) = (Timestamp::from_millis(4), Timestamp::from_millis(6));
        let gap = Gap { from, until, reason: GapReason::Overrun, lost: Some(3) };
        assert_eq!((&read[4].sighting, &read[5].sighting), (&recorder(), &Sighting::Lost(gap)));
    }

    /// Takes nothing.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn when_the_other_side_is_gone_nothing_is_taken_any_more() {
        let outbox = Outbox::new().unwrap();
        assert!(outbox.put(packet(1)).unwrap());
        outbox.send(Gone);
        assert!(!outbox.put(packet(2)).unwrap());
    }
}

//! The only place that reads a clock or waits. Everything else takes time as an argument or asks
//! a [`Clock`], so that tests run days in no time.

use std::{
    fmt::Debug,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tapmap_core::Timestamp;

/// Tells the time and waits.
pub trait Clock: Send + Debug {
    /// The moment now.
    fn now(&self) -> Timestamp;
    /// Waits that long; `false` when it was told to stop instead.
    fn wait(&self, time: Duration) -> bool;
}

/// Ends the waiting of every clock made with it, at once and for good.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Ends all waiting.
    pub fn stop(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}

/// The system's clock.
#[derive(Clone, Debug, Default)]
pub struct SystemClock {
    stop: Stop,
}

impl SystemClock {
    /// A clock whose waiting ends with `stop`.
    pub fn new(stop: Stop) -> Self {
        Self { stop }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn wait(&self, time: Duration) -> bool {
        let (stopped, told) = &*self.stop.0;
        let guard = stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) =
            told.wait_timeout_while(guard, time, |stopped| !*stopped).unwrap_or_else(PoisonError::into_inner);
        !*guard
    }
}

//! Tasks and time: asks the sources, keeps the live state, tells its readers. Knows neither the
//! operating system nor HTTP, and is the only crate that reads a clock.

mod clock;
mod ended;
mod history;
mod live;
mod pipeline;
mod player;
pub mod remembered;
mod sampler;
mod status;
#[cfg(test)]
mod tests;

pub use clock::{Clock, Stop, SystemClock};
pub use ended::{Folded, FoldedGroup};
pub use history::{Historian, History, HistorySettings, UNDO, ZoneSource};
pub use live::Live;
pub use pipeline::{Recorder, record};
pub use player::{Pace, Player};
pub use sampler::Sampler;
pub use status::{Identity, Mode, Status};

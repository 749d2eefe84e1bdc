//! The frames in which one process tells another what it observes: the recorder's half of TapMap
//! writes them into a socket pair, the server's half reads them. How bytes get there is not decided
//! here, and none of it is kept: what is kept is a [recording](crate::recording).
//!
//! A frame is its length (`u32`, little-endian, not counting itself), one byte that says what kind it
//! is, and the items of that kind in [postcard](https://postcard.jamesmunns.com/wire-format)'s form.
//! The first frame says which version of this form and of the program speaks; both must be the
//! reader's own, so the form may change with any version.
//!
//! Tables are told as their difference from the table before, spread over frames of some 64 KiB:
//! sockets that stay as they were cost nothing. A process is introduced once and then named by its
//! number, counted from 0, until a frame forgets all of them. So neither side grows for ever, and the
//! reader can hold the writer to bounds: [`LARGEST_FRAME`], [`LARGEST_HEARD`], [`MOST_SOCKETS`],
//! [`MOST_PROCESSES`].

mod items;
mod reader;
mod words;
mod writer;

#[cfg(test)]
mod tests;

use tapmap_core::{SourceError, SourceErrorKind};

pub use reader::{FrameReader, check};
pub use writer::FrameWriter;

/// The version of the form.
pub const VERSION: u16 = 2;

/// The version of the program.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// The longest frame, in bytes, of every kind but one.
pub const LARGEST_FRAME: usize = 1 << 20;

/// The longest frame, in bytes, that carries bytes in which names may be: a list of names may be long.
pub const LARGEST_HEARD: usize = 16 << 20;

/// The most sockets a table may hold.
pub const MOST_SOCKETS: usize = 1 << 20;

/// The most processes that may be known by number at once.
pub const MOST_PROCESSES: usize = 1 << 16;

/// What a frame holds; its number is the frame's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    /// Who speaks: [`items::Hello`]. The first frame, and only that.
    Hello = 1,
    /// Processes, each taking the next number.
    Processes,
    /// All numbers of processes are forgotten. No items.
    Forget,
    /// Differences of the table: [`items::Change`].
    Changes,
    /// The differences are complete: the moment of the table.
    Table,
    /// A moment and a row.
    Socket,
    /// A moment, a socket and its last counters.
    Closed,
    /// A moment and a row.
    Destination,
    /// A moment and [`items::Heard`].
    Heard,
    /// A moment and [`items::Named`].
    Named,
    /// A moment and [`items::Kernel`].
    Kernel,
    /// A moment and [`items::Coverage`].
    Coverage,
    /// A moment and a sentence, or none.
    Trouble,
    /// A moment and a gap.
    Lost,
}

impl Kind {
    const ALL: [Self; 14] = [
        Self::Hello,
        Self::Processes,
        Self::Forget,
        Self::Changes,
        Self::Table,
        Self::Socket,
        Self::Closed,
        Self::Destination,
        Self::Heard,
        Self::Named,
        Self::Kernel,
        Self::Coverage,
        Self::Trouble,
        Self::Lost,
    ];

    fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// The longest frame of this kind.
    fn largest(self) -> usize {
        match self {
            Self::Heard => LARGEST_HEARD,
            _ => LARGEST_FRAME,
        }
    }
}

/// An error of what was told, without a cause below it.
fn refuse(why: impl std::fmt::Display) -> SourceError {
    let context = format!("read what the recorder tells: {why}");
    SourceError { kind: SourceErrorKind::Invalid, context, cause: None }
}

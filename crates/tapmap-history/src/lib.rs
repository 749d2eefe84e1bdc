//! Thirty days of flows in SQLite, behind the seam that core defines: the only crate that knows SQL.
//! Reads no clock; time comes in as an argument.

mod codes;
mod day;
mod dictionary;
mod erase;
mod error;
mod file;
mod fold;
mod functions;
mod import;
mod query;
mod reader;
mod retention;
mod rollup;
mod store;
mod verify;

pub use day::{LocalDays, UnknownZone};
pub use file::{Opened, Quarantine, SetAside};
pub use import::{ImportError, Imported, read_reference};
pub use reader::SqliteReader;
pub use store::SqliteStore;

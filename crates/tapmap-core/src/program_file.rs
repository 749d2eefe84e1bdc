//! The file of a program, and what tells it from the one that replaces it.

use std::sync::Arc;

use crate::Timestamp;

/// A program's file as it was at some moment. Another size or another time of its last change is another
/// file: an update, or something else under the same path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProgramFile {
    /// Its path.
    pub path: Arc<str>,
    /// Its length in bytes.
    pub size: u64,
    /// When its content was last changed, as the file system tells.
    pub modified: Timestamp,
}

/// What lies at the path of a program's file now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileNow {
    /// This file.
    There(ProgramFile),
    /// Nothing.
    Gone,
    /// It cannot be known, as when the system refuses to tell.
    NotKnown,
}

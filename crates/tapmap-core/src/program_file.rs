//! The file of a program, and what tells it from the one that replaces it.

use std::sync::Arc;

use crate::Timestamp;

/// What tells a file from the one that was at its path before: an update writes another file. The device is left
/// out, since its number may be another one after each start of the computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileIdentity {
    /// Its number in its file system. Some file systems give every file the same time.
    pub inode: u64,
    /// Its length in bytes.
    pub size: u64,
    /// When its content was last changed, as the file system tells.
    pub modified: Timestamp,
}

/// A program's file as it was at some moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProgramFile {
    /// Its path.
    pub path: Arc<str>,
    /// Which file that was.
    pub identity: FileIdentity,
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

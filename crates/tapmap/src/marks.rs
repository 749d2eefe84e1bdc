//! The marks of a data folder: read once, written whole at every change.

use crate::{
    folders,
    kept::{self, Kept},
};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::UNIX_EPOCH,
};
use tapmap_core::{FileIdentity, FileNow, Mark, MarkChange, Marks, ProgramFile, Timestamp};
use tapmap_web::{
    MarksRefusal,
    wire::{MarkKind, MarkSubject},
};

/// The form of the file that is written and read.
const VERSION: u32 = 1;

/// The marks of a folder.
#[derive(Debug)]
pub(crate) struct MarkFile {
    path: PathBuf,
    held: Mutex<Kept<Marks>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    revision: u64,
    marks: Vec<StoredMark>,
    before: Vec<Vec<StoredMark>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredMark {
    id: u64,
    subject: MarkSubject,
    kind: MarkKind,
    note: String,
    since: i64,
    files: Vec<StoredFile>,
    expired: Option<i64>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredFile {
    path: String,
    size: u64,
    modified: i64,
}

impl MarkFile {
    /// The marks of a folder, as known at `now`.
    pub(crate) fn open(folder: &Path, now: Timestamp) -> Self {
        let path = folder.join(folders::MARKS);
        let held = kept::read(&path, "marks", VERSION, now).into_form(|stored: Stored| stored.into());
        if let Some(problem) = &held.problem {
            tracing::warn!(problem, "marks");
        }
        Self { path, held: Mutex::new(held) }
    }

    /// The marks after a look at the programs' files, and what is wrong with the file.
    pub(crate) fn marks(&self, now: Timestamp) -> (Marks, Option<String>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.value.check(now, look) && !held.is_frozen {
            // It is noticed again after the next start when it cannot be kept.
            if let Err(error) = write(&self.path, &held.value) {
                tracing::warn!(%error, "that marks expired cannot be kept");
            }
        }
        (held.value.clone(), held.problem.clone())
    }

    /// Makes a change and keeps it.
    ///
    /// # Errors
    /// When the change makes no sense or cannot be kept; nothing has changed then.
    pub(crate) fn change(&self, change: MarkChange, now: Timestamp) -> Result<Marks, MarksRefusal> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.may_change().map_err(MarksRefusal::NotKept)?;
        let mut marks = held.value.clone();
        marks.change(change, now).map_err(MarksRefusal::NotMarked)?;
        write(&self.path, &marks).map_err(|error| {
            let place = self.path.display();
            MarksRefusal::NotKept(format!("The marks could not be kept in {place}: {error}."))
        })?;
        held.value.clone_from(&marks);
        Ok(marks)
    }
}

/// The program's file at a path, as it is now; `None` when the system does not tell.
pub(crate) fn program_file(path: &str) -> Option<ProgramFile> {
    match look(path) {
        FileNow::There(file) => Some(file),
        FileNow::Gone | FileNow::NotKnown => None,
    }
}

fn look(path: &str) -> FileNow {
    let file = match fs::metadata(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return FileNow::Gone,
        Err(_) => return FileNow::NotKnown,
    };
    let Ok(modified) = file.modified() else { return FileNow::NotKnown };
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let modified = Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    // Of what tells a file, these are known alike on every system.
    let identity = FileIdentity { inode: 0, size: file.len(), modified };
    FileNow::There(ProgramFile { path: path.into(), identity })
}

fn write(path: &Path, marks: &Marks) -> io::Result<()> {
    kept::write(path, &Stored::from(marks))
}

impl From<&Marks> for Stored {
    fn from(marks: &Marks) -> Self {
        let stored = |marks: &Vec<Mark>| marks.iter().map(StoredMark::from).collect();
        Self {
            version: VERSION,
            revision: marks.revision,
            marks: stored(&marks.marks),
            before: marks.before.iter().map(stored).collect(),
        }
    }
}

impl From<Stored> for Marks {
    fn from(stored: Stored) -> Self {
        let marks = |marks: Vec<StoredMark>| marks.into_iter().map(Mark::from).collect();
        Self {
            marks: marks(stored.marks),
            revision: stored.revision,
            before: stored.before.into_iter().map(marks).collect(),
        }
    }
}

impl From<&Mark> for StoredMark {
    fn from(mark: &Mark) -> Self {
        let file = |file: &ProgramFile| StoredFile {
            path: file.path.to_string(),
            size: file.identity.size,
            modified: file.identity.modified.as_millis(),
        };
        Self {
            id: mark.id,
            subject: (&mark.subject).into(),
            kind: mark.kind.into(),
            note: mark.note.to_string(),
            since: mark.since.as_millis(),
            files: mark.files.iter().map(file).collect(),
            expired: mark.expired.map(Timestamp::as_millis),
        }
    }
}

impl From<StoredMark> for Mark {
    fn from(stored: StoredMark) -> Self {
        let file = |file: StoredFile| ProgramFile {
            path: file.path.into(),
            identity: FileIdentity {
                inode: 0,
                size: file.size,
                modified: Timestamp::from_millis(file.modified),
            },
        };
        Self {
            id: stored.id,
            subject: stored.subject.into(),
            kind: stored.kind.into(),
            note: stored.note.into(),
            since: Timestamp::from_millis(stored.since),
            files: stored.files.into_iter().map(file).collect(),
            expired: stored.expired.map(Timestamp::from_millis),
        }
    }
}

#[cfg(test)]
mod tests;

//! Words for giving rights up. Which rights there are, and how they are given up, is asked of the
//! operating system in `os`; nothing here does it.

use std::{path::PathBuf, sync::Arc};

use tapmap_core::{Layer, LayerName};

/// Which rights a process keeps when it gives up its rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// None at all.
    Nothing,
    /// Those that looking into other users' processes takes, as long as the kernel shows their files in
    /// no other way.
    OtherProcesses,
    /// The one that writing into a folder of another user takes.
    OtherFolder,
}

/// Which half of the program gives up system calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The one that observes.
    Recorder,
    /// The one that serves the page and reads foreign bytes.
    Server,
}

/// The files that may still be touched. What does not exist is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Folders and files that may be read.
    pub read: Vec<PathBuf>,
    /// Folders that may be read and written.
    pub write: Vec<PathBuf>,
    /// Folders from which empty folders may be removed.
    pub clear: Vec<PathBuf>,
}

/// What a layer of protection adds, in a sentence for people.
fn adds(name: LayerName) -> &'static str {
    match name {
        LayerName::TwoProcesses => {
            "What serves the page and reads foreign bytes is kept apart from what may look into processes."
        }
        LayerName::DroppedRights => {
            "Whoever breaks into TapMap gains none of the rights it was started with."
        }
        LayerName::Landlock => {
            "What serves the page can touch only its own files and can open no connection, whatever happens \
             to it."
        }
        _ => "TapMap can start no programs and change nothing in the system, whatever happens to it.",
    }
}

/// A layer of protection: whether it is in force, and why or why not.
pub fn protection(name: LayerName, active: bool, reason: impl Into<Arc<str>>) -> Layer {
    Layer { name, active, reason: reason.into(), adds: adds(name).into(), command: None }
}

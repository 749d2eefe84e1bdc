//! A process and the app that a person would call it.

use std::sync::Arc;

use crate::{FileIdentity, Timestamp};

/// What identifies a process: a pid alone is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessKey {
    /// Process id, in the recorder's pid namespace.
    pub pid: u32,
    /// When it started, in the system's own unit (Linux: clock ticks since boot, `/proc/<pid>/stat` field 22).
    pub start: u64,
}

/// A process that owns sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its identity.
    pub key: ProcessKey,
    /// The kernel's short name for it (Linux: `comm`, at most 15 bytes).
    pub name: Arc<str>,
    /// Path of its program file, where it may be read.
    pub executable: Option<Arc<str>>,
    /// Which file that is, where it may be looked at.
    pub file: Option<FileIdentity>,
    /// What a person would call it.
    pub app: App,
    /// The user it runs as, by name or by number.
    pub user: Option<Arc<str>>,
    /// When it started, where that is known as a moment.
    pub started: Option<Timestamp>,
    /// Whether it is this program itself.
    pub own: bool,
}

/// A program as a person knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct App {
    /// Its name: `Firefox`, `backup.py`, `nginx`.
    pub name: Arc<str>,
    /// What the name was taken from.
    pub evidence: AppEvidence,
}

/// Where an app's name comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppEvidence {
    /// The container it runs in.
    Container,
    /// A Flatpak or Snap id.
    Package,
    /// A desktop entry that names the program.
    DesktopEntry,
    /// An `AppImage`'s file name.
    AppImage,
    /// The script, module or archive that an interpreter runs.
    Script,
    /// The systemd unit it runs in.
    Unit,
    /// The program's file name.
    FileName,
    /// The kernel's short name of the process.
    ProcessName,
}

impl AppEvidence {
    /// The lower-case word used on the wire and on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Package => "package",
            Self::DesktopEntry => "desktop_entry",
            Self::AppImage => "app_image",
            Self::Script => "script",
            Self::Unit => "unit",
            Self::FileName => "file_name",
            Self::ProcessName => "process_name",
        }
    }
}

//! What starts recording by itself: which file it is, whose the file is that is there, what has to be run,
//! and doing that. Nothing is asked here and nothing printed.

use super::{
    files::{self, MARKER, Start},
    surroundings::Surroundings,
};
use crate::exit::{Failure, FailureKind};
use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The unit's name.
pub(crate) const UNIT: &str = "tapmap.service";

/// The way in which recording is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a systemd unit of the user, at login.
    UserUnit,
    /// By a systemd unit of the computer, with the computer.
    SystemUnit,
    /// By the desktop, at login.
    Autostart,
}

impl Way {
    /// The way for this computer.
    ///
    /// # Errors
    /// When a unit of the computer is asked for and nothing there reads one.
    pub(crate) fn choose(surroundings: &Surroundings, system: bool) -> Result<Self, Failure> {
        if !cfg!(target_os = "linux") {
            let message = "TapMap can be started at login on Linux only, for now";
            return Err(Failure::new(FailureKind::NotPermitted, message));
        }
        match (system, surroundings.has_systemd()) {
            (true, true) => Ok(Self::SystemUnit),
            (true, false) => {
                let message = "systemd does not run this computer, and --system is a unit of systemd";
                Err(Failure::new(FailureKind::NotPermitted, message)
                    .hint("without --system the desktop starts TapMap at login"))
            }
            (false, true) => Ok(Self::UserUnit),
            (false, false) => Ok(Self::Autostart),
        }
    }

    /// Its file.
    pub(crate) fn path(self, surroundings: &Surroundings) -> PathBuf {
        match self {
            Self::UserUnit => surroundings.config.join("systemd/user").join(UNIT),
            Self::SystemUnit => surroundings.root.join("etc/systemd/system").join(UNIT),
            Self::Autostart => surroundings.config.join("autostart/tapmap.desktop"),
        }
    }

    /// What the file holds.
    ///
    /// # Errors
    /// When a path cannot be written in it.
    pub(crate) fn content(self, program: &Path, data_folder: Option<&Path>) -> Result<String, Failure> {
        let start = Start { program: word(program)?, data_folder: data_folder.map(word).transpose()? };
        Ok(match self {
            Self::UserUnit => files::user_unit(start),
            Self::SystemUnit => files::system_unit(start.program),
            Self::Autostart => files::autostart(start),
        })
    }

    /// Whether systemd can be told of it now.
    pub(crate) fn is_managed(self, surroundings: &Surroundings) -> bool {
        match self {
            Self::UserUnit => surroundings.has_user_manager(),
            Self::SystemUnit => true,
            Self::Autostart => false,
        }
    }

    /// What has to be run once the file is there. A unit that was replaced is started anew.
    pub(crate) fn after_writing(self, replaced: bool) -> Vec<Invocation> {
        let start = if replaced { "restart" } else { "start" };
        match self {
            Self::Autostart => Vec::new(),
            _ => vec![
                self.systemctl(&["daemon-reload"]),
                self.systemctl(&["enable", UNIT]),
                self.systemctl(&[start, UNIT]),
            ],
        }
    }

    /// What has to be run before the file goes.
    pub(crate) fn before_removing(self) -> Option<Invocation> {
        (self != Self::Autostart).then(|| self.systemctl(&["disable", "--now", UNIT]))
    }

    /// What has to be run once it is gone.
    pub(crate) fn after_removing(self) -> Option<Invocation> {
        (self != Self::Autostart).then(|| self.systemctl(&["daemon-reload"]))
    }

    /// The question whether the unit `is-enabled` or `is-active`.
    pub(crate) fn question(self, what: &str) -> Invocation {
        self.systemctl(&["--quiet", what, UNIT])
    }

    fn systemctl(self, arguments: &[&str]) -> Invocation {
        let user = (self == Self::UserUnit).then_some("--user");
        let arguments = user.into_iter().chain(arguments.iter().copied()).map(str::to_owned).collect();
        Invocation { program: "systemctl", arguments }
    }
}

/// A path as a word of a file.
fn word(path: &Path) -> Result<&str, Failure> {
    path.to_str().filter(|text| !text.chars().any(char::is_control)).ok_or_else(|| {
        let message =
            format!("the path {:?} cannot be written in a file that starts programs", path.display());
        Failure::new(FailureKind::Usage, message).hint("use a path of ordinary letters")
    })
}

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invocation {
    program: &'static str,
    arguments: Vec<String>,
}

impl fmt::Display for Invocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.program, self.arguments.join(" "))
    }
}

/// What runs programs: the system, or a test's stand-in.
pub(crate) trait Shell {
    /// Runs one whose messages the person sees, and says whether it ended well.
    ///
    /// # Errors
    /// When it cannot be started.
    fn run(&self, invocation: &Invocation) -> io::Result<bool>;

    /// Asks one that answers by how it ends.
    ///
    /// # Errors
    /// When it cannot be started.
    fn ask(&self, invocation: &Invocation) -> io::Result<bool>;
}

/// The system's programs, as `PATH` finds them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct System;

impl Shell for System {
    fn run(&self, invocation: &Invocation) -> io::Result<bool> {
        let mut command = Command::new(invocation.program);
        Ok(command.args(&invocation.arguments).stdin(Stdio::null()).status()?.success())
    }

    fn ask(&self, invocation: &Invocation) -> io::Result<bool> {
        let mut command = Command::new(invocation.program);
        command.args(&invocation.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.status()?.success())
    }
}

/// Whose the file is that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// There is none.
    Nothing,
    /// `tapmap service install` wrote it; this is what it holds.
    Ours(String),
    /// Somebody else did.
    Foreign,
}

/// Looks whose a file is.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn look(path: &Path) -> Result<Found, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(match String::from_utf8(bytes) {
            Ok(text) if text.lines().next() == Some(MARKER) => Found::Ours(text),
            _ => Found::Foreign,
        }),
        // A link to nothing was put there by somebody.
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => Ok(Found::Foreign),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) => {
            let message = format!("{} cannot be read", path.display());
            Err(Failure::from_io(&error, FailureKind::Unexpected, message))
        }
    }
}

/// Writes a file that everyone may read, whole or not at all, with the folders above it.
///
/// # Errors
/// When the system refuses; an older file is untouched then.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut file = readable(&mut tempfile::Builder::new()).tempfile_in(folder)?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map(drop).map_err(|error| {
        Failure::from_io(&error, FailureKind::Unexpected, format!("{} cannot be written", path.display()))
    })
}

/// Takes a file away.
///
/// # Errors
/// When the system refuses.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| {
        Failure::from_io(&error, FailureKind::Unexpected, format!("{} cannot be removed", path.display()))
    })
}

#[cfg(unix)]
fn readable<'a, 'b>(
    builder: &'a mut tempfile::Builder<'b, 'static>,
) -> &'a mut tempfile::Builder<'b, 'static> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable<'a, 'b>(
    builder: &'a mut tempfile::Builder<'b, 'static>,
) -> &'a mut tempfile::Builder<'b, 'static> {
    builder
}

/// Why a program's file must not be run with rights of the computer: a user could put another in its
/// place. `None` when only root can.
#[cfg(unix)]
pub(crate) fn replaceable(program: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    program.ancestors().filter(|part| !part.as_os_str().is_empty()).find_map(|part| {
        let about = fs::metadata(part).ok()?;
        let (mode, is_folder) = (about.mode(), about.is_dir());
        // In a folder with the sticky bit, everyone may write and only the owner may replace.
        let by_all = mode & 0o022 != 0 && !(is_folder && mode & 0o1000 != 0);
        let reached = mode & if is_folder { 0o001 } else { 0o005 } != 0;
        let shown = part.display();
        match (about.uid() == 0 && !by_all, reached) {
            (false, _) => Some(format!("others than root can replace {shown}")),
            (true, false) => Some(format!("only root can reach {shown}, and the service runs as nobody")),
            (true, true) => None,
        }
    })
}

/// Why a program's file must not be run with rights of the computer; not known on this system.
#[cfg(not(unix))]
pub(crate) fn replaceable(_: &Path) -> Option<String> {
    None
}

#[cfg(test)]
mod tests;

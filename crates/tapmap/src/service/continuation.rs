//! Whether recording goes on after log-out, by what started it.

use super::surroundings;
use crate::environment;
use std::{
    fs,
    io::{self, IsTerminal},
    path::Path,
};
use tapmap_web::wire::{Continuation, Continues};

/// What started a recorder, as far as that decides when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartedBy {
    /// systemd, with the computer.
    System,
    /// The user's own instance of systemd.
    UserManager,
    /// The desktop, at login.
    Desktop,
    /// A person at a terminal.
    Terminal,
    /// Something that is not identified.
    Other,
}

impl StartedBy {
    /// What started this process.
    pub(crate) fn now() -> Self {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let is_kept = environment::MULTIPLEXERS.into_iter().any(|name| environment::read(name).is_some());
        Self::from(&groups, io::stdin().is_terminal(), is_kept)
    }

    /// The rule: by the control group (`cgroups(7)`) that systemd made for what it started, unless a person
    /// sits at a terminal. A terminal that `tmux` or `screen` keeps may go on or not. Desktops start what
    /// they start as `app-….service` (`systemd.io/DESKTOP_ENVIRONMENTS`).
    fn from(groups: &str, at_terminal: bool, is_kept: bool) -> Self {
        if at_terminal {
            return if is_kept { Self::Other } else { Self::Terminal };
        }
        let told = groups.lines().find_map(|line| {
            let (_, rest) = line.split_once(':')?;
            let (controllers, path) = rest.split_once(':')?;
            matches!(controllers, "" | "name=systemd").then_some(path)
        });
        let path = told.unwrap_or_default();
        let unit = path.rsplit('/').next().unwrap_or_default();
        let is_of_user = path.split('/').any(|part| part.starts_with("user@"));
        match (unit.ends_with(".service"), is_of_user) {
            (true, true) if unit.starts_with("app-") && unit.contains("@autostart") => Self::Desktop,
            (true, true) if unit.starts_with("app-") => Self::Other,
            (true, true) => Self::UserManager,
            (true, false) if path.starts_with("/system.slice/") => Self::System,
            _ => Self::Other,
        }
    }

    /// Whether a recorder that was started so goes on after log-out, as of now.
    pub(crate) fn continues(self, root: &Path, user: &str) -> Continues {
        let install = Some("tapmap service install".to_owned());
        let (after_log_out, reason, command) = match self {
            Self::System => {
                (Continuation::Yes, "It starts with the computer, whoever logs in or out.".to_owned(), None)
            }
            Self::UserManager => match surroundings::lingers(root, user) {
                Some(true) => {
                    (Continuation::Yes, format!("Services of {user} go on without a session."), None)
                }
                Some(false) => (
                    Continuation::No,
                    format!("It ends with the last session of {user}."),
                    Some(format!("loginctl enable-linger {user}")),
                ),
                None => (
                    Continuation::Unknown,
                    "Whether services of this user go on without a session cannot be read.".to_owned(),
                    None,
                ),
            },
            Self::Desktop => {
                (Continuation::Unknown, "The desktop decides what it ends at log-out.".to_owned(), None)
            }
            Self::Terminal => {
                (Continuation::No, "It was started by hand and ends with its terminal.".to_owned(), install)
            }
            Self::Other => (
                Continuation::Unknown,
                "What started it decides, and that is not identified.".to_owned(),
                install,
            ),
        };
        Continues { after_log_out, reason, command }
    }
}

#[cfg(test)]
mod tests;

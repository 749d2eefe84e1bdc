//! What setting up a service has to know of the computer and the user, read once and passed on, so that
//! tests can make it up.

use crate::{
    environment,
    exit::{Failure, FailureKind},
};
use etcetera::BaseStrategy;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The computer and the user, as far as they matter here.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// Where the file system begins: `/`.
    pub(crate) root: PathBuf,
    /// The user's folder of settings: `$XDG_CONFIG_HOME`, else `~/.config`.
    pub(crate) config: PathBuf,
    /// The user's folder of what runs (`$XDG_RUNTIME_DIR`), where there is one.
    pub(crate) runtime: Option<PathBuf>,
    /// The user's name; empty where it is not known.
    pub(crate) user: String,
    /// Whether this process may do everything.
    pub(crate) is_root: bool,
    /// This program's file.
    pub(crate) program: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    ///
    /// # Errors
    /// When the user's home is not known, or the program's file is gone.
    pub(crate) fn now() -> Result<Self, Failure> {
        let base = etcetera::base_strategy::Xdg::new().map_err(|error| {
            Failure::new(FailureKind::Configuration, "the user's home is not known").because(error)
        })?;
        let program = env::current_exe().ok().filter(|program| program.is_file()).ok_or_else(|| {
            Failure::new(FailureKind::Unexpected, "this program's own file is not found")
                .hint("it may have been replaced just now; try again")
        })?;
        let number = user_number();
        Ok(Self {
            root: PathBuf::from("/"),
            config: base.config_dir(),
            runtime: base.runtime_dir(),
            user: user_name(),
            is_root: number == Some(0),
            program,
        })
    }

    /// Whether systemd started this computer (`sd_booted(3)`), or at least looks after this user.
    pub(crate) fn has_systemd(&self) -> bool {
        self.root.join("run/systemd/system").is_dir() || self.has_user_manager()
    }

    /// Whether an instance of systemd looks after this user now.
    pub(crate) fn has_user_manager(&self) -> bool {
        self.runtime.as_ref().is_some_and(|runtime| runtime.join("systemd/private").exists())
    }
}

/// Whether a user's services go on after the last log-out (loginctl(1), `enable-linger`): systemd keeps a
/// file named after the user then. `None` where that cannot be read.
pub(crate) fn lingers(root: &Path, user: &str) -> Option<bool> {
    let is_name = !user.is_empty() && !user.starts_with('.') && !user.contains('/');
    is_name.then(|| root.join("var/lib/systemd/linger").join(user).try_exists().ok()).flatten()
}

/// The name of the user that this process belongs to: by the list of users, else by the environment;
/// empty where neither tells.
pub(crate) fn user_name() -> String {
    let listed = user_number().and_then(|number| {
        let users = fs::read_to_string("/etc/passwd").ok()?;
        listed_name(&users, number).map(str::to_owned)
    });
    listed.or_else(|| environment::USER.into_iter().find_map(environment::read)).unwrap_or_default()
}

/// The name that a list of users (passwd(5)) has for a number.
fn listed_name(users: &str, number: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then_some(name)
    })
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such number")]
fn user_number() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn user_number() -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_users_tells_the_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\n\nada:x:1000:1000::/home/ada:/bin/sh\nodd\n";
        assert_eq!(listed_name(users, 1000), Some("ada"));
        assert_eq!(listed_name(users, 0), Some("root"));
        assert_eq!(listed_name(users, 7), None);
    }

    #[test]
    fn lingering_is_read_and_never_guessed() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("var/lib/systemd/linger");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("ada"), "").unwrap();
        assert_eq!(lingers(root.path(), "ada"), Some(true));
        assert_eq!(lingers(root.path(), "bob"), Some(false));
        for odd in ["", "..", "a/b"] {
            assert_eq!(lingers(root.path(), odd), None, "{odd:?}");
        }
    }
}

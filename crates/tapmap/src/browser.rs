//! Whether there is a screen to open a browser on, and opening it.

use crate::environment::{self, DISPLAYS, SSH};

/// Whether a browser that is opened would appear before the person who started the program.
pub(crate) fn has_screen() -> bool {
    screen(&|name| environment::read(name).is_some(), std::env::consts::OS)
}

/// The rule behind [`has_screen`]: not over SSH; and where the desktop is one program among others,
/// only when it says that it is there.
fn screen(is_set: &dyn Fn(&str) -> bool, system: &str) -> bool {
    let remote = SSH.iter().any(|name| is_set(name));
    let always_graphical = matches!(system, "macos" | "windows");
    !remote && (always_graphical || DISPLAYS.iter().any(|name| is_set(name)))
}

/// Opens a page in the user's browser, without waiting for it. `false` when there is none to open.
pub(crate) fn open(url: &str) -> bool {
    let opened = open::that_detached(url);
    if let Err(error) = &opened {
        tracing::warn!(%error, "no browser could be opened");
    }
    opened.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(set: &[&str], system: &str) -> bool {
        screen(&|name| set.contains(&name), system)
    }

    #[test]
    fn a_browser_opens_only_where_it_would_be_seen() {
        assert!(seen(&["DISPLAY"], "linux"));
        assert!(seen(&["WAYLAND_DISPLAY"], "linux"));
        assert!(!seen(&[], "linux"));
        assert!(!seen(&["DISPLAY", "SSH_CONNECTION"], "linux"));
        assert!(seen(&[], "macos"));
        assert!(!seen(&["SSH_TTY"], "macos"));
    }
}

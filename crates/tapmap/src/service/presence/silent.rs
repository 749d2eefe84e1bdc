//! Whether anybody is at the computer, on systems that are not asked yet.

use tapmap_core::Presence;

/// What would listen to the system; there is none.
#[derive(Debug)]
pub(crate) enum PresenceWatch {}

impl PresenceWatch {
    /// Says that nothing is told.
    ///
    /// # Errors
    /// Always, with a sentence.
    pub(crate) fn open() -> Result<Self, String> {
        Err("This version does not learn from this operating system whether the screen is locked.".to_owned())
    }

    /// Cannot be called: there is none.
    pub(crate) fn follow(self, _: impl FnMut(Presence) -> bool) -> String {
        match self {}
    }
}

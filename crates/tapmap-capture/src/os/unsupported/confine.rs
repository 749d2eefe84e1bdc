//! Giving rights up on a system where TapMap does not know how: nothing is given up, and that is said.

use tapmap_core::{Layer, LayerName};

use crate::confinement::{Files, Kept, Part, protection};

const REASON: &str = "TapMap does not know how to do this on this operating system yet.";

/// Gives up nothing.
pub fn drop_rights(_kept: Kept) -> Layer {
    protection(LayerName::DroppedRights, false, REASON)
}

/// What has to be kept: nothing is given up.
pub fn needed_for(_folder: &std::path::Path) -> Kept {
    Kept::Nothing
}

/// Whether there are special rights: not known.
pub fn has_rights() -> bool {
    false
}

/// Restricts nothing.
pub fn restrict_files(_files: &Files) -> Layer {
    protection(LayerName::Landlock, false, REASON)
}

/// Refuses nothing.
pub fn restrict_calls(_part: Part) -> Layer {
    protection(LayerName::Seccomp, false, REASON)
}

//! `tapmap about`, also `tapmap --licenses`.

use crate::{credits, render};

/// Prints versions, licences and credits.
///
/// # Errors
/// When stdout is gone.
pub(super) fn about() -> anyhow::Result<()> {
    render::print(&render::status::about(&credits::about()))
}

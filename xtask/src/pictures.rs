//! `cargo xtask pictures`: takes the pictures of the README from the running demo, so that they show
//! what is there.

use crate::{
    Outcome, setup,
    shell::{cargo, npm, run, target},
};

/// Builds the program and has the page's script take the pictures.
///
/// # Errors
/// When something cannot be built or the browser fails.
pub(crate) fn pictures() -> Outcome {
    setup::page_packages()?;
    run(&mut cargo(&["build", "--release", "--package", "tapmap"]))?;
    run(npm(&["run", "pictures"]).env("TAPMAP_BIN", target().join("release/tapmap")))
}

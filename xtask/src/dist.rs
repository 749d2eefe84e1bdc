//! `cargo xtask dist`: the release executable, one file with everything inside.

use crate::{
    Outcome, setup,
    shell::{cargo, command, output, run, target},
};
use std::fs;

/// Builds it, starts it once, and says where it is and how large.
///
/// # Errors
/// When it cannot be built or does not start.
pub(crate) fn dist() -> Outcome {
    setup::page_packages()?;
    run(&mut cargo(&["build", "--release", "--locked", "--package", "tapmap"]))?;
    let program = target().join("release").join(format!("tapmap{}", std::env::consts::EXE_SUFFIX));
    let version = output(&mut command(&program.to_string_lossy(), &["--version"]))?;
    let size = fs::metadata(&program).map_err(|error| error.to_string())?.len();
    println!("{} is {} ({:.1} MB)", program.display(), version.trim(), size_in_megabytes(size));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a size for people, to a tenth of a megabyte")]
fn size_in_megabytes(size: u64) -> f64 {
    size as f64 / 1e6
}

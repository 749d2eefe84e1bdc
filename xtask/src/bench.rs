//! `cargo xtask bench`: measures what the program must reach, and prints it. Numbers that depend on
//! the machine are printed as ratios measured in one run, by the benches themselves.

use crate::{
    Outcome,
    shell::{cargo, command, npm, root, run, target},
};

/// Runs every bench, the crates' first, then the page's.
///
/// # Errors
/// When a bench cannot be built or fails to reach its budget.
pub(crate) fn bench() -> Outcome {
    let mut failed = Vec::new();
    let mut note = |outcome: Outcome| failed.extend(outcome.err());
    note(run(&mut cargo(&["build", "--release", "--package", "tapmap"])));
    note(run(&mut cargo(&["bench", "--workspace", "--benches"])));
    let program = target().join("release/tapmap");
    for script in ["tests/bench/run", "tests/e2e/bench"] {
        if root().join(script).is_file() {
            note(run(command(&root().join(script).to_string_lossy(), &[]).env("TAPMAP_BIN", &program)));
        }
    }
    note(run(npm(&["run", "--silent", "--if-present", "bench"]).env("TAPMAP_BIN", &program)));
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
}

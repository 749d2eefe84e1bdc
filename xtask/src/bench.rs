//! `cargo xtask bench`: measures what the program must reach, and prints it. Numbers that depend on
//! the machine are printed as ratios measured in one run, by the benches themselves.

use crate::{
    Outcome,
    shell::{cargo, command, root, run, target},
};

/// Runs every bench, the crates' first, then the page's.
///
/// # Errors
/// When a bench cannot be built or fails to reach its budget.
pub(crate) fn bench() -> Outcome {
    let mut failed = Vec::new();
    let mut note = |outcome: Outcome| failed.extend(outcome.err());
    note(run(&mut cargo(&[
        "build",
        "--release",
        "--package",
        "tapmap",
        "--package",
        "end-to-end",
        "--bins",
    ])));
    note(run(&mut cargo(&["bench", "--workspace", "--benches"])));
    let program = target().join("release/tapmap");
    let program_name = program.to_string_lossy();
    note(run(&mut command("python3", &["bench/recorder.py", &program_name])));
    note(run(&mut command("python3", &["bench/load.py", &program_name])));
    let mut map = command("node", &["bench/map/run.mjs"]);
    note(run(map.current_dir(root().join("ui")).env("TAPMAP_BIN", &program)));
    let mut page = command("node", &["e2e/run.mjs", "budgets"]);
    page.current_dir(root().join("ui")).env("TAPMAP_BIN", &program).env("TAPMAP_BENCH", "1");
    note(run(&mut page));
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
}

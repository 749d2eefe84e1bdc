//! `cargo xtask test`: everything that has to hold, in one command. It is what CI runs, and it
//! installs what it needs. Every step runs, whatever became of the others; the last line counts.

use crate::{
    Outcome, bpf, codegen, dependencies, fuzz, licences, setup,
    shell::{cargo, has, npm, run, target},
    skips, tidy,
};
use std::{
    fs::{self, File},
    process::Command,
    time::{Duration, Instant},
};

/// How long each parser is fed with broken input here; `cargo xtask fuzz` takes longer.
const FUZZ_SECONDS: u32 = 3;

/// One thing that has to hold.
struct Step {
    name: &'static str,
    check: fn() -> Outcome,
}

/// The steps, cheap ones first, so that a small mistake is told soon.
const STEPS: [Step; 21] = [
    Step { name: "system packages", check: setup::system_packages },
    Step { name: "page packages", check: setup::page_packages },
    Step { name: "tidy", check: tidy::tidy },
    Step { name: "dependencies", check: dependencies::check },
    Step { name: "licences", check: licences::check },
    Step { name: "format of Rust", check: format_rust },
    Step { name: "format of the page", check: || run(&mut npm(&["run", "--silent", "format:check"])) },
    Step { name: "clippy", check: clippy },
    Step { name: "documentation", check: documentation },
    Step { name: "programs in the kernel", check: bpf::check },
    Step { name: "generated code", check: codegen::check },
    Step { name: "types of the page", check: || run(&mut npm(&["run", "--silent", "check"])) },
    Step { name: "tests of the page", check: || run(&mut npm(&["run", "--silent", "test"])) },
    Step { name: "build of the page", check: || run(&mut npm(&["run", "--silent", "build"])) },
    Step { name: "tests of Rust", check: tests },
    Step { name: "examples in documentation", check: documentation_tests },
    Step { name: "fuzz", check: || fuzz::for_seconds(FUZZ_SECONDS) },
    Step { name: "build of the program", check: build },
    Step { name: "map in both renderers", check: || run(&mut npm(&["run", "--silent", "e2e:map"])) },
    Step { name: "tests in the browser", check: browser_tests },
    Step { name: "end to end", check: end_to_end },
];

/// Runs every step, or those whose names hold one of the words.
///
/// # Errors
/// When a step fails, which ones has been printed; or when no step has such a name.
pub(crate) fn test(words: &[&str]) -> Outcome {
    let chosen = |step: &&Step| words.is_empty() || words.iter().any(|word| step.name.contains(word));
    let steps: Vec<&Step> = STEPS.iter().filter(chosen).collect();
    if steps.is_empty() {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!("no step is called {words:?}; there are: {}", names.join(", ")));
    }
    let mut failed = Vec::new();
    for step in &steps {
        println!("\n── {} ──", step.name);
        let began = now();
        let outcome = (step.check)();
        let took = began.elapsed();
        match outcome {
            Ok(()) => println!("ok: {} ({})", step.name, seconds(took)),
            Err(problem) => {
                println!("FAILED: {} ({}): {problem}", step.name, seconds(took));
                failed.push((step.name, problem));
            }
        }
    }
    println!();
    for (name, problem) in &failed {
        println!("FAILED: {name}: {problem}");
    }
    println!("{} passed, {} failed", steps.len() - failed.len(), failed.len());
    if failed.is_empty() { Ok(()) } else { Err(String::new()) }
}

#[expect(clippy::disallowed_methods, reason = "a developer's tool, not the product")]
fn now() -> Instant {
    Instant::now()
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// A cargo command that does not need the page: it is not built and a stub stands in for it.
fn without_page(arguments: &[&str]) -> Command {
    let mut command = cargo(arguments);
    command.env("TAPMAP_UI", "stub");
    command
}

fn format_rust() -> Outcome {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Outcome {
    run(&mut without_page(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn documentation() -> Outcome {
    let mut doc = without_page(&["doc", "--quiet", "--workspace", "--no-deps", "--document-private-items"]);
    // Documentation of private items is read too, so links to them are fine.
    run(doc.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"))
}

/// All tests of the workspace but the one on real sockets, which needs the built program.
fn tests() -> Outcome {
    let mut command = if has("cargo-nextest") {
        without_page(&[
            "nextest",
            "run",
            "--no-fail-fast",
            "--success-output",
            "immediate",
            "--failure-output",
            "final",
        ])
    } else {
        without_page(&["test", "--no-fail-fast", "--bins", "--lib", "--tests"])
    };
    command.args(["--workspace", "--exclude", "end-to-end"]);
    if !has("cargo-nextest") {
        command.args(["--", "--show-output"]);
    }
    logged("tests", &mut command)
}

fn documentation_tests() -> Outcome {
    logged("documentation-tests", &mut without_page(&["test", "--quiet", "--workspace", "--doc"]))
}

/// The program with its page inside, which the browser and the end-to-end test start.
fn build() -> Outcome {
    run(&mut cargo(&["build", "--quiet", "--package", "tapmap"]))
}

/// The program that [`build`] made.
fn program() -> std::path::PathBuf {
    target().join("debug").join(format!("tapmap{}", std::env::consts::EXE_SUFFIX))
}

/// Some tests look at a month of history, which an example of that crate makes up.
fn browser_tests() -> Outcome {
    run(&mut cargo(&["build", "--quiet", "--package", "tapmap-history", "--example", "month"]))?;
    logged("browser", npm(&["run", "--silent", "e2e"]).env("TAPMAP_BIN", program()))
}

/// The test on real sockets, in a network of its own. `CI` tells it that it must be possible.
fn end_to_end() -> Outcome {
    let mut test = without_page(&["test", "--quiet", "--package", "end-to-end", "--", "--show-output"]);
    logged("end-to-end", test.env("TAPMAP_BIN", program()).env("CI", "true"))
}

/// Runs a command with its output in a file, shows the end of it, and holds every skipped test
/// against the list of those that may be.
fn logged(name: &str, command: &mut Command) -> Outcome {
    let folder = target().join("xtask");
    let path = folder.join(format!("{name}.log"));
    let cannot = |error: std::io::Error| format!("{} cannot be written: {error}", path.display());
    fs::create_dir_all(&folder).map_err(cannot)?;
    let log = File::create(&path).map_err(cannot)?;
    let outcome = run(command.stdout(log.try_clone().map_err(cannot)?).stderr(log));
    let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let shown = if outcome.is_ok() { 3 } else { 200 };
    for line in &lines[lines.len().saturating_sub(shown)..] {
        println!("{line}");
    }
    println!("(all of it is in {})", path.display());
    outcome.and_then(|()| skips::check(&text))
}

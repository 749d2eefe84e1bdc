//! Feeds every parser with broken input, for some seconds each: `tapmap-fuzz [--seconds N]
//! [--seed N] [TARGET ...]`. Runs on stable Rust. Inputs are damaged copies of good ones, made from a
//! number that is printed, so that `--seed N` makes the same input again.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for the terminal of a developer")]

mod damage;
mod targets;

use damage::{Random, damaged};
use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};
use targets::{TARGETS, Target};

/// What the command line asks for.
struct Wanted {
    seconds: u64,
    seed: Option<u64>,
    names: Vec<String>,
}

fn main() -> ExitCode {
    let wanted = match wanted(env::args().skip(1)) {
        Ok(wanted) => wanted,
        Err(problem) => {
            eprintln!("error: {problem}");
            return ExitCode::from(2);
        }
    };
    let chosen =
        |target: &&Target| wanted.names.is_empty() || wanted.names.iter().any(|name| name == target.name);
    let broken = TARGETS.iter().filter(chosen).filter(|target| !feed(target, &wanted)).count();
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn wanted(mut arguments: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut wanted = Wanted { seconds: 60, seed: None, names: Vec::new() };
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let text = arguments.next().unwrap_or_default();
            text.parse().map_err(|_| format!("{argument} needs a number, not {text:?}"))
        };
        match argument.as_str() {
            "--seconds" => wanted.seconds = number()?,
            "--seed" => wanted.seed = Some(number()?),
            name if TARGETS.iter().any(|target| target.name == name) => wanted.names.push(argument),
            name => {
                let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
                return Err(format!("unknown target {name:?}; there are {}", known.join(", ")));
            }
        }
    }
    Ok(wanted)
}

/// Feeds one parser. `false` when it broke.
fn feed(target: &Target, wanted: &Wanted) -> bool {
    let good = (target.good)();
    let first = wanted.seed.unwrap_or_else(now_as_seed);
    let began = now();
    let end = Duration::from_secs(wanted.seconds);
    let mut count = 0;
    while began.elapsed() < end {
        let seed = first.wrapping_add(count);
        let input = damaged(&good, &mut Random::new(seed));
        if catch_unwind(AssertUnwindSafe(|| (target.read)(&input))).is_err() {
            let kept = keep(target.name, seed, &input);
            println!(
                "{}: BROKEN by seed {seed} ({kept}); again: tapmap-fuzz {} --seed {seed}",
                target.name, target.name
            );
            return false;
        }
        count += 1;
    }
    println!("{}: {count} inputs from seed {first}, none broke it", target.name);
    true
}

/// Keeps an input that broke something, and says where.
fn keep(name: &str, seed: u64, input: &[u8]) -> String {
    let path: PathBuf = env::temp_dir().join(format!("tapmap-fuzz-{name}-{seed}.bin"));
    match fs::write(&path, input) {
        Ok(()) => format!("the input is in {}", path.display()),
        Err(error) => format!("the input could not be kept: {error}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "a developer's tool, not the product")]
fn now() -> Instant {
    Instant::now()
}

/// Another number at each start.
#[expect(clippy::disallowed_methods, reason = "a developer's tool, not the product")]
fn now_as_seed() -> u64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since_epoch.as_secs() << 20
}

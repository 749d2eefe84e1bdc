//! The project's own chores, as `cargo xtask <chore>`. Each is a file; here is only the list.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for the terminal of a developer")]

mod bench;
mod bpf;
mod codegen;
mod dependencies;
mod dist;
mod fuzz;
mod geo;
mod licences;
mod pictures;
mod setup;
mod shell;
mod skips;
mod test;
mod tidy;

use std::{env, process::ExitCode};

/// What went wrong, as one sentence for the person.
type Outcome = Result<(), String>;

const USAGE: &str = "usage: cargo xtask <chore>

  test [STEP ...]   install what the tests need, then check and test everything; what CI runs.
                    With words: only the steps whose names hold one of them
  bench             measure what the program must reach, and print it
  bpf [--check]     compile the programs that run inside the kernel; needs clang and llvm
  codegen [--check] make openapi.json and the page's types from the code
  tidy              check what the compiler cannot: absences, sizes, first lines
  fuzz [--seconds N] [TARGET]
                    feed every parser with broken input
  geo ...           build and check the embedded location data
  pictures          take the pictures of the README from the demo
  dist              build the release executable and say what is in it";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test", names @ ..] => test::test(names),
        ["bpf"] => bpf::write(),
        ["bpf", "--check"] => bpf::check(),
        ["bench"] => bench::bench(),
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["tidy"] => tidy::tidy(),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        ["geo", rest @ ..] => geo::run(rest),
        ["pictures"] => pictures::pictures(),
        ["dist"] => dist::dist(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(format!("unknown chore {:?}\n\n{USAGE}", other.join(" "))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // What was printed already, such as the count of steps, stays the last line.
            if !problem.is_empty() {
                eprintln!("error: {problem}");
            }
            ExitCode::FAILURE
        }
    }
}

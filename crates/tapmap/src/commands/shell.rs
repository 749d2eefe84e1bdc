//! `tapmap completions` and `tapmap man`, both from the one definition of the command line.

use crate::{cli::Cli, environment, exit::EXIT_CODES, render};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use std::io::Write;

/// Prints the completion script of a shell.
///
/// # Errors
/// When stdout is gone.
pub(super) fn completions(shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tapmap", &mut script);
    render::print(&String::from_utf8(script)?)
}

/// Prints the manual page: the program, then each command with its options, then what the help says
/// below its options, line by line as it is there.
///
/// # Errors
/// When stdout is gone.
pub(super) fn manual() -> anyhow::Result<()> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let whole = Man::new(command.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    page.write_all(b".SH COMMANDS\n")?;
    describe_commands(&command, &mut page)?;
    for (title, text) in [("ENVIRONMENT", environment::HELP), ("EXIT STATUS", EXIT_CODES)] {
        writeln!(page, ".SH {title}\n.nf")?;
        for line in text.lines().skip(1) {
            writeln!(page, "\\&{}", escaped(line))?;
        }
        page.write_all(b".fi\n")?;
    }
    whole.render_version_section(&mut page)?;
    render::print(&String::from_utf8(page)?)
}

/// One subsection for each command that does something: how it is called, what it does, and the
/// options that are its own.
fn describe_commands(command: &clap::Command, page: &mut Vec<u8>) -> anyhow::Result<()> {
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        if command.has_subcommands() {
            describe_commands(command, page)?;
            continue;
        }
        let usage = command.clone().render_usage().to_string();
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(page, ".SS \"{}\"", escaped(usage.trim_start_matches("Usage: ")))?;
        writeln!(page, "\\&{}.", escaped(&about))?;
        let options = command.clone().mut_args(|argument| {
            let general = argument.is_global_set() || argument.get_id() == "help";
            argument.hide(general)
        });
        let mut section = Vec::new();
        Man::new(options).render_options_section(&mut section)?;
        let lines = String::from_utf8(section)?;
        page.extend(
            lines
                .lines()
                .filter(|line| !line.starts_with(".SH"))
                .flat_map(|line| [line.as_bytes(), b"\n"].concat()),
        );
    }
    Ok(())
}

/// A line of text as the manual's language takes it literally.
fn escaped(line: &str) -> String {
    line.replace('\\', "\\e").replace('-', "\\-")
}

//! The commands, one file each. Here is only who does what, and the settings they share.

mod about;
mod config;
mod demo;
mod doctor;
mod events;
mod flows;
mod geo;
mod history;
mod import;
mod insights;
mod list;
mod marks;
mod presence;
mod record;
mod recorder;
mod report;
mod reverse_names;
mod run;
mod service;
mod shell;
mod status;
mod timeline;

use crate::{
    cli::{Cli, Command, RunArgs},
    config::{FILE_NAME, Layers, Options, Settings, defaults, merge, read_file},
    environment,
    exit::{Failure, FailureKind},
    folders,
    instance::{self, Instance},
    render,
};
use std::path::{Path, PathBuf};

/// Does what the command line asks for.
///
/// # Errors
/// With a [`Failure`] for what can be expected to go wrong, anything else for what cannot.
pub(crate) fn execute(cli: Cli) -> anyhow::Result<()> {
    let Cli { command, run, global, licenses } = cli;
    if licenses {
        return about::about();
    }
    let command = command.unwrap_or_else(|| Command::Run(RunArgs::default()));
    if run != RunArgs::default() && !matches!(command, Command::Run(_) | Command::Demo(_)) {
        let failure = Failure::new(FailureKind::Usage, "options of `tapmap run` before another command");
        return Err(failure.hint("put the options of a command after it").into());
    }
    // Asked for only by what needs it: help and completions work without a home.
    let folder = || -> Result<PathBuf, Failure> { folders::data_folder(global.data_dir.as_deref()) };
    match command {
        Command::Run(after) => run::run(&after.or(run), &folder()?),
        Command::Demo(after) => demo::demo(&after.into_run().or(run)),
        Command::Ls(list) => list::flows(list, &folder()?),
        Command::Listeners(list) => list::listeners(list, &folder()?),
        Command::Status(args) => status::status(args, &folder()?),
        Command::Doctor(args) => doctor::doctor(args, &folder()?),
        Command::Record(record) => record::record(&record),
        Command::Recorder(recorder) => recorder::recorder(&recorder),
        Command::Presence => presence::presence(),
        Command::ReverseNames => reverse_names::reverse_names(),
        Command::Flows(args) => flows::flows(&args, &folder()?),
        Command::Insights(args) => {
            let folder = folder()?;
            insights::insights(&args, &folder, learning_days(&folder)?)
        }
        Command::Report(args) => report::report(&args, &folder()?),
        Command::Events(args) => {
            let folder = folder()?;
            events::events(&args, &folder, learning_days(&folder)?)
        }
        Command::Marks(command) => marks::marks(&command, &folder()?),
        Command::Timeline(args) => timeline::timeline(&args, &folder()?),
        Command::History(command) => history::history(&command, &folder()?),
        Command::Import { files } => import::import(&files, &folder()?),
        Command::Service(command) => service::service(command, global.data_dir.as_deref()),
        Command::Geo(geo) => geo::geo(geo, &folder()?),
        Command::Config(config) => config::config(&config, &folder()?),
        Command::About => about::about(),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man => shell::manual(),
        Command::Openapi => render::print(&tapmap_web::openapi()),
    }
}

/// The settings, all layers considered.
///
/// # Errors
/// When file or environment make no sense.
fn settings(flags: Options, folder: &Path) -> Result<Settings, Failure> {
    for (written, meant) in environment::mistyped() {
        render::remark(&format!("the environment variable {written} has no meaning; is {meant} meant?"));
    }
    let file = read_file(&folder.join(FILE_NAME))?;
    let layers = Layers { defaults: defaults()?, file, environment: environment::options()?, flags };
    merge(&layers).ok_or_else(|| Failure::new(FailureKind::Unexpected, "the default settings lack a value"))
}

/// After how many observed days it is told what is unusual.
///
/// # Errors
/// As for [`settings`].
fn learning_days(folder: &Path) -> Result<u32, Failure> {
    Ok(settings(Options::default(), folder)?.learning_days.value.0)
}

/// The instance that runs with this data folder.
///
/// # Errors
/// When none does.
fn running(folder: &Path) -> Result<Instance, Failure> {
    instance::running(folder).ok_or_else(|| {
        let message = format!("no TapMap runs with the data folder {}", folder.display());
        Failure::new(FailureKind::InUse, message)
            .hint("start it with `tapmap`, or name its folder with --data-dir")
    })
}

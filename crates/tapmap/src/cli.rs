//! The command line, defined once: help, man page and completions all come from here. What the
//! options mean is decided elsewhere.

mod marks;
mod remembered;
mod service;

pub(crate) use self::marks::{MarkArgs, MarksCommand};
pub(crate) use self::remembered::{
    DayChoice, EventsArgs, FormArgs, InsightsArgs, ReportArgs, ReportForm, TimelineArgs,
};
pub(crate) use self::service::{ServiceCommand, SetupArgs, StandingArgs};

use crate::{
    config::{Address, Interval, Location, Moment, OnOff, Options, Speed},
    environment,
    exit::EXIT_CODES,
};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;

/// Shows where this computer connects, live, on a world map in the browser.
///
/// Without a command it starts recording and serves the page, as `tapmap run` does. It asks nobody
/// anything: the location data is inside the program, and no request leaves this computer.
#[derive(Debug, Parser)]
#[command(name = "tapmap", version, after_long_help = after_help(), max_term_width = 100)]
#[command(args_conflicts_with_subcommands = false, subcommand_precedence_over_arg = true)]
pub(crate) struct Cli {
    /// What to do; `run` when left out.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Options of `tapmap run`.
    #[command(flatten)]
    pub(crate) run: RunArgs,

    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: GlobalArgs,

    /// Print versions, licences and data credits.
    #[arg(long)]
    pub(crate) licenses: bool,
}

/// Options of every command.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct GlobalArgs {
    /// Folder of settings, token and data [default: TapMap in the user's data folder]
    #[arg(long, value_name = "FOLDER", global = true)]
    pub(crate) data_dir: Option<PathBuf>,

    /// Log more to stderr; twice for everything
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

/// Options of `tapmap run`, and of what shows its settings.
#[derive(Args, Clone, Debug, Default, PartialEq)]
pub(crate) struct RunArgs {
    /// Port of the page; the next free one when it is taken, any free one for 0 [default: 8050]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// Address to listen on; beyond loopback every request needs the token [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<Address>,

    /// Do not open a browser
    #[arg(long)]
    no_browser: bool,

    /// Where this computer is, in degrees, as in 48.2,16.37
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    location: Option<Location>,

    /// How long between two looks at the sockets, as in 1s or 250ms [default: 1s]
    #[arg(long, value_name = "TIME")]
    interval: Option<Interval>,

    /// Ask this computer's name server for the names of addresses that nothing else has named
    #[arg(long)]
    reverse_dns: bool,
    /// Remember nothing of what is seen
    #[arg(long)]
    no_history: bool,

    /// Play a recording instead of looking at this computer
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,

    /// How many times faster than it happened to play it [default: 1]
    #[arg(long, value_name = "TIMES")]
    speed: Option<Speed>,

    /// Serve the page from this folder instead of the one inside the program
    #[arg(long, value_name = "FOLDER")]
    ui_dir: Option<PathBuf>,

    /// Whether to observe and to serve in two processes that give up their rights; off for odd systems
    /// [default: on]
    #[arg(long, value_name = "on|off")]
    sandbox: Option<OnOff>,
}

impl RunArgs {
    /// The layer of options they make.
    pub(crate) fn options(&self) -> Options {
        Options {
            port: self.port,
            bind: self.bind.map(|address| address.0),
            open_browser: self.no_browser.then_some(false),
            detect_place: None,
            location: self.location,
            interval: self.interval,
            reverse_dns: self.reverse_dns.then_some(true),
            history: self.no_history.then_some(false),
            history_days: None,
            history_max_mb: None,
            learning_days: None,
            replay: self.replay.clone(),
            speed: self.speed,
            ui_dir: self.ui_dir.clone(),
            sandbox: self.sandbox.map(|switch| switch.0),
        }
    }

    /// These, and those before the command where these say nothing: `tapmap --port 1 run` is
    /// `tapmap run --port 1`.
    pub(crate) fn or(self, before: Self) -> Self {
        Self {
            port: self.port.or(before.port),
            bind: self.bind.or(before.bind),
            no_browser: self.no_browser || before.no_browser,
            location: self.location.or(before.location),
            interval: self.interval.or(before.interval),
            reverse_dns: self.reverse_dns || before.reverse_dns,
            no_history: self.no_history || before.no_history,
            replay: self.replay.or(before.replay),
            speed: self.speed.or(before.speed),
            ui_dir: self.ui_dir.or(before.ui_dir),
            sandbox: self.sandbox.or(before.sandbox),
        }
    }
}

/// Options of `tapmap demo`, whose data folder is its own.
#[derive(Args, Clone, Debug, Default, PartialEq)]
pub(crate) struct DemoArgs {
    /// Port of the page; the next free one when it is taken [default: any free one]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// Address to listen on; beyond loopback every request needs the token [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<Address>,

    /// Do not open a browser
    #[arg(long)]
    no_browser: bool,

    /// Where the demo's computer is, in degrees, as in 48.2,16.37 [default: Berlin]
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    location: Option<Location>,

    /// How many times faster than a day goes by to play it [default: 96]
    #[arg(long, value_name = "TIMES")]
    speed: Option<Speed>,

    /// Serve the page from this folder instead of the one inside the program
    #[arg(long, value_name = "FOLDER")]
    ui_dir: Option<PathBuf>,
}

impl DemoArgs {
    /// The same as options of `tapmap run`.
    pub(crate) fn into_run(self) -> RunArgs {
        let Self { port, bind, no_browser, location, speed, ui_dir } = self;
        RunArgs { port, bind, no_browser, location, speed, ui_dir, ..RunArgs::default() }
    }
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Record and serve the page, until told to stop
    Run(RunArgs),
    /// List what is open now; a narrow terminal shows fewer columns, a pipe all
    Ls(LsArgs),
    /// List the ports that wait for others
    Listeners(ListArgs),
    /// Say what the running recorder can see, and since when
    Status(StatusArgs),
    /// Say which parts of the recorder work, what the others would add, and the command for it
    ///
    /// Asks the running recorder, which also says how much of what went on it saw. Without one, it says
    /// what a recorder that this user starts now would see. That something is missing is no failure:
    /// the exit code is 0.
    Doctor(DoctorArgs),
    /// Write what is seen into a file that `--replay` plays
    ///
    /// The file holds addresses, ports, bytes counted, the programs and users that own the sockets, and
    /// what can and cannot be seen. The names that this computer asked for are left out unless
    /// --with-names says otherwise.
    Record(RecordArgs),
    /// Observe, and tell the server at standard input; `tapmap run` starts this by itself
    #[command(hide = true)]
    Recorder(RecorderArgs),
    /// Play an invented day, to look around; nothing of this computer is shown
    Demo(DemoArgs),
    /// Ask the system who is at the computer; `tapmap run` starts this by itself
    #[command(name = crate::service::presence::COMMAND, hide = true)]
    Presence,
    /// Ask for reverse names; `tapmap run --reverse-dns` starts this by itself
    #[command(name = crate::reverse::COMMAND, hide = true)]
    ReverseNames,
    /// List connections that are remembered
    Flows(FlowsArgs),
    /// Print what is new on a day, what comes most often and what lies above the usual
    #[command(after_long_help = DIFFERENCES)]
    Insights(InsightsArgs),
    /// Print the report of a day: what came again, what was new, who carried most
    Report(ReportArgs),
    /// List what was new on this computer: apps, providers, countries and ports, the latest first
    Events(EventsArgs),
    /// What you know already: left out of the news, never of the history
    #[command(subcommand)]
    Marks(MarksCommand),
    /// Print how many connections began and how much went through, slot by slot
    Timeline(TimelineArgs),
    /// What is remembered: how much, and how to forget it
    #[command(subcommand)]
    History(HistoryCommand),
    /// Take over the days that the older program of this name remembers, from the files of its insights and
    /// its significant connections
    Import {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Recording that starts by itself: at login, or with the computer
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Location data
    #[command(subcommand)]
    Geo(GeoCommand),
    /// Settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print versions, licences and data credits
    About,
    /// Print a script that completes commands and options in a shell
    Completions {
        /// For which shell
        shell: Shell,
    },
    /// Print the manual page, for `tapmap man | man -l -`
    Man,
    /// Print the contract of the HTTP interface, in OpenAPI 3.1
    Openapi,
}

/// Options of `tapmap ls`.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    pub(crate) list: ListArgs,

    /// Include what ended within this time, as in 10m; a running recorder remembers ten minutes
    #[arg(long, value_name = "TIME")]
    pub(crate) recent: Option<jiff::SignedDuration>,
}

/// Options of the lists.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ListArgs {
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,

    /// Include the sockets of TapMap itself
    #[arg(long)]
    pub(crate) own: bool,
}

/// Options of `tapmap status`.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct StatusArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `tapmap doctor`.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct DoctorArgs {
    /// Print JSON: what `GET /api/v1/coverage` answers
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `tapmap record`.
#[derive(Args, Clone, Debug)]
pub(crate) struct RecordArgs {
    /// File to write; one that exists is not written over
    pub(crate) file: PathBuf,

    /// Stop after so many seconds; else Ctrl+C stops
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u32>,

    /// How long between two looks at the sockets
    #[arg(long, value_name = "TIME", default_value = "1s")]
    pub(crate) interval: Interval,

    /// Write names too: the answers to name queries and the beginnings of encrypted connections, as
    /// they came, so that the file tells which sites were visited
    #[arg(long)]
    pub(crate) with_names: bool,
}

/// Options of the recorder that `tapmap run` starts.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct RecorderArgs {
    /// How long between two looks at the sockets
    #[arg(long, value_name = "TIME", default_value = "1s")]
    pub(crate) interval: Interval,
}

/// Options of `tapmap flows`.
#[derive(Args, Clone, Debug)]
pub(crate) struct FlowsArgs {
    /// Which connections: fields as in app:firefox -country:NO port:443 name:*.example.org since:1h,
    /// and plain text. Fields are app, name, country, city, operator, user, asn, address, port, protocol,
    /// direction, scope and since; a comma means "or", a minus before a term "not", "" not known.
    /// Options stand before it
    #[arg(value_name = "FILTER", allow_hyphen_values = true, trailing_var_arg = false)]
    pub(crate) filter: Vec<String>,

    /// Observed at this moment or later, as in 2026-11-25 or 2026-11-25T12:00 (local) or with Z (UTC)
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<Moment>,

    /// Begun before this moment
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<Moment>,

    /// How many at most, the latest first
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub(crate) limit: usize,

    /// Call hosts, users, addresses and paths by numbers, for an output that others may see
    #[arg(long)]
    pub(crate) redact: bool,

    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// What can be done with what is remembered.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Print how much is remembered
    Stats {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give free space back to the disk
    Compact,
    /// Forget something: hidden at once; a running TapMap erases it after half a minute, without one it is
    /// erased at once, after you were asked
    #[command(group = clap::ArgGroup::new("what").required(true))]
    Forget {
        /// Everything on days before this one, as in 2026-11-01
        #[arg(long, value_name = "DATE", group = "what")]
        before: Option<jiff::civil::Date>,
        /// Everything of the app of this name
        #[arg(long, value_name = "NAME", group = "what")]
        app: Option<String>,
        /// Everything; what was marked as known is kept
        #[arg(long, group = "what")]
        all: bool,
        /// With --all: remove all marks too; `tapmap marks undo` takes that back
        #[arg(long, requires = "all")]
        marks: bool,
        /// Do not ask, where no TapMap runs and it is erased at once
        #[arg(long)]
        yes: bool,
        /// Take back what was forgotten last, within half a minute
        #[arg(long, group = "what")]
        undo: bool,
    },
    /// Read every row and say what is wrong
    Verify,
}

/// How the insights differ from those of the first `TapMap`, by the same definitions of new and frequent.
const DIFFERENCES: &str = "\
New and most frequent are what the first TapMap calls so (used today and on none of the 29 days before; the most \
days, with all that tie with the fifth). What counts differs: here every connection to a public address of which a \
place or an operator is known, there only what was on the map; here whether a page is open or not; here also names \
and listeners. The port of a connection that came in is the one of this computer, and an app that was not \
identified is none.";

/// What can be done with location data.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum GeoCommand {
    /// Look again for your own .mmdb files in the data folder of the running recorder
    Recheck,
}

/// What can be done with settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting, its value and where the value came from
    Show(RunArgs),
    /// Print where the configuration file is looked for
    Path,
    /// Print a commented configuration file with every default
    Default,
}

fn after_help() -> String {
    format!("{}\n\n{EXIT_CODES}", environment::HELP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_options_may_stand_before_the_command() {
        let cli = Cli::parse_from(["tapmap", "--port", "1", "run", "--no-browser"]);
        let Some(Command::Run(run)) = cli.command else { panic!("run was asked for") };
        let options = run.or(cli.run).options();
        assert_eq!((options.port, options.open_browser), (Some(1), Some(false)));
    }

    #[test]
    fn a_place_in_the_south_needs_no_equals_sign() {
        let cli = Cli::parse_from(["tapmap", "--location", "-33.9,18.4"]);
        assert_eq!(cli.run.options().location.unwrap().to_string(), "-33.9,18.4");
    }
}

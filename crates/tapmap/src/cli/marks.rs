//! The options of `tapmap marks`.

use clap::{Args, Subcommand};

/// What can be done with marks.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum MarksCommand {
    /// List what is marked, the latest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Mark something as known
    ///
    /// A mark of an app expires when the file of its program changes, and is listed as expired then.
    Add(MarkArgs),
    /// Remove a mark
    Remove {
        /// Its number in `tapmap marks list`
        id: u64,
    },
    /// Take the last change of the marks back
    Undo,
}

/// What to mark: an app, what it does with a provider, an app that waits at a port, a port or a country.
#[derive(Args, Clone, Debug)]
#[command(group = clap::ArgGroup::new("subject").required(true).multiple(true).args(["app", "port", "country"]))]
pub(crate) struct MarkArgs {
    /// The app of this name
    #[arg(long, value_name = "NAME", conflicts_with = "country")]
    pub(crate) app: Option<String>,

    /// Only what it does with this provider
    #[arg(long, value_name = "NAME", requires = "app", conflicts_with_all = ["port", "country"])]
    pub(crate) provider: Option<String>,

    /// This port; with --app, that the app waits at it for others
    #[arg(long, value_name = "PORT", conflicts_with = "country")]
    pub(crate) port: Option<u16>,

    /// With --app and --port: it waits for UDP
    #[arg(long, requires = "app", requires = "port")]
    pub(crate) udp: bool,

    /// The country of this code, as in NO
    #[arg(long, value_name = "CODE")]
    pub(crate) country: Option<String>,

    /// Fold its events away too
    #[arg(long)]
    pub(crate) mute: bool,

    /// A note to find beside it later
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) note: String,
}

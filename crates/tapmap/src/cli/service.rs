//! The options of `tapmap service`.

use clap::{Args, Subcommand};

/// What can be done about recording without thinking of it.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Start recording at login: shows what it writes and runs, and asks before it does
    ///
    /// Where systemd runs, this is a unit of your own (~/.config/systemd/user/tapmap.service), elsewhere an
    /// entry that desktops start (~/.config/autostart/tapmap.desktop). With --system it is a unit of the
    /// computer that sees the connections of all users; that needs root.
    Install(SetupArgs),
    /// Take back what `tapmap service install` wrote, and nothing else
    Remove(SetupArgs),
    /// Say whether recording starts at login, runs now, and goes on after log-out
    Status(StandingArgs),
}

/// Options of what changes something.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct SetupArgs {
    /// For the whole computer, with the rights to see the connections of all users; needs root
    #[arg(long)]
    pub(crate) system: bool,

    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Do not ask, for scripts
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
}

/// Options of `tapmap service status`, which changes nothing.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct StandingArgs {
    /// Of the whole computer
    #[arg(long)]
    pub(crate) system: bool,

    /// Taken for the sake of the other two; nothing is changed anyway
    #[arg(long, hide = true)]
    pub(crate) dry_run: bool,
}

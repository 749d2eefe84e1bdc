//! Every environment variable the program reads, by name, and the layer of options they make.
//! Nothing else in the program reads the environment, apart from what its libraries do by
//! convention (`HOME`, `XDG_*`, `NO_COLOR`, `TERM`).

use crate::{
    config::{Address, Days, Interval, Location, Megabytes, Options, Port, Speed, nearest},
    exit::{Failure, FailureKind},
};
use std::{env, path::PathBuf, str::FromStr};

/// The port of the page.
pub(crate) const PORT: &str = "TAPMAP_PORT";
/// The address to listen on.
pub(crate) const BIND: &str = "TAPMAP_BIND";
/// The same, under the older name.
pub(crate) const HOST: &str = "TAPMAP_HOST";
/// `1` keeps the browser closed.
pub(crate) const NO_BROWSER: &str = "TAPMAP_NO_BROWSER";
/// `0` keeps the browser closed: the older name, the other way round.
pub(crate) const LAUNCH_BROWSER: &str = "TAPMAP_LAUNCH_BROWSER";
/// The data folder.
pub(crate) const DATA_DIR: &str = "TAPMAP_DATA_DIR";
/// The own place, `LAT,LON`.
pub(crate) const LOCATION: &str = "TAPMAP_LOCATION";
/// The own place in two halves, older names; both are needed.
pub(crate) const LATITUDE: &str = "TAPMAP_LAT";
/// See [`LATITUDE`].
pub(crate) const LONGITUDE: &str = "TAPMAP_LON";
/// How long between two looks at the sockets.
pub(crate) const INTERVAL: &str = "TAPMAP_INTERVAL";
/// `1` asks for the names of addresses that nothing else has named.
pub(crate) const REVERSE_DNS: &str = "TAPMAP_REVERSE_DNS";
/// `1` remembers nothing.
pub(crate) const NO_HISTORY: &str = "TAPMAP_NO_HISTORY";
/// For how many days to remember.
pub(crate) const HISTORY_DAYS: &str = "TAPMAP_HISTORY_DAYS";
/// In how much room, in megabytes.
pub(crate) const HISTORY_MAX_MB: &str = "TAPMAP_HISTORY_MAX_MB";
/// After how many observed days it is told what is new.
pub(crate) const LEARNING_DAYS: &str = "TAPMAP_LEARNING_DAYS";
/// A recording to play.
pub(crate) const REPLAY: &str = "TAPMAP_REPLAY";
/// How fast to play it.
pub(crate) const SPEED: &str = "TAPMAP_SPEED";
/// A folder to serve the page from, for work on the page.
pub(crate) const UI_DIR: &str = "TAPMAP_UI_DIR";
/// Whether to observe and to serve in two processes that give up their rights.
pub(crate) const SANDBOX: &str = "TAPMAP_SANDBOX";
/// Which log lines to print, as in `debug` or `tapmap_engine=trace`.
pub(crate) const LOG: &str = "TAPMAP_LOG";
/// Whether a graphical session is there, on systems that say so by these.
pub(crate) const DISPLAYS: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];
/// Set in a session over SSH, where a browser would open on the wrong screen.
pub(crate) const SSH: [&str; 2] = ["SSH_CONNECTION", "SSH_TTY"];

/// The user's name, where the list of users does not hold it.
pub(crate) const USER: [&str; 2] = ["USER", "LOGNAME"];
/// Set in a terminal that `tmux` or `screen` keeps after log-out.
pub(crate) const MULTIPLEXERS: [&str; 2] = ["TMUX", "STY"];

/// The list of variables as `--help` and the man page show it.
pub(crate) const HELP: &str = "Environment:
  TAPMAP_PORT, TAPMAP_BIND, TAPMAP_NO_BROWSER, TAPMAP_DATA_DIR, TAPMAP_LOCATION,
  TAPMAP_INTERVAL, TAPMAP_REVERSE_DNS, TAPMAP_NO_HISTORY, TAPMAP_REPLAY, TAPMAP_SPEED,
  TAPMAP_UI_DIR, TAPMAP_SANDBOX
                 the same as the options; an option wins
  TAPMAP_HISTORY_DAYS, TAPMAP_HISTORY_MAX_MB
                 for how many days and in how many megabytes connections are remembered
  TAPMAP_LEARNING_DAYS
                 after how many observed days events tell what is new
  TAPMAP_HOST    the same as TAPMAP_BIND
  TAPMAP_LAT, TAPMAP_LON
                 the same as TAPMAP_LOCATION, in two halves
  TAPMAP_LAUNCH_BROWSER
                 0 is the same as TAPMAP_NO_BROWSER=1
  TAPMAP_LOG     which log lines to print, as in debug or tapmap_engine=trace
  NO_COLOR       print without colour";

/// Every variable that is the program's own.
const KNOWN: [&str; 20] = [
    PORT,
    BIND,
    HOST,
    NO_BROWSER,
    LAUNCH_BROWSER,
    DATA_DIR,
    LOCATION,
    LATITUDE,
    LONGITUDE,
    INTERVAL,
    REVERSE_DNS,
    NO_HISTORY,
    HISTORY_DAYS,
    HISTORY_MAX_MB,
    LEARNING_DAYS,
    REPLAY,
    SPEED,
    UI_DIR,
    SANDBOX,
    LOG,
];
/// What their names begin with.
const PREFIX: &str = "TAPMAP_";

/// Whether text must be printed without colour and other styles (<https://no-color.org>).
pub(crate) fn is_plain() -> bool {
    read("NO_COLOR").is_some() || read("TERM").is_some_and(|terminal| terminal == "dumb")
}

/// Reads one variable; one that is empty counts as not set.
pub(crate) fn read(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this file is the one that reads the environment")]
    let value = env::var_os(name)?;
    Some(value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

/// The options that the environment gives.
///
/// # Errors
/// When a variable holds something its option cannot be.
pub(crate) fn options() -> Result<Options, Failure> {
    from(&read)
}

/// The variables that are set and look like mistyped ones of ours, each with the one it resembles.
/// Others of that prefix are let be: the older program has its own, and so may whatever starts this one.
pub(crate) fn mistyped() -> Vec<(String, &'static str)> {
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter_map(|name| resembled(&name).map(|known| (name, known))).collect()
}

/// The variable that a name was probably meant to be; `None` for those that are known, and for those
/// that resemble none.
fn resembled(name: &str) -> Option<&'static str> {
    let written = name.strip_prefix(PREFIX).filter(|_| !KNOWN.contains(&name))?;
    let known = KNOWN.map(|known| known.strip_prefix(PREFIX).unwrap_or(known));
    let nearest = nearest(written, &known)?;
    KNOWN.into_iter().find(|known| known.strip_prefix(PREFIX) == Some(nearest))
}

/// The options out of any look-up by name, so that tests need no environment.
pub(crate) fn from(get: &dyn Fn(&str) -> Option<String>) -> Result<Options, Failure> {
    let bind = match parse::<Address>(get, BIND)? {
        Some(bind) => Some(bind),
        None => parse(get, HOST)?,
    };
    Ok(Options {
        port: parse::<Port>(get, PORT)?.map(|port| port.0),
        bind: bind.map(|address| address.0),
        open_browser: open_browser(get)?,
        detect_place: None,
        location: location(get)?,
        interval: parse::<Interval>(get, INTERVAL)?,
        reverse_dns: switch(get, REVERSE_DNS)?,
        history: switch(get, NO_HISTORY)?.map(|never| !never),
        history_days: parse::<Days>(get, HISTORY_DAYS)?,
        history_max_mb: parse::<Megabytes>(get, HISTORY_MAX_MB)?,
        learning_days: parse::<Days>(get, LEARNING_DAYS)?,
        replay: get(REPLAY).map(PathBuf::from),
        speed: parse::<Speed>(get, SPEED)?,
        ui_dir: get(UI_DIR).map(PathBuf::from),
        sandbox: switch(get, SANDBOX)?,
    })
}

fn open_browser(get: &dyn Fn(&str) -> Option<String>) -> Result<Option<bool>, Failure> {
    if let Some(never) = switch(get, NO_BROWSER)? {
        return Ok(Some(!never));
    }
    switch(get, LAUNCH_BROWSER)
}

fn location(get: &dyn Fn(&str) -> Option<String>) -> Result<Option<Location>, Failure> {
    if let Some(location) = parse(get, LOCATION)? {
        return Ok(Some(location));
    }
    match (get(LATITUDE), get(LONGITUDE)) {
        (Some(latitude), Some(longitude)) => {
            let both = format!("{latitude},{longitude}");
            both.parse()
                .map(Some)
                .map_err(|problem| refused(&format!("{LATITUDE}, {LONGITUDE}"), &both, problem))
        }
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(LATITUDE, LONGITUDE)),
        (None, Some(_)) => Err(half(LONGITUDE, LATITUDE)),
    }
}

fn half(set: &str, missing: &str) -> Failure {
    Failure::new(FailureKind::Configuration, format!("{set} is set and {missing} is not; a place needs both"))
}

fn parse<T>(get: &dyn Fn(&str) -> Option<String>, name: &str) -> Result<Option<T>, Failure>
where
    T: FromStr<Err: std::fmt::Display>,
{
    let Some(text) = get(name) else { return Ok(None) };
    text.trim().parse().map(Some).map_err(|problem| refused(name, &text, problem))
}

fn switch(get: &dyn Fn(&str) -> Option<String>, name: &str) -> Result<Option<bool>, Failure> {
    let Some(text) = get(name) else { return Ok(None) };
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(Some(true)),
        "0" | "false" | "no" | "off" => Ok(Some(false)),
        _ => Err(refused(name, &text, "expected 1, true, yes, on or 0, false, no, off")),
    }
}

fn refused(name: &str, text: &str, problem: impl std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Configuration, format!("the environment variable {name} cannot be {text:?}"))
        .because(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_variable_is_told_from_another_program_s() {
        for (name, meant) in
            [("TAPMAP_PROT", PORT), ("TAPMAP_INTERVALL", INTERVAL), ("TAPMAP_NOBROWSER", NO_BROWSER)]
        {
            assert_eq!(resembled(name), Some(meant));
        }
        let others = [
            "TAPMAP_IN_DOCKER",
            "TAPMAP_CACHE_RETENTION_MIN",
            "TAPMAP_NOTIFICATION_LEARNING_DAYS",
            "TAPMAP_CAPTURE_ALL_NETNS",
            "TAPMAP_",
            "HOME",
        ];
        for name in others.into_iter().chain(KNOWN) {
            assert_eq!(resembled(name), None, "{name}");
        }
    }
}

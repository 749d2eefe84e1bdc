//! The settings and where each came from: defaults, then the file, then the environment, then the
//! command line. Each layer is one [`Options`]; [`merge`] is the only place where they meet.

mod file;
mod values;

pub(crate) use file::{DEFAULT_TEXT, defaults, nearest, read_file};
pub(crate) use values::{Address, Days, Interval, Location, Megabytes, Moment, OnOff, Port, Speed};

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

/// Name of the configuration file in the data folder.
pub(crate) const FILE_NAME: &str = "config.toml";

/// What one layer says; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Options {
    /// The port of the page.
    pub(crate) port: Option<u16>,
    /// The address to listen on.
    pub(crate) bind: Option<IpAddr>,
    /// Whether to open a browser at the start.
    pub(crate) open_browser: Option<bool>,
    /// Whether to work out the own place when none is given.
    pub(crate) detect_place: Option<bool>,
    /// The own place.
    pub(crate) location: Option<Location>,
    /// How long between two looks at the sockets.
    pub(crate) interval: Option<Interval>,
    /// Whether to ask for the names of addresses that nothing else has named.
    pub(crate) reverse_dns: Option<bool>,
    /// Whether to remember what is seen.
    pub(crate) history: Option<bool>,
    /// For how many days.
    pub(crate) history_days: Option<Days>,
    /// In how much room.
    pub(crate) history_max_mb: Option<Megabytes>,
    /// After how many observed days it is told what is new.
    pub(crate) learning_days: Option<Days>,
    /// A recording to play.
    pub(crate) replay: Option<PathBuf>,
    /// How fast to play it.
    pub(crate) speed: Option<Speed>,
    /// A folder to serve the page from.
    pub(crate) ui_dir: Option<PathBuf>,
    /// Whether to observe and to serve in two processes that give up their rights.
    pub(crate) sandbox: Option<bool>,
}

/// A source of options; later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// The program's own defaults.
    Default,
    /// The configuration file.
    File,
    /// The environment.
    Environment,
    /// The command line.
    Flag,
}

impl Layer {
    /// The word that `tapmap config show` prints.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        }
    }
}

/// A value and the layer it came from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Set<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it came from.
    pub(crate) layer: Layer,
}

/// What the program runs with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// The port of the page.
    pub(crate) port: Set<u16>,
    /// The address to listen on.
    pub(crate) bind: Set<IpAddr>,
    /// Whether to open a browser at the start.
    pub(crate) open_browser: Set<bool>,
    /// Whether to work out the own place when none is given.
    pub(crate) detect_place: Set<bool>,
    /// The own place, where one is given.
    pub(crate) location: Option<Set<Location>>,
    /// How long between two looks at the sockets.
    pub(crate) interval: Set<Interval>,
    /// Whether to ask for the names of addresses that nothing else has named.
    pub(crate) reverse_dns: Set<bool>,
    /// Whether to remember what is seen.
    pub(crate) history: Set<bool>,
    /// For how many days.
    pub(crate) history_days: Set<Days>,
    /// In how much room.
    pub(crate) history_max_mb: Set<Megabytes>,
    /// After how many observed days it is told what is new.
    pub(crate) learning_days: Set<Days>,
    /// A recording to play instead of looking at this computer.
    pub(crate) replay: Option<Set<PathBuf>>,
    /// How fast to play it.
    pub(crate) speed: Set<Speed>,
    /// A folder to serve the page from instead of the one inside the program.
    pub(crate) ui_dir: Option<Set<PathBuf>>,
    /// Whether to observe and to serve in two processes that give up their rights.
    pub(crate) sandbox: Set<bool>,
}

/// The layers, weakest first. The first one has a value for everything that has a default.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layers {
    /// The program's own defaults.
    pub(crate) defaults: Options,
    /// The configuration file.
    pub(crate) file: Options,
    /// The environment.
    pub(crate) environment: Options,
    /// The command line.
    pub(crate) flags: Options,
}

impl Layers {
    /// The strongest layer that says something.
    fn pick<T: Clone>(&self, field: impl Fn(&Options) -> &Option<T>) -> Option<Set<T>> {
        [
            (&self.flags, Layer::Flag),
            (&self.environment, Layer::Environment),
            (&self.file, Layer::File),
            (&self.defaults, Layer::Default),
        ]
        .into_iter()
        .find_map(|(options, layer)| field(options).clone().map(|value| Set { value, layer }))
    }
}

/// Puts the layers over each other. `None` when the default layer lacks a value that has no other
/// source, which a test of the embedded file excludes.
pub(crate) fn merge(layers: &Layers) -> Option<Settings> {
    Some(Settings {
        port: layers.pick(|options| &options.port)?,
        bind: layers.pick(|options| &options.bind)?,
        open_browser: layers.pick(|options| &options.open_browser)?,
        detect_place: layers.pick(|options| &options.detect_place)?,
        location: layers.pick(|options| &options.location),
        interval: layers.pick(|options| &options.interval)?,
        reverse_dns: layers.pick(|options| &options.reverse_dns)?,
        history: layers.pick(|options| &options.history)?,
        history_days: layers.pick(|options| &options.history_days)?,
        history_max_mb: layers.pick(|options| &options.history_max_mb)?,
        learning_days: layers.pick(|options| &options.learning_days)?,
        replay: layers.pick(|options| &options.replay),
        speed: layers.pick(|options| &options.speed)?,
        ui_dir: layers.pick(|options| &options.ui_dir),
        sandbox: layers.pick(|options| &options.sandbox)?,
    })
}

/// One line of `tapmap config show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The key as the file writes it, section and all.
    pub(crate) key: &'static str,
    /// The value as the file writes it.
    pub(crate) value: String,
    /// The layer it came from.
    pub(crate) layer: Layer,
}

impl Settings {
    /// Every value with its layer, in the order of the default file.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        vec![
            shown("page.port", &self.port, ToString::to_string),
            shown("page.bind", &self.bind, |bind| format!("\"{bind}\"")),
            shown("page.open_browser", &self.open_browser, ToString::to_string),
            shown_or_empty("page.ui_dir", self.ui_dir.as_ref(), |path| quoted(path)),
            shown("recorder.interval", &self.interval, |interval| format!("\"{interval}\"")),
            shown("recorder.sandbox", &self.sandbox, ToString::to_string),
            shown("recorder.reverse_dns", &self.reverse_dns, ToString::to_string),
            shown("own_place.detect", &self.detect_place, ToString::to_string),
            shown_or_empty("own_place.location", self.location.as_ref(), |place| format!("\"{place}\"")),
            shown("history.enabled", &self.history, ToString::to_string),
            shown("history.days", &self.history_days, ToString::to_string),
            shown("history.max_mb", &self.history_max_mb, ToString::to_string),
            shown("history.learning_days", &self.learning_days, ToString::to_string),
            shown_or_empty("replay.file", self.replay.as_ref(), |path| quoted(path)),
            shown("replay.speed", &self.speed, ToString::to_string),
        ]
    }
}

/// A path as TOML writes it.
fn quoted(path: &Path) -> String {
    toml::Value::String(path.display().to_string()).to_string()
}

fn shown<T>(key: &'static str, set: &Set<T>, write: impl Fn(&T) -> String) -> Shown {
    Shown { key, value: write(&set.value), layer: set.layer }
}

fn shown_or_empty<T>(key: &'static str, set: Option<&Set<T>>, write: impl Fn(&T) -> String) -> Shown {
    let empty = || Shown { key, value: "\"\"".to_owned(), layer: Layer::Default };
    set.map_or_else(empty, |set| shown(key, set, write))
}

#[cfg(test)]
mod tests;

//! How the server is confined once everything is open: no rights, its own files only, no connection, and
//! only the system calls that it needs. Whatever then gets into it, through a page or a packet, stays there.

use crate::config::Settings;
use std::path::{Path, PathBuf};
use tapmap_capture::{
    confine,
    confinement::{Files, Part, protection},
};
use tapmap_core::{Layer, LayerName};
use tapmap_engine::Mode;

/// What the server reads of the system: the time zone, the addresses of the interfaces, randomness, and
/// the folders in which packages keep databases that a link in the data folder may lead to.
const READ: [&str; 8] = [
    "/etc/localtime",
    "/etc/timezone",
    "/usr/share/zoneinfo",
    "/proc/self",
    "/dev/urandom",
    "/dev/null",
    "/usr/share/GeoIP",
    "/var/lib/GeoIP",
];

/// Confines the calling thread and those it starts later, and says what is in force.
pub(crate) fn server(settings: &Settings, folder: &Path, mode: Mode) -> Vec<Layer> {
    if !settings.sandbox.value {
        return switched_off(mode);
    }
    let mut layers = vec![
        confine::drop_rights(confine::needed_for(folder)),
        confine::restrict_files(&files(settings, folder, mode)),
        confine::restrict_calls(Part::Server),
    ];
    if mode == Mode::Live {
        let reason = "The recorder is a process of its own; what serves the page only hears of what it sees.";
        layers.push(protection(LayerName::TwoProcesses, true, reason));
    }
    layers
}

/// The layers that there would be.
fn switched_off(mode: Mode) -> Vec<Layer> {
    let two = (mode == Mode::Live).then_some(LayerName::TwoProcesses);
    [LayerName::DroppedRights, LayerName::Landlock, LayerName::Seccomp]
        .into_iter()
        .chain(two)
        .map(|name| protection(name, false, "It is switched off (--sandbox off)."))
        .collect()
}

/// The files that the server still has to do with.
fn files(settings: &Settings, folder: &Path, mode: Mode) -> Files {
    let page = settings.ui_dir.as_ref().map(|set| set.value.clone());
    let system = READ.iter().map(PathBuf::from);
    // The demo clears its data folder away at the end.
    let parent = folder.parent().filter(|_| mode == Mode::Demo);
    Files {
        read: system.chain(page).chain(linked_databases(folder)).collect(),
        write: vec![folder.to_owned()],
        clear: parent.into_iter().map(Path::to_owned).collect(),
    }
}

/// The folders to which links in the data folder lead, when those are the user's own databases: whoever
/// keeps them up to date replaces the files there.
fn linked_databases(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let links = entries.map(|entry| entry.path()).filter(|path| path.is_symlink());
    let databases =
        links.filter(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mmdb")));
    databases.filter_map(|path| Some(path.canonicalize().ok()?.parent()?.to_owned())).collect()
}

//! Names the app behind a process, or behind a control group whose processes cannot be seen: what
//! a person would call it. It reads `/proc`, desktop entries and container descriptions, each file
//! bounded; it asks nobody but the keeper of a container, and runs no program.

mod cgroup;
mod containers;
mod desktop;
mod groups;
mod keeper;
mod script;
#[cfg(test)]
mod tests;
mod text;

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, Mode, OFlags, openat};
use tapmap_core::{App, AppEvidence};

use cgroup::Group;
use containers::Containers;
use desktop::DesktopEntries;
use groups::GroupIndex;

/// As much of one file as is read; command lines and environments may be long.
const LONGEST_FILE: u64 = 128 * 1024;

/// Where a running `AppImage` is mounted.
const APP_IMAGE_MOUNT: &str = "/tmp/.mount_";

/// The texts of a process' folder, by their name in it.
type Files<'files> = &'files dyn Fn(&str) -> Option<String>;

/// Names apps. It remembers what it read, so it is kept and asked again and again.
#[derive(Debug)]
pub struct AppNamer {
    root: PathBuf,
    /// The container this program runs in itself, if any: within it, it names nothing.
    own_container: Option<Group>,
    entries: Option<DesktopEntries>,
    containers: Containers,
    groups: GroupIndex,
}

impl Default for AppNamer {
    fn default() -> Self {
        Self::new()
    }
}

impl AppNamer {
    /// A namer that has read nothing yet.
    pub fn new() -> Self {
        Self::below(Path::new("/"))
    }

    /// The same for a system whose files lie below `root`.
    fn below(root: &Path) -> Self {
        let own = read_text(&root.join("proc/self/cgroup")).unwrap_or_default();
        let own_container = cgroup::path_of(&own).and_then(cgroup::group).filter(Group::is_container);
        Self {
            root: root.to_owned(),
            own_container,
            entries: None,
            containers: Containers::below(root),
            groups: GroupIndex::below(root),
        }
    }

    /// The app of a process. `comm` is its short name, used when nothing else is known, and
    /// `executable` the path of its program as the kernel tells it.
    ///
    /// The first that fits: container, Flatpak or Snap, the desktop entry that its control group
    /// or its program file names, `AppImage`, the script that an interpreter runs, systemd unit,
    /// file name. Threads and helpers name themselves as they like; the program file does not.
    pub fn describe(&mut self, pid: u32, comm: &str, executable: Option<&str>) -> App {
        let folder = self.root.join(format!("proc/{pid}"));
        self.describe_from(&|file| read_text(&folder.join(file)), comm, executable).unwrap_or_else(|| App {
            name: format!("process {pid}").into(),
            evidence: AppEvidence::ProcessName,
        })
    }

    /// As [`AppNamer::describe`], of a process that may have gone: `files` gives the texts of its folder,
    /// as far as they were kept. `None` when nothing names it.
    pub(super) fn describe_from(
        &mut self,
        files: Files<'_>,
        comm: &str,
        executable: Option<&str>,
    ) -> Option<App> {
        let executable = executable.map(without_deleted).filter(|path| is_file(path));
        let groups = files("cgroup").unwrap_or_default();
        let group = cgroup::path_of(&groups).and_then(cgroup::group);
        self.container(group.as_ref())
            .or_else(|| self.package(group.as_ref(), files, executable))
            .or_else(|| self.desktop_group(group.as_ref(), executable))
            .or_else(|| self.program(files, executable?))
            .or_else(|| unit(group.as_ref()))
            .or_else(|| app(file_name(executable?), AppEvidence::FileName))
            .or_else(|| app(comm, AppEvidence::ProcessName))
    }

    /// The app that a control group stands for, where it stands for one: a container, a package, a
    /// desktop application, a systemd service. `cgroup_id` is the inode of the group's folder, as
    /// the kernel reports it for a socket.
    pub fn unit_of_cgroup(&mut self, cgroup_id: u64) -> Option<App> {
        let path = self.groups.path(cgroup_id)?;
        let group = cgroup::group(path)?;
        self.container(Some(&group))
            .or_else(|| self.package(Some(&group), &|_| None, None))
            .or_else(|| self.desktop_group(Some(&group), None))
            .or_else(|| unit(Some(&group)))
    }

    fn container(&mut self, group: Option<&Group>) -> Option<App> {
        let group = group.filter(|group| self.own_container.as_ref() != Some(group))?;
        let name = match group {
            Group::Container { runtime, id } => self.containers.name(*runtime, id),
            Group::Machine(name) => name.clone(),
            Group::Flatpak(_) | Group::Snap { .. } | Group::Desktop(_) | Group::Unit(_) => return None,
        };
        app(&name, AppEvidence::Container)
    }

    fn package(&mut self, group: Option<&Group>, files: Files<'_>, executable: Option<&str>) -> Option<App> {
        let (id, name) = match group {
            Some(Group::Flatpak(id)) => (id.clone(), id.clone()),
            Some(Group::Snap { snap, app }) => (format!("{snap}_{app}"), snap.clone()),
            _ => match executable?.strip_prefix("/snap/") {
                Some(path) => {
                    let snap = path.split('/').next()?.to_owned();
                    (format!("{snap}_{snap}"), snap)
                }
                None if executable?.starts_with("/app/") => {
                    let id = desktop::flatpak_id(&files("root/.flatpak-info")?)?;
                    (id.clone(), id)
                }
                None => return None,
            },
        };
        let entry = self.entries().by_id(&id).map(|entry| entry.name.clone());
        app(&entry.unwrap_or(name), AppEvidence::Package)
    }

    /// What a desktop started in a group of its own. A terminal's group holds whatever is typed
    /// there, so it names nothing but the terminal.
    fn desktop_group(&mut self, group: Option<&Group>, executable: Option<&str>) -> Option<App> {
        let Some(Group::Desktop(id)) = group else { return None };
        let entries = self.entries();
        let name = match entries.by_id(id) {
            Some(entry) if entry.terminal => {
                let same = entries.by_program(executable?).is_some_and(|found| found.name == entry.name);
                same.then(|| entry.name.clone())?
            }
            Some(entry) => entry.name.clone(),
            None => id.clone(),
        };
        app(&name, AppEvidence::DesktopEntry)
    }

    /// What the program file, or the script it runs, says.
    fn program(&mut self, files: Files<'_>, executable: &str) -> Option<App> {
        if script::is_interpreter(file_name(executable)) {
            let arguments = files("cmdline")?;
            let arguments: Vec<&str> = arguments.split_terminator('\0').collect();
            let found = script::script(file_name(executable), &arguments)?;
            let entry = self.entries().by_script(&found).map(|entry| entry.name.clone());
            return match entry {
                Some(name) => app(&name, AppEvidence::DesktopEntry),
                None => app(&script::name(&found), AppEvidence::Script),
            };
        }
        if executable.starts_with(APP_IMAGE_MOUNT) {
            return app_image(files);
        }
        let name = self.entries().by_program(executable)?.name.clone();
        app(&name, AppEvidence::DesktopEntry)
    }

    fn entries(&mut self) -> &DesktopEntries {
        let root = &self.root;
        self.entries.get_or_insert_with(|| DesktopEntries::read(root))
    }
}

/// The file that an `AppImage` was started from; told only of this user's own processes.
fn app_image(files: Files<'_>) -> Option<App> {
    let environment = files("environ")?;
    let path = environment.split('\0').find_map(|setting| setting.strip_prefix("APPIMAGE="))?;
    let file = file_name(path);
    let stem = file.rsplit_once('.').filter(|(_, end)| end.eq_ignore_ascii_case("appimage"));
    app(stem.map_or(file, |(stem, _)| stem), AppEvidence::AppImage)
}

/// Whether the arguments of this program name what it runs.
pub(super) fn is_interpreter(executable: &str) -> bool {
    script::is_interpreter(file_name(executable))
}

/// A service is named by its unit.
fn unit(group: Option<&Group>) -> Option<App> {
    let Some(Group::Unit(name)) = group else { return None };
    app(name, AppEvidence::Unit)
}

/// An app of this name, unless nothing of the name can be shown.
fn app(name: &str, evidence: AppEvidence) -> Option<App> {
    text::shown(name).map(|name| App { name, evidence })
}

/// The kernel marks a program whose file was replaced, by an update mostly; it is the same app.
fn without_deleted(path: &str) -> &str {
    path.strip_suffix(" (deleted)").unwrap_or(path)
}

/// A program may also run from memory, without a file that could name it.
fn is_file(path: &str) -> bool {
    !path.is_empty() && !path.starts_with("/memfd:")
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The beginning of a file as text; what is not UTF-8 is replaced.
fn read_text(path: &Path) -> Option<String> {
    read_beginning(path, LONGEST_FILE)
}

/// As [`read_text`], of at most so many bytes. Users write some of these files, and could put a pipe there
/// that never ends, so nothing is waited for.
fn read_beginning(path: &Path, at_most: u64) -> Option<String> {
    let mut bytes = Vec::new();
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(openat(CWD, path, flags, Mode::empty()).ok()?);
    file.take(at_most).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

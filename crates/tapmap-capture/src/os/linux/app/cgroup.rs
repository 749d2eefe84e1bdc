//! What the path of a control group says of the processes in it. Pure: paths in, kinds out.
//! The shapes are those of systemd (its document "Desktop Environment Integration" and
//! `systemd.unit(5)`), Docker, Podman, the Kubernetes runtimes, LXC, Flatpak and Snap.

/// Who keeps a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Runtime {
    Docker,
    Podman,
    Kubernetes,
    Other,
}

/// What a control group stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// A container known by its id, 12 to 64 hexadecimal digits.
    Container { runtime: Runtime, id: String },
    /// A container or virtual machine known by its name.
    Machine(String),
    /// A Flatpak application by its id.
    Flatpak(String),
    /// An application of a snap.
    Snap { snap: String, app: String },
    /// An application that a desktop started, by its desktop entry's id.
    Desktop(String),
    /// A systemd service, without `.service`.
    Unit(String),
}

impl Group {
    /// Whether it is a container or a virtual machine.
    pub(super) fn is_container(&self) -> bool {
        matches!(self, Self::Container { .. } | Self::Machine(_))
    }
}

/// The path that tells most in `/proc/<pid>/cgroup`: that of the unified hierarchy, or where that
/// is empty (version 1, or both) systemd's own or any that names a container.
pub(super) fn path_of(text: &str) -> Option<&str> {
    // "<number>:<controllers>:<path>"
    let lines = || text.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
    let telling = |path: &str| path != "/" && !path.is_empty();
    let unified = lines().find(|(controllers, path)| controllers.is_empty() && telling(path));
    let systemd = || lines().find(|(controllers, path)| *controllers == "name=systemd" && telling(path));
    let any = || lines().find(|(_, path)| group(path).as_ref().is_some_and(Group::is_container));
    unified.or_else(systemd).or_else(any).map(|(_, path)| path)
}

/// What a group stands for by its path; `None` for login sessions, slices and unknown shapes.
pub(super) fn group(path: &str) -> Option<Group> {
    let kubernetes = path.contains("kubepods");
    // A container may hold groups of its own, with a systemd in it, so containers come first.
    let segments = || path.split('/').rev().filter(|segment| !segment.is_empty());
    if let Some(found) = segments().find_map(|segment| container(segment, path, kubernetes)) {
        return Some(found);
    }
    let leaf = segments().find(|segment| is_unit(segment))?;
    application(leaf).or_else(|| service(leaf))
}

fn is_unit(segment: &str) -> bool {
    segment.strip_suffix(".service").or_else(|| segment.strip_suffix(".scope")).is_some()
}

fn container(segment: &str, path: &str, kubernetes: bool) -> Option<Group> {
    let stem = segment.strip_suffix(".scope").or_else(|| segment.strip_suffix(".service")).unwrap_or(segment);
    let known = [
        ("docker-", Runtime::Docker),
        ("libpod-", Runtime::Podman),
        ("cri-containerd-", Runtime::Kubernetes),
        ("crio-", Runtime::Kubernetes),
        ("nerdctl-", Runtime::Other),
    ];
    let by_prefix = known.iter().find_map(|(prefix, runtime)| {
        let id = stem.strip_prefix(prefix).filter(|id| is_hexadecimal(id, 12))?;
        Some((*runtime, id))
    });
    let bare = || is_hexadecimal(stem, 64).then(|| (runtime_of(path), stem));
    if let Some((runtime, id)) = by_prefix.or_else(bare) {
        let runtime = if kubernetes { Runtime::Kubernetes } else { runtime };
        return Some(Group::Container { runtime, id: id.to_owned() });
    }
    machine(segment, stem, path).map(Group::Machine)
}

fn runtime_of(path: &str) -> Runtime {
    let holds = |folder: &str| path.split('/').any(|segment| segment == folder);
    if holds("docker") {
        Runtime::Docker
    } else if holds("libpod_parent") {
        Runtime::Podman
    } else {
        Runtime::Other
    }
}

/// The name of a machine: LXC, systemd-nspawn, a virtual machine of libvirt.
fn machine(segment: &str, stem: &str, path: &str) -> Option<String> {
    let name = if let Some(name) = segment.strip_prefix("lxc.payload.") {
        unescape(name)
    } else if let Some(name) = stem.strip_prefix("systemd-nspawn@") {
        unescape(name)
    } else if let Some(name) =
        stem.strip_prefix("machine-").filter(|_| segment.strip_suffix(".scope").is_some())
    {
        let name = unescape(name);
        let guest = name.strip_prefix("qemu-").and_then(|rest| rest.split_once('-'));
        guest.map(|(_, guest)| guest.to_owned()).unwrap_or(name)
    } else {
        let mut parents = path.split('/').skip_while(|parent| !matches!(*parent, "lxc" | "lxc.payload"));
        parents.next()?;
        parents.next().filter(|name| *name == segment)?.to_owned()
    };
    (!name.is_empty()).then_some(name)
}

/// An application that a desktop, Flatpak or Snap put into a group of its own.
fn application(unit: &str) -> Option<Group> {
    let (stem, scope) = match unit.strip_suffix(".scope") {
        Some(stem) => (stem, true),
        None => (unit.strip_suffix(".service")?, false),
    };
    if let Some(rest) = stem.strip_prefix("snap.") {
        let (snap, app) = rest.split_once('.')?;
        // The scope's random end is a UUID: five parts behind dashes.
        let app = if scope { app.rsplitn(6, '-').last()? } else { app };
        return Some(Group::Snap { snap: unescape(snap), app: unescape(app) });
    }
    if let Some(rest) = stem.strip_prefix("dbus-").filter(|_| !scope) {
        let bus_name = unescape(rest.rsplit_once('@').map_or(rest, |(name, _)| name));
        // ":1.2-org.gnome.Calculator": who asked, then what was started.
        let id = bus_name.rsplit('-').next()?.to_owned();
        return id.contains('.').then_some(Group::Desktop(id));
    }
    let rest = stem.strip_prefix("app-")?;
    let rest = if scope {
        rest.rsplit_once('-').map_or(rest, |(rest, _random)| rest)
    } else {
        rest.rsplit_once('@').map_or(rest, |(rest, _random)| rest)
    };
    // Dashes within an id are escaped, so one that is not ends the launcher's name.
    let (launcher, id) = rest.split_once('-').map_or((None, rest), |(launcher, id)| (Some(launcher), id));
    let id = unescape(id);
    if id.is_empty() {
        return None;
    }
    Some(if launcher == Some("flatpak") { Group::Flatpak(id) } else { Group::Desktop(id) })
}

/// A service by its name. Login sessions, users' managers and scopes of single commands name nothing.
fn service(unit: &str) -> Option<Group> {
    let stem = unit.strip_suffix(".service")?;
    if stem.starts_with("user@") || stem.starts_with("user-runtime-dir@") {
        return None;
    }
    let name = match stem.split_once('@') {
        // An instance that is a number or an address says nothing to a person.
        Some((name, instance))
            if instance.contains(':') || instance.starts_with(|first: char| first.is_ascii_digit()) =>
        {
            name
        }
        Some((name, "")) => name,
        _ => stem,
    };
    Some(Group::Unit(unescape(name)))
}

fn is_hexadecimal(text: &str, at_least: usize) -> bool {
    (at_least..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Undoes systemd's escapes: `\x2d` is the byte 2d. What is not UTF-8 then is replaced.
pub(super) fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        let (before, escape) = rest.split_at(at);
        bytes.extend_from_slice(before.as_bytes());
        let byte = escape.get(2..4).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let read = if let Some(byte) = byte {
            bytes.push(byte);
            4
        } else {
            bytes.extend_from_slice(b"\\x");
            2
        };
        rest = &escape[read..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

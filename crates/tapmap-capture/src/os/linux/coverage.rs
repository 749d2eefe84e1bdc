//! What this source can and cannot see, in words for a person: one line per sight, from what the layers
//! say of themselves.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use rustix::thread::{CapabilitySet, capabilities};
use tapmap_core::{Coverage, CoverageLine, Layer, LayerName, Sight};

use super::whereabouts::is_in_container;

/// What this program may read of other processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rights {
    /// The user it runs as.
    pub(super) user: u32,
    /// Whether it may read the descriptors of other users' processes: that takes the right to trace
    /// them, and the right to read any folder.
    pub(super) others: bool,
}

impl Rights {
    /// The rights that this program has now.
    pub(super) fn now() -> Self {
        let effective = capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
        let folders = CapabilitySet::DAC_READ_SEARCH | CapabilitySet::DAC_OVERRIDE;
        Self {
            user: rustix::process::geteuid().as_raw(),
            others: effective.contains(CapabilitySet::SYS_PTRACE) && effective.intersects(folders),
        }
    }

    /// Whether it may read the descriptors of a user's processes.
    pub(super) fn may_read(self, user: u32) -> bool {
        self.others || self.user == user
    }
}

/// The command that starts this program as root.
pub(super) fn as_root() -> Arc<str> {
    format!("sudo {}", program()).into()
}

/// This program's file, as a shell takes it.
fn program() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.to_string_lossy();
    quoted(program.strip_suffix(" (deleted)").unwrap_or(&program))
}

/// The command that gives this program the rights for the layers in the kernel, without root: to be run
/// once, and again after each update of the program.
pub(super) fn grant() -> Arc<str> {
    static COMMAND: OnceLock<Arc<str>> = OnceLock::new();
    Arc::clone(COMMAND.get_or_init(|| setcap("cap_bpf,cap_perfmon,cap_net_admin,cap_net_raw")))
}

/// The command that gives this program the rights to look into every process by its files. They let it
/// read anything, so it is for kernels alone that offer nothing better: those without type information.
pub(super) fn grant_files() -> Option<Arc<str>> {
    static COMMAND: OnceLock<Option<Arc<str>>> = OnceLock::new();
    COMMAND
        .get_or_init(|| {
            let has_types = Path::new("/sys/kernel/btf/vmlinux").exists();
            (!has_types).then(|| setcap("cap_sys_ptrace,cap_dac_read_search"))
        })
        .clone()
}

fn setcap(rights: &str) -> Arc<str> {
    format!("sudo setcap {rights}=ep {}", program()).into()
}

/// A path as a shell takes it: in quotes when it holds more than letters, digits and `/._-`.
fn quoted(path: &str) -> String {
    if path.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter)) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

/// The whole account, from that of each layer.
pub(super) fn coverage(mut layers: Vec<Layer>) -> Coverage {
    // Some is told by two ways: one that works is enough.
    layers.sort_by_key(|layer| (layer.name, !layer.active));
    layers.dedup_by_key(|layer| layer.name);
    let known = Known(&layers);
    let lines = [sockets(&known), connections(&known), owners(&known), outside(&known)].concat();
    Coverage { lines, layers }
}

/// The layers by name.
struct Known<'layers>(&'layers [Layer]);

impl Known<'_> {
    fn get(&self, name: LayerName) -> Option<&Layer> {
        self.0.iter().find(|layer| layer.name == name)
    }

    /// Whether a layer is there and works.
    fn works(&self, name: LayerName) -> bool {
        self.get(name).is_some_and(|layer| layer.active)
    }

    /// What the first of these layers that could be made to work would need.
    fn remedy(&self, names: &[LayerName]) -> Option<String> {
        let command = names.iter().find_map(|name| self.get(*name)?.command.as_ref())?;
        Some(format!("Start TapMap as root (sudo tapmap), or give it the rights once: {command}"))
    }
}

fn line(sight: Sight, seen: bool, reason: &str, remedy: Option<&str>) -> CoverageLine {
    CoverageLine { sight, seen, reason: reason.into(), remedy: remedy.map(Into::into) }
}

fn sockets(known: &Known<'_>) -> Vec<CoverageLine> {
    let failing = !known.works(LayerName::SocketList);
    let (reason, remedy) = if failing {
        (
            "The kernel did not answer the last question for its sockets.",
            Some("Some sandboxes and containers forbid it (sock_diag): run TapMap outside of them."),
        )
    } else {
        ("The kernel lists the open sockets of every user.", None)
    };
    [Sight::TcpSockets, Sight::UdpSockets]
        .map(|sight| line(sight, !failing, reason, remedy))
        .into_iter()
        .chain([line(
            Sight::TcpCounters,
            !failing,
            if failing {
                reason
            } else {
                "The kernel counts bytes and round-trip time of every TCP connection."
            },
            remedy,
        )])
        .collect()
}

fn connections(known: &Known<'_>) -> Vec<CoverageLine> {
    let events = known.works(LayerName::TcpEvents);
    let ends = known.works(LayerName::SocketEnds);
    let short = if events {
        "The kernel tells of every TCP connection as it happens, and whose it is."
    } else if ends {
        "The kernel tells of every connection that ends, also of one that opened and closed between two \
         looks; whose it was can no longer be found then. One that was refused at once, or that its own \
         program reset, has lost its addresses by then: only the counts hold it."
    } else {
        "A connection that opens and closes between two looks is not seen: the kernel does not tell of \
         ends here."
    };
    let remedy = known.remedy(&[LayerName::TcpEvents]).filter(|_| !events && !ends);
    vec![
        line(Sight::ShortConnections, events || ends, short, remedy.as_deref()),
        one_way(
            known,
            Sight::UdpDestinations,
            &[LayerName::UdpDestinations],
            "The kernel tells where every UDP socket sends.",
            "A UDP socket without a fixed peer does not show in the kernel's list where it sends.",
        ),
        one_way(
            known,
            Sight::UdpCounters,
            &[LayerName::UdpBytes],
            "The kernel counts the bytes of every UDP socket for TapMap.",
            "Bytes of UDP are not visible in this mode: the kernel's list counts none.",
        ),
    ]
}

/// A sight that there is when one of some layers works.
fn one_way(known: &Known<'_>, sight: Sight, ways: &[LayerName], seen: &str, unseen: &str) -> CoverageLine {
    if ways.iter().any(|way| known.works(*way)) {
        line(sight, true, seen, None)
    } else {
        line(sight, false, unseen, known.remedy(ways).as_deref())
    }
}

fn owners(known: &Known<'_>) -> Vec<CoverageLine> {
    let kernel = known.works(LayerName::KernelFiles);
    let Some(files) = known.get(LayerName::ProcessFiles) else { return Vec::new() };
    if !files.active && !kernel {
        let remedy = Some("Mount /proc where TapMap runs.");
        return [Sight::OwnProcesses, Sight::OtherProcesses]
            .map(|sight| line(sight, false, &files.reason, remedy))
            .to_vec();
    }
    let own = line(Sight::OwnProcesses, true, "Your own processes can be looked into.", None);
    let others = if kernel {
        line(Sight::OtherProcesses, true, "The kernel lists the files of every process for TapMap.", None)
    } else if is_in_container() {
        line(
            Sight::OtherProcesses,
            false,
            "TapMap runs in a container, where only the processes inside of it show.",
            Some("Run TapMap outside of the container."),
        )
    } else if Rights::now().others {
        let reason = "TapMap runs with the rights to look into the processes of every user.";
        line(Sight::OtherProcesses, true, reason, None)
    } else {
        let remedy = known
            .remedy(&[LayerName::KernelFiles, LayerName::ProcessFiles])
            .unwrap_or_else(|| "Start TapMap as root (sudo tapmap) to see them.".to_owned());
        line(
            Sight::OtherProcesses,
            false,
            "Processes of other users may not be looked into. Their connections are listed, with the \
             service or container they belong to where the kernel tells.",
            Some(&remedy),
        )
    };
    vec![own, others]
}

fn outside(known: &Known<'_>) -> Vec<CoverageLine> {
    let elsewhere = match known.get(LayerName::OtherNamespaces) {
        Some(layer) => line(Sight::OtherNamespaces, layer.active, &layer.reason, None),
        None => line(
            Sight::OtherNamespaces,
            false,
            "Containers with a network of their own keep their sockets apart from this list.",
            None,
        ),
    };
    let names = one_way(
        known,
        Sight::Names,
        &[LayerName::DnsAnswers, LayerName::ServerNames, LayerName::Resolved],
        "The names that programs ask for are heard as they ask.",
        "The kernel's list holds addresses, not the host names that led to them.",
    );
    vec![elsewhere, names]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::linux::beside::{active, inactive};

    fn seen(layers: Vec<Layer>) -> Vec<Sight> {
        let lines = coverage(layers).lines;
        lines.iter().filter(|line| line.seen).map(|line| line.sight).collect()
    }

    fn working(names: &[LayerName]) -> Vec<Layer> {
        names.iter().map(|name| active(*name, "It works.", "Something.")).collect()
    }

    #[test]
    fn what_is_seen_follows_from_the_layers() {
        assert_eq!(seen(Vec::new()), []);
        let list = seen(working(&[LayerName::SocketList]));
        assert_eq!(list, [Sight::TcpSockets, Sight::UdpSockets, Sight::TcpCounters]);
        for (layer, sight) in [
            (LayerName::SocketEnds, Sight::ShortConnections),
            (LayerName::TcpEvents, Sight::ShortConnections),
            (LayerName::UdpDestinations, Sight::UdpDestinations),
            (LayerName::UdpBytes, Sight::UdpCounters),
            (LayerName::OtherNamespaces, Sight::OtherNamespaces),
            (LayerName::DnsAnswers, Sight::Names),
        ] {
            assert_eq!(seen(working(&[layer])), [sight]);
        }
    }

    #[test]
    fn what_is_missing_names_the_command() {
        let missing = inactive(LayerName::UdpBytes, "Not here.", "Bytes.", Some(grant()));
        let lines = coverage(vec![missing]).lines;
        let line = lines.iter().find(|line| line.sight == Sight::UdpCounters).unwrap();
        assert!(line.remedy.as_deref().is_some_and(|remedy| remedy.ends_with(&*grant())), "{line:?}");
        assert!(grant().starts_with("sudo setcap cap_bpf,cap_perfmon,cap_net_admin,cap_net_raw=ep /"));
    }

    #[test]
    fn a_path_is_quoted_where_a_shell_would_misread_it() {
        assert_eq!(quoted("/usr/bin/tapmap-1.0"), "/usr/bin/tapmap-1.0");
        assert_eq!(quoted("/home/o'neil/my app"), r"'/home/o'\''neil/my app'");
    }
}

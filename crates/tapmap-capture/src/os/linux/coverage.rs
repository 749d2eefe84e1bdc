//! What this source can and cannot see, in words for a person.

use rustix::thread::{CapabilitySet, capabilities};
use tapmap_core::{Coverage, CoverageLine, Sight};

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

/// The whole account. `failing` says that the last list failed; `ends` that the kernel tells of sockets
/// that end; `processes` that `/proc` can be read.
pub(super) fn coverage(rights: Rights, failing: bool, ends: bool, processes: bool) -> Coverage {
    let lines = [sockets(failing), connections(ends), owners(rights, processes), outside()].concat();
    Coverage { lines, layers: Vec::new() }
}

fn line(sight: Sight, seen: bool, reason: &str, remedy: Option<&str>) -> CoverageLine {
    CoverageLine { sight, seen, reason: reason.into(), remedy: remedy.map(Into::into) }
}

fn sockets(failing: bool) -> Vec<CoverageLine> {
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

fn connections(ends: bool) -> Vec<CoverageLine> {
    let short = if ends {
        "The kernel tells of every connection that ends, also of one that opened and closed between two \
         looks; whose it was can no longer be found then."
    } else {
        "A connection that opens and closes between two looks is not seen: the kernel does not tell of \
         ends here."
    };
    vec![
        line(Sight::ShortConnections, ends, short, None),
        line(
            Sight::UdpDestinations,
            false,
            "A UDP socket without a fixed peer does not show in the kernel's list where it sends.",
            None,
        ),
        line(Sight::UdpCounters, false, "The kernel's list counts no bytes of UDP sockets.", None),
    ]
}

fn owners(rights: Rights, processes: bool) -> Vec<CoverageLine> {
    if !processes {
        let reason = "The folder /proc cannot be read, so no process can be found.";
        let remedy = Some("Mount /proc where TapMap runs.");
        return vec![
            line(Sight::OwnProcesses, false, reason, remedy),
            line(Sight::OtherProcesses, false, reason, remedy),
        ];
    }
    let others = if rights.others {
        line(
            Sight::OtherProcesses,
            true,
            "TapMap runs with the rights to look into the processes of every user.",
            None,
        )
    } else {
        line(
            Sight::OtherProcesses,
            false,
            "Processes of other users may not be looked into. Their connections are listed, with the \
             service or container they belong to where the kernel tells.",
            Some("Start TapMap as root (sudo tapmap) to see them."),
        )
    };
    vec![line(Sight::OwnProcesses, true, "Your own processes can be looked into.", None), others]
}

fn outside() -> Vec<CoverageLine> {
    vec![
        line(
            Sight::OtherNamespaces,
            false,
            "Containers with a network of their own keep their sockets apart from this list.",
            None,
        ),
        line(
            Sight::Names,
            false,
            "The kernel's list holds addresses, not the host names that led to them.",
            None,
        ),
    ]
}

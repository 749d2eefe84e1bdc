//! Why a program is not in the kernel, in words for a person, as the layers that would need it.

use std::{error::Error, io};

use aya::{BtfError, programs::ProgramError};
use rustix::io::Errno;
use tapmap_core::{Layer, LayerName};

use crate::os::linux::{
    beside::{active, inactive},
    coverage::grant,
};

/// The layers, what each adds, and what is said of it when it works.
const LAYERS: [(LayerName, &str, &str); 6] = [
    (
        LayerName::TcpEvents,
        "Every TCP connection as it opens and closes, however short, also one that is refused or reset, with the \
         process behind it.",
        "A program in the kernel tells of every TCP connection.",
    ),
    (
        LayerName::KernelFiles,
        "The process behind every socket, of every user, in every container.",
        "A program in the kernel lists the sockets that processes hold.",
    ),
    (
        LayerName::UdpDestinations,
        "Where UDP sockets send, also a single datagram, with the process behind it.",
        "A program in the kernel tells where UDP sockets send.",
    ),
    (
        LayerName::UdpBytes,
        "How many bytes go through each UDP socket.",
        "A program in the kernel counts the bytes of UDP sockets; of those that were open before TapMap began, \
         what went through them since.",
    ),
    (
        LayerName::DnsAnswers,
        "The names that programs ask for, with the program that asked.",
        "A program in the kernel hands over the answers to name queries.",
    ),
    (
        LayerName::ServerNames,
        "The name that each encrypted connection asks its server for, also in containers.",
        "A program in the kernel hands over the beginnings of TLS and QUIC connections.",
    ),
];

/// Why something was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is being loaded.
    NotYet,
    /// The rights for it are plainly missing.
    NoRights,
    /// The kernel refused it as not permitted.
    Denied,
    /// The kernel does not describe its own types.
    NoTypes,
    /// There is no tree of control groups of version 2.
    NoGroups,
    /// This kernel has no such place, or no such kind of program.
    Missing,
    /// This kernel does not accept the program as it is.
    Unfit,
    /// It works only while the rights are held.
    RightsGone,
    /// The thread that loads them broke off.
    BrokenOff,
    /// Anything else, in the kernel's words.
    Other(String),
}

impl Refusal {
    /// From an error of loading or attaching.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<io::Error>() {
                return Self::of_system(error);
            }
            if let Some(ProgramError::LoadError { verifier_log, .. }) = error.downcast_ref()
                && !verifier_log.to_string().is_empty()
            {
                // Its error number is the same as where rights are missing.
                return Self::Unfit;
            }
            if error.is::<BtfError>() {
                return Self::Missing;
            }
            cause = error.source();
        }
        Self::Other(error.to_string())
    }

    /// From an error of reading the kernel's description of its types.
    pub(super) fn of_types(error: &BtfError) -> Self {
        match error {
            BtfError::FileError { .. } => Self::NoTypes,
            other => Self::Other(other.to_string()),
        }
    }

    fn of_system(error: &io::Error) -> Self {
        match Errno::from_io_error(error) {
            Some(Errno::PERM | Errno::ACCESS) => Self::Denied,
            Some(Errno::INVAL | Errno::NOENT | Errno::NOSYS | Errno::OPNOTSUPP) => Self::Missing,
            _ => Self::Other(error.to_string()),
        }
    }

    /// In one sentence.
    fn reason(&self) -> String {
        match self {
            Self::NotYet => "The program for it is on its way into the kernel.".to_owned(),
            Self::NoRights => "It needs a program in the kernel, and TapMap has no right to load one.".to_owned(),
            Self::Denied => "The kernel did not let TapMap load or attach the program for it.".to_owned(),
            Self::NoTypes => {
                "This kernel does not describe its types (/sys/kernel/btf/vmlinux is missing), so the program for \
                 it cannot be fitted to it."
                    .to_owned()
            }
            Self::NoGroups => "No control groups of version 2 are mounted, to which the program for it belongs."
                .to_owned(),
            Self::Missing => "This kernel has no place for the program that it needs.".to_owned(),
            Self::Unfit => "This kernel does not accept the program for it.".to_owned(),
            Self::RightsGone => {
                "This kernel runs it only for those who keep the right to load programs, and TapMap gave that up."
                    .to_owned()
            }
            Self::BrokenOff => "Loading the programs broke off.".to_owned(),
            Self::Other(words) => format!("The kernel did not take the program for it: {words}."),
        }
    }

    /// Whether more rights could help.
    fn is_about_rights(&self) -> bool {
        matches!(self, Self::NoRights | Self::Denied)
    }
}

/// Which layers were refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusals {
    refused: Vec<(LayerName, Refusal)>,
    /// Whether TapMap has process numbers of its own, so that processes outside of its container have none.
    pub(super) in_container: bool,
    /// Whether it cannot be told how many events get lost.
    pub(super) uncounted: bool,
}

impl Refusals {
    /// Everything was refused, for one reason.
    pub(super) fn all(refusal: &Refusal) -> Self {
        let refused = LAYERS.iter().map(|(layer, ..)| (*layer, refusal.clone())).collect();
        Self { refused, ..Self::default() }
    }

    /// Notes what became of one program. The first reason of a layer stays.
    pub(super) fn note(&mut self, layer: LayerName, refusal: Option<Refusal>) {
        if let Some(refusal) = refusal.filter(|_| self.get(layer).is_none()) {
            self.refused.push((layer, refusal));
        }
    }

    /// Why a layer was refused.
    pub(super) fn get(&self, layer: LayerName) -> Option<&Refusal> {
        self.refused.iter().find(|(name, _)| *name == layer).map(|(_, refusal)| refusal)
    }

    /// Whether all packets that may hold names are heard, also those of processes outside of a container.
    pub(super) fn hear_names(&self) -> bool {
        let is_refused = |layer| self.get(layer).is_some();
        !self.in_container && !is_refused(LayerName::DnsAnswers) && !is_refused(LayerName::ServerNames)
    }

    /// The account of all these layers.
    pub(super) fn layers(&self) -> Vec<Layer> {
        LAYERS
            .iter()
            .map(|(name, adds, works)| match self.get(*name) {
                None if self.in_container => active(
                    *name,
                    format!(
                        "{works} TapMap runs in a container: processes outside of it are not identified."
                    ),
                    adds,
                ),
                None if self.uncounted && *name == LayerName::TcpEvents => active(
                    *name,
                    format!("{works} This kernel does not let TapMap count what gets lost."),
                    adds,
                ),
                None => active(*name, *works, adds),
                Some(refusal) => {
                    inactive(*name, refusal.reason(), adds, refusal.is_about_rights().then(grant))
                }
            })
            .collect()
    }
}

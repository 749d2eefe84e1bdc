//! Who owns a socket, and how that is known.

use std::sync::Arc;

use crate::{App, Process};

/// The owner of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribution {
    /// One process owns it.
    Owned {
        /// The owner.
        process: Arc<Process>,
        /// How the owner was found.
        quality: MatchQuality,
    },
    /// Several processes hold it and nothing says which one uses it. Never empty.
    Ambiguous(Vec<Arc<Process>>),
    /// Not identified.
    Unknown {
        /// Why not.
        reason: UnknownOwner,
        /// The unit or container it belongs to, where that alone can be told.
        app: Option<App>,
    },
}

/// How an owner was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchQuality {
    /// The process holds a descriptor of this very socket, seen now.
    Descriptor,
    /// The kernel named it while it opened, used or closed the socket.
    Event,
    /// Found earlier and kept by the socket's identity.
    Remembered,
}

impl MatchQuality {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Descriptor, Self::Event, Self::Remembered];

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Descriptor => "descriptor",
            Self::Event => "event",
            Self::Remembered => "remembered",
        }
    }
}

/// Why an owner is not identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnknownOwner {
    /// It belongs to a process that may not be looked into: mostly one of another user.
    NotPermitted,
    /// It ended before its owner could be read, or outlived its process.
    Exited,
    /// The kernel itself owns it.
    Kernel,
    /// Every process that may be read was searched, and none holds it.
    NotFound,
    /// It is new and has not been searched yet.
    Pending,
    /// This system or source cannot tell.
    NotSupported,
}

impl Attribution {
    /// The process, when exactly one is known.
    pub fn process(&self) -> Option<&Arc<Process>> {
        match self {
            Self::Owned { process, .. } => Some(process),
            Self::Ambiguous(_) | Self::Unknown { .. } => None,
        }
    }

    /// How the owner was found, when exactly one is known.
    pub fn quality(&self) -> Option<MatchQuality> {
        match self {
            Self::Owned { quality, .. } => Some(*quality),
            Self::Ambiguous(_) | Self::Unknown { .. } => None,
        }
    }

    /// The app: that of the process; of several processes when they agree; else the unit or container.
    pub fn app(&self) -> Option<&App> {
        match self {
            Self::Owned { process, .. } => Some(&process.app),
            Self::Ambiguous(processes) => {
                let first = &processes.first()?.app;
                processes.iter().all(|process| process.app.name == first.name).then_some(first)
            }
            Self::Unknown { app, .. } => app.as_ref(),
        }
    }

    /// Whether this program itself owns the socket.
    pub fn is_own(&self) -> bool {
        self.process().is_some_and(|process| process.own)
    }

    /// The lower-case word used on the wire: how it was found, or why it was not.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Owned { quality, .. } => quality.word(),
            Self::Ambiguous(_) => "ambiguous",
            Self::Unknown { reason, .. } => reason.word(),
        }
    }
}

impl Attribution {
    /// What is known after another source said `new` of the same socket. An owner that was found is
    /// not lost to a source that cannot tell; one that the kernel named is kept before others that
    /// only hold the socket too.
    #[must_use]
    pub fn joined_by(&self, new: Self) -> Self {
        match (self, new) {
            (Self::Owned { process, quality }, Self::Unknown { .. }) => {
                let quality = match quality {
                    MatchQuality::Event => MatchQuality::Event,
                    MatchQuality::Descriptor | MatchQuality::Remembered => MatchQuality::Remembered,
                };
                Self::Owned { process: Arc::clone(process), quality }
            }
            (
                Self::Owned { process, quality: MatchQuality::Event },
                Self::Owned { process: other, quality: MatchQuality::Descriptor },
            ) if process.key == other.key => self.clone(),
            (Self::Owned { quality: MatchQuality::Event, .. }, Self::Ambiguous(_))
            | (Self::Ambiguous(_), Self::Unknown { .. }) => self.clone(),
            (Self::Unknown { app: Some(known), .. }, Self::Unknown { reason, app: None }) => {
                Self::Unknown { reason, app: Some(known.clone()) }
            }
            (_, new) => new,
        }
    }
}

impl UnknownOwner {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotPermitted => "not_permitted",
            Self::Exited => "exited",
            Self::Kernel => "kernel",
            Self::NotFound => "not_found",
            Self::Pending => "pending",
            Self::NotSupported => "not_supported",
        }
    }
}

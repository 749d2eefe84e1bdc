//! By which ways a socket was seen, and in which network.

/// A way in which the system shows a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// The kernel's list of sockets.
    List,
    /// The kernel's message that a socket has ended.
    End,
    /// A program in the kernel, told while it happened.
    Event,
    /// The files that processes hold, or another network's own table.
    Files,
}

impl Evidence {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::List, Self::End, Self::Event, Self::Files];

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::End => "end",
            Self::Event => "event",
            Self::Files => "files",
        }
    }
}

/// Several ways at once.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Evidences(u8);

impl Evidences {
    /// These, and one more.
    #[must_use]
    pub fn with(self, evidence: Evidence) -> Self {
        Self(self.0 | Self::bit(evidence))
    }

    /// These, and those.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether this one is among them.
    pub fn has(self, evidence: Evidence) -> bool {
        self.0 & Self::bit(evidence) != 0
    }

    /// The one, when it is alone.
    pub fn only(self) -> Option<Evidence> {
        Evidence::ALL.into_iter().find(|evidence| self.0 == Self::bit(*evidence))
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Evidence> {
        Evidence::ALL.into_iter().filter(move |evidence| self.has(*evidence))
    }

    fn bit(evidence: Evidence) -> u8 {
        match evidence {
            Evidence::List => 1,
            Evidence::End => 2,
            Evidence::Event => 4,
            Evidence::Files => 8,
        }
    }
}

impl From<Evidence> for Evidences {
    fn from(evidence: Evidence) -> Self {
        Self::default().with(evidence)
    }
}

impl std::fmt::Debug for Evidences {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

/// A network on this computer with sockets and addresses of its own: on Linux the inode number of a
/// network namespace. The recorder's own is [`Namespace::OWN`], whatever its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Namespace(pub u32);

impl Namespace {
    /// The one that the recorder is in.
    pub const OWN: Self = Self(0);
}

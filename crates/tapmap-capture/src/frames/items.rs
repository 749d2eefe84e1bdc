//! What stands in the frames, as types of their own, and their way from and to the core's types.
//! Texts are borrowed on both sides; those that are longer than [`LONGEST_TEXT`] are cut when written.

mod account;
mod names;

use std::{net::IpAddr, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tapmap_core::{
    App, AppEvidence, Attribution, Counters, Endpoint, Evidence, FileIdentity, MatchQuality, Namespace,
    Process, ProcessKey, Protocol, SocketId, SocketRow, SocketState, Timestamp, UnknownOwner,
};

pub(super) use self::{
    account::{Coverage, Kernel, Lost},
    names::{Heard, LeadsTo, Named},
};
use super::words::{
    AppEvidenceWord, EvidenceWord, MatchQualityWord, ProtocolWord, SocketStateWord, UnknownOwnerWord,
};

/// The longest text, in bytes: as long as a path may be on Linux.
pub(super) const LONGEST_TEXT: usize = 4096;

/// So many processes that hold one socket are told; the rest is left out.
const MOST_HOLDERS: usize = 1024;

/// A text, or as much of it as goes into a frame.
pub(super) fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST_TEXT)).unwrap_or(text)
}

/// Who speaks.
#[derive(Serialize, Deserialize)]
pub(super) struct Hello<'a> {
    pub version: u16,
    pub program: &'a str,
}

/// How a table differs in one socket.
#[derive(Serialize, Deserialize)]
pub(super) enum Change<'a> {
    /// New, or changed in more than its counters.
    Set(#[serde(borrow)] Row<'a>),
    /// Changed in its counters.
    Count(u64, Count),
    /// No longer in the table.
    Gone(u64),
}

#[derive(Serialize, Deserialize)]
pub(super) struct Row<'a> {
    id: u64,
    #[serde(with = "ProtocolWord")]
    protocol: Protocol,
    local: End,
    remote: Option<End>,
    #[serde(with = "SocketStateWord")]
    state: SocketState,
    #[serde(borrow)]
    owner: Owner<'a>,
    counters: Count,
    namespace: u32,
    #[serde(with = "EvidenceWord")]
    evidence: Evidence,
}

/// Address and port.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct End(IpAddr, u16);

/// Bytes sent, bytes received, round trip in microseconds.
#[derive(Serialize, Deserialize)]
pub(super) struct Count(Option<u64>, Option<u64>, Option<u64>);

/// An owner; processes by their numbers.
#[derive(Serialize, Deserialize)]
pub(super) enum Owner<'a> {
    Owned {
        process: u32,
        #[serde(with = "MatchQualityWord")]
        quality: MatchQuality,
    },
    Ambiguous(Vec<u32>),
    Unknown {
        #[serde(with = "UnknownOwnerWord")]
        reason: UnknownOwner,
        #[serde(borrow)]
        app: Option<AppItem<'a>>,
    },
}

#[derive(Serialize, Deserialize)]
pub(super) struct AppItem<'a> {
    name: &'a str,
    #[serde(with = "AppEvidenceWord")]
    evidence: AppEvidence,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ProcessItem<'a> {
    pid: u32,
    start: u64,
    name: &'a str,
    executable: Option<&'a str>,
    file: Option<FileItem>,
    #[serde(borrow)]
    app: AppItem<'a>,
    user: Option<&'a str>,
    started: Option<i64>,
    own: bool,
}

/// Inode, size, milliseconds since 1970 at which it was written.
#[derive(Serialize, Deserialize)]
struct FileItem(u64, u64, i64);

/// The number by which a process is known, introduced first where it is new.
pub(super) trait Numbers {
    fn number(&mut self, process: &Arc<Process>) -> u32;
}

/// The process that a number stands for.
pub(super) type Known<'a> = dyn Fn(u32) -> Result<Arc<Process>, String> + 'a;

impl<'a> Row<'a> {
    pub(super) fn of(row: &'a SocketRow, numbers: &mut impl Numbers) -> Self {
        Self {
            id: row.id.0,
            protocol: row.protocol,
            local: End::of(row.local),
            remote: row.remote.map(End::of),
            state: row.state,
            owner: Owner::of(&row.owner, numbers),
            counters: Count::of(row.counters),
            namespace: row.namespace.0,
            evidence: row.evidence,
        }
    }

    pub(super) fn read(self, known: &Known<'_>) -> Result<SocketRow, String> {
        Ok(SocketRow {
            id: SocketId(self.id),
            protocol: self.protocol,
            local: self.local.read(),
            remote: self.remote.map(End::read),
            state: self.state,
            owner: self.owner.read(known)?,
            counters: self.counters.read(),
            namespace: Namespace(self.namespace),
            evidence: self.evidence,
        })
    }
}

impl End {
    pub(super) fn of(endpoint: Endpoint) -> Self {
        Self(endpoint.address(), endpoint.port())
    }

    pub(super) fn read(self) -> Endpoint {
        Endpoint::new(self.0, self.1)
    }
}

impl Count {
    pub(super) fn of(counters: Counters) -> Self {
        Self(counters.bytes_sent, counters.bytes_received, counters.round_trip.map(micros))
    }

    pub(super) fn read(self) -> Counters {
        let Self(bytes_sent, bytes_received, round_trip) = self;
        Counters { bytes_sent, bytes_received, round_trip: round_trip.map(Duration::from_micros) }
    }
}

/// A duration as frames hold it.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl<'a> Owner<'a> {
    fn of(owner: &'a Attribution, numbers: &mut impl Numbers) -> Self {
        match owner {
            Attribution::Owned { process, quality } => {
                Self::Owned { process: numbers.number(process), quality: *quality }
            }
            Attribution::Ambiguous(processes) => {
                let some = processes.iter().take(MOST_HOLDERS);
                Self::Ambiguous(some.map(|process| numbers.number(process)).collect())
            }
            Attribution::Unknown { reason, app } => {
                Self::Unknown { reason: *reason, app: app.as_ref().map(AppItem::of) }
            }
        }
    }

    fn read(self, known: &Known<'_>) -> Result<Attribution, String> {
        Ok(match self {
            Self::Owned { process, quality } => Attribution::Owned { process: known(process)?, quality },
            Self::Ambiguous(numbers) if numbers.is_empty() => {
                return Err("an ambiguous owner without its processes".to_owned());
            }
            Self::Ambiguous(numbers) => {
                Attribution::Ambiguous(numbers.into_iter().map(known).collect::<Result<_, _>>()?)
            }
            Self::Unknown { reason, app } => Attribution::Unknown { reason, app: app.map(AppItem::read) },
        })
    }
}

impl<'a> AppItem<'a> {
    fn of(app: &'a App) -> Self {
        Self { name: cut(&app.name), evidence: app.evidence }
    }

    fn read(self) -> App {
        App { name: self.name.into(), evidence: self.evidence }
    }
}

impl FileItem {
    fn of(file: FileIdentity) -> Self {
        Self(file.inode, file.size, file.modified.as_millis())
    }

    fn read(self) -> FileIdentity {
        let Self(inode, size, modified) = self;
        FileIdentity { inode, size, modified: Timestamp::from_millis(modified) }
    }
}

impl<'a> ProcessItem<'a> {
    pub(super) fn of(process: &'a Process) -> Self {
        Self {
            pid: process.key.pid,
            start: process.key.start,
            name: cut(&process.name),
            executable: process.executable.as_deref().map(cut),
            file: process.file.map(FileItem::of),
            app: AppItem::of(&process.app),
            user: process.user.as_deref().map(cut),
            started: process.started.map(Timestamp::as_millis),
            own: process.own,
        }
    }

    pub(super) fn read(self) -> Process {
        Process {
            key: ProcessKey { pid: self.pid, start: self.start },
            name: self.name.into(),
            executable: self.executable.map(Into::into),
            file: self.file.map(FileItem::read),
            app: self.app.read(),
            user: self.user.map(Into::into),
            started: self.started.map(Timestamp::from_millis),
            own: self.own,
        }
    }
}

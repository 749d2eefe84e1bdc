//! Owners as a recording introduces them, each once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tapmap_core::{
    App, AppEvidence, Attribution, FileIdentity, MatchQuality, Process, ProcessKey, Timestamp, UnknownOwner,
};

use super::rows::{REASONS, Word, by_word, is_false};

/// An owner; `word` is that of [`Attribution::word`] and says which of the others are there.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnerEntry {
    word: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process: Option<ProcessEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    processes: Vec<ProcessEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app: Option<AppEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcessEntry {
    pid: u32,
    start: u64,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    executable: Option<String>,
    /// Inode, size, milliseconds since 1970 at which it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<(u64, u64, i64)>,
    app: AppEntry,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started: Option<i64>,
    #[serde(default, skip_serializing_if = "is_false")]
    own: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AppEntry {
    name: String,
    evidence: Word,
}

const EVIDENCE: [AppEvidence; 8] = [
    AppEvidence::Container,
    AppEvidence::Package,
    AppEvidence::DesktopEntry,
    AppEvidence::AppImage,
    AppEvidence::Script,
    AppEvidence::Unit,
    AppEvidence::FileName,
    AppEvidence::ProcessName,
];

impl OwnerEntry {
    pub(super) fn of(owner: &Attribution) -> Self {
        let mut entry = Self { word: owner.word().into(), process: None, processes: Vec::new(), app: None };
        match owner {
            Attribution::Owned { process, .. } => entry.process = Some(ProcessEntry::of(process)),
            Attribution::Ambiguous(processes) => {
                entry.processes = processes.iter().map(|process| ProcessEntry::of(process)).collect();
            }
            Attribution::Unknown { app, .. } => entry.app = app.as_ref().map(AppEntry::of),
        }
        entry
    }

    pub(super) fn read(self) -> Result<Attribution, String> {
        let quality = match &*self.word {
            "descriptor" => Some(MatchQuality::Descriptor),
            "event" => Some(MatchQuality::Event),
            "remembered" => Some(MatchQuality::Remembered),
            _ => None,
        };
        if let Some(quality) = quality {
            let process = self.process.ok_or("an owner without its process")?;
            return Ok(Attribution::Owned { process: Arc::new(process.read()?), quality });
        }
        if self.word == "ambiguous" {
            if self.processes.is_empty() {
                return Err("an ambiguous owner without its processes".to_owned());
            }
            let processes = self.processes.into_iter().map(|process| process.read().map(Arc::new));
            return Ok(Attribution::Ambiguous(processes.collect::<Result<_, _>>()?));
        }
        Ok(Attribution::Unknown {
            reason: by_word(&REASONS, UnknownOwner::word, &self.word)?,
            app: self.app.map(AppEntry::read).transpose()?,
        })
    }
}

impl ProcessEntry {
    fn of(process: &Process) -> Self {
        Self {
            pid: process.key.pid,
            start: process.key.start,
            name: process.name.to_string(),
            executable: process.executable.as_ref().map(ToString::to_string),
            file: process.file.map(|file| (file.inode, file.size, file.modified.as_millis())),
            app: AppEntry::of(&process.app),
            user: process.user.as_ref().map(ToString::to_string),
            started: process.started.map(Timestamp::as_millis),
            own: process.own,
        }
    }

    fn read(self) -> Result<Process, String> {
        Ok(Process {
            key: ProcessKey { pid: self.pid, start: self.start },
            name: self.name.into(),
            executable: self.executable.map(Into::into),
            file: self.file.map(|(inode, size, modified)| FileIdentity {
                inode,
                size,
                modified: Timestamp::from_millis(modified),
            }),
            app: self.app.read()?,
            user: self.user.map(Into::into),
            started: self.started.map(Timestamp::from_millis),
            own: self.own,
        })
    }
}

impl AppEntry {
    fn of(app: &App) -> Self {
        Self { name: app.name.to_string(), evidence: app.evidence.word().into() }
    }

    fn read(self) -> Result<App, String> {
        let evidence = by_word(&EVIDENCE, AppEvidence::word, &self.evidence)?;
        Ok(App { name: self.name.into(), evidence })
    }
}

/// The owner that a number stands for.
pub(super) fn owner(number: u32, owners: &[Attribution]) -> Result<&Attribution, String> {
    let owner = usize::try_from(number).ok().and_then(|number| owners.get(number));
    owner.ok_or_else(|| format!("owner {number} was not introduced"))
}

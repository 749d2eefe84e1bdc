//! Which program files were seen: each is told to the history once in a run.

use std::{collections::HashSet, sync::Arc};

use tapmap_core::{Attribution, FlowEntry, ListenerEntry, ProgramFile, ProgramSeen, Timestamp};

/// How many files are remembered at most; when there are more, they are told again, which adds nothing.
const REMEMBERED: usize = 20_000;

/// What was told, and what is to be.
#[derive(Debug, Default)]
pub(super) struct Programs {
    told: HashSet<(Arc<str>, ProgramFile)>,
    new: Vec<ProgramSeen>,
}

impl Programs {
    /// Takes note of the owners of what is written; answers what was not written before.
    pub(super) fn seen(&mut self, flows: &[FlowEntry], listeners: &[ListenerEntry]) -> Vec<ProgramSeen> {
        if self.told.len() >= REMEMBERED {
            self.told.clear();
        }
        for FlowEntry { flow, .. } in flows {
            self.note(&flow.attribution, flow.span.first_seen);
        }
        for ListenerEntry { listener, .. } in listeners {
            self.note(&listener.attribution, listener.first_seen);
        }
        self.new.clone()
    }

    fn note(&mut self, owner: &Attribution, first_seen: Timestamp) {
        let Some(process) = owner.process().filter(|process| !process.own) else { return };
        let (Some(path), Some(identity)) = (&process.executable, process.file) else { return };
        let file = ProgramFile { path: Arc::clone(path), identity };
        let app = &process.app.name;
        if self.told.insert((Arc::clone(app), file.clone())) {
            self.new.push(ProgramSeen { app: Arc::clone(app), file, first_seen });
        }
    }

    /// What was answered last is written.
    pub(super) fn written(&mut self) {
        self.new.clear();
    }

    /// The history is another one: everything is to be told again.
    pub(super) fn write_all_again(&mut self) {
        *self = Self::default();
    }
}

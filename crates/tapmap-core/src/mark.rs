//! What the user knows already: a mark takes something from the news, never from the map, the table or
//! the history. A mark of a program holds as long as the program's file is the one that was marked.

use std::{borrow::Cow, sync::Arc};

use crate::{Event, Facet, FileNow, ProgramFile, Protocol, Reason, ReasonKind, Timestamp};

/// How many marks there may be.
const MOST: usize = 500;
/// How many changes can be taken back, one after the other.
const STEPS: usize = 8;
/// How long a note may be, in characters.
const LONGEST_NOTE: usize = 200;
/// How long the name of an app, a provider or a country may be, in bytes.
const LONGEST_NAME: usize = 400;

/// What a mark is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MarkSubject {
    /// An app, whatever it does.
    App(Arc<str>),
    /// What an app does with one provider.
    Provider {
        /// The app.
        app: Arc<str>,
        /// The operator of the networks.
        operator: Arc<str>,
    },
    /// An app that waits for others at a port.
    Listener {
        /// The app.
        app: Arc<str>,
        /// The transport.
        protocol: Protocol,
        /// The port.
        port: u16,
    },
    /// A port, whoever uses it.
    Port(u16),
    /// A country by its ISO 3166-1 alpha-2 code, whoever turns to it.
    Country(Arc<str>),
}

impl MarkSubject {
    /// The app that it is about; `None` where it is about every app.
    pub fn app(&self) -> Option<&Arc<str>> {
        match self {
            Self::App(app) | Self::Provider { app, .. } | Self::Listener { app, .. } => Some(app),
            Self::Port(_) | Self::Country(_) => None,
        }
    }

    fn is_sound(&self) -> bool {
        let is_name = |name: &str| !name.is_empty() && name.len() <= LONGEST_NAME;
        match self {
            Self::App(app) | Self::Listener { app, .. } => is_name(app),
            Self::Provider { app, operator } => is_name(app) && is_name(operator),
            Self::Port(_) => true,
            Self::Country(code) => code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()),
        }
    }
}

/// What a mark does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkKind {
    /// It is no news: left out of what is new and unusual, shown as known among the events.
    Known,
    /// As known; its events are folded away and not announced either.
    Muted,
}

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its identity, never used again.
    pub id: u64,
    /// What it is about.
    pub subject: MarkSubject,
    /// What it does.
    pub kind: MarkKind,
    /// What the user wrote about it; empty for nothing.
    pub note: Arc<str>,
    /// When it was made.
    pub since: Timestamp,
    /// The app's program files as they were then. With none, as of an app in a container, a changed file
    /// cannot be noticed.
    pub files: Vec<ProgramFile>,
    /// When it was noticed that one of those files had changed: the mark means nothing from then on.
    pub expired: Option<Timestamp>,
}

impl Mark {
    /// Whether it means something still.
    pub fn holds(&self) -> bool {
        self.expired.is_none()
    }
}

/// What is to be marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMark {
    /// What it is about.
    pub subject: MarkSubject,
    /// What it does.
    pub kind: MarkKind,
    /// What the user writes about it; empty for nothing.
    pub note: Arc<str>,
    /// The app's program files as they are.
    pub files: Vec<ProgramFile>,
}

/// A change of the marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkChange {
    /// Marks something; a mark of the same subject is replaced.
    Put(NewMark),
    /// Removes the mark of this identity.
    Remove(u64),
    /// Removes all marks.
    Clear,
    /// Takes the last change back; with a revision only when that is still the last one.
    Undo(Option<u64>),
}

/// Why a change was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMarked {
    /// There is no such mark.
    NoSuchMark,
    /// There is no change to take back, or another one came after it.
    NothingToUndo,
    /// A name is empty or too long, or a country is no code of two capital letters.
    NotUnderstood,
    /// The note is too long.
    NoteTooLong,
    /// There are too many marks.
    TooMany,
}

impl NotMarked {
    /// The reason in a sentence.
    pub fn sentence(self) -> Cow<'static, str> {
        match self {
            Self::NoSuchMark => "There is no such mark.".into(),
            Self::NothingToUndo => "There is nothing to take back.".into(),
            Self::NotUnderstood => {
                "A name is missing or too long, or the country is no code such as NO.".into()
            }
            Self::NoteTooLong => format!("A note has at most {LONGEST_NOTE} characters.").into(),
            Self::TooMany => format!("There are {MOST} marks already; remove one first.").into(),
        }
    }
}

/// All marks, and the changes that can be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The marks, the latest last.
    pub marks: Vec<Mark>,
    /// How many changes there were: names the last one.
    pub revision: u64,
    /// The marks as they were before the last changes, the latest last.
    pub before: Vec<Vec<Mark>>,
}

impl Marks {
    /// Makes a change, once and for all or not at all.
    ///
    /// # Errors
    /// With the reason when it cannot be made; nothing has changed then.
    pub fn change(&mut self, change: MarkChange, now: Timestamp) -> Result<(), NotMarked> {
        let marks = match change {
            MarkChange::Put(new) => self.with(new, now)?,
            MarkChange::Remove(id) => self.without(id)?,
            MarkChange::Clear => Vec::new(),
            MarkChange::Undo(revision) => return self.undo(revision),
        };
        self.before.push(std::mem::replace(&mut self.marks, marks));
        self.before.drain(..self.before.len().saturating_sub(STEPS));
        self.revision += 1;
        Ok(())
    }

    fn with(&self, new: NewMark, now: Timestamp) -> Result<Vec<Mark>, NotMarked> {
        let NewMark { subject, kind, note, files } = new;
        if !subject.is_sound() {
            return Err(NotMarked::NotUnderstood);
        }
        if note.chars().count() > LONGEST_NOTE {
            return Err(NotMarked::NoteTooLong);
        }
        let mut marks: Vec<Mark> =
            self.marks.iter().filter(|mark| mark.subject != subject).cloned().collect();
        if marks.len() >= MOST {
            return Err(NotMarked::TooMany);
        }
        // The revision grows with every mark, so the next one names nothing yet.
        marks.push(Mark { id: self.revision + 1, subject, kind, note, since: now, files, expired: None });
        Ok(marks)
    }

    fn without(&self, id: u64) -> Result<Vec<Mark>, NotMarked> {
        let marks: Vec<Mark> = self.marks.iter().filter(|mark| mark.id != id).cloned().collect();
        if marks.len() == self.marks.len() { Err(NotMarked::NoSuchMark) } else { Ok(marks) }
    }

    fn undo(&mut self, revision: Option<u64>) -> Result<(), NotMarked> {
        if revision.is_some_and(|revision| revision != self.revision) {
            return Err(NotMarked::NothingToUndo);
        }
        self.marks = self.before.pop().ok_or(NotMarked::NothingToUndo)?;
        self.revision += 1;
        Ok(())
    }

    /// Looks at the files of the programs that are marked: where one is another than it was or is gone,
    /// the mark has expired. Answers whether any did.
    pub fn check(&mut self, now: Timestamp, look: impl Fn(&str) -> FileNow) -> bool {
        let mut any = false;
        for mark in self.marks.iter_mut().filter(|mark| mark.holds()) {
            let changed = |file: &ProgramFile| match look(&file.path) {
                FileNow::There(there) => there != *file,
                FileNow::Gone => true,
                FileNow::NotKnown => false,
            };
            if mark.files.iter().any(changed) {
                mark.expired = Some(now);
                any = true;
            }
        }
        any
    }

    /// The mark of exactly this subject, when it holds.
    pub fn of(&self, subject: &MarkSubject) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.holds() && mark.subject == *subject)
    }

    /// The mark of an app.
    pub fn of_app(&self, app: &Arc<str>) -> Option<&Mark> {
        self.of(&MarkSubject::App(Arc::clone(app)))
    }

    /// The mark of what an app does with a provider: its own, else that of the app.
    pub fn of_provider(&self, app: &Arc<str>, operator: &Arc<str>) -> Option<&Mark> {
        let subject = MarkSubject::Provider { app: Arc::clone(app), operator: Arc::clone(operator) };
        self.of(&subject).or_else(|| self.of_app(app))
    }

    /// The mark of an app that waits at a port: its own, else that of the app, else that of the port.
    pub fn of_listener(&self, app: Option<&Arc<str>>, protocol: Protocol, port: u16) -> Option<&Mark> {
        let subject = app.map(|app| MarkSubject::Listener { app: Arc::clone(app), protocol, port });
        let own = subject.and_then(|subject| self.of(&subject));
        own.or_else(|| app.and_then(|app| self.of_app(app))).or_else(|| self.of(&MarkSubject::Port(port)))
    }

    /// The mark of a value of a facet, whoever used it. Providers are marked with an app only, names not
    /// at all.
    pub fn of_value(&self, facet: Facet, value: &Arc<str>) -> Option<&Mark> {
        match facet {
            Facet::App => self.of_app(value),
            Facet::Country => self.of(&MarkSubject::Country(Arc::clone(value))),
            Facet::Port => self.of(&MarkSubject::Port(value.parse().ok()?)),
            Facet::Operator | Facet::Name => None,
        }
    }

    /// The mark of an event: that of its app, else those of everything that was new about it. Of several,
    /// one that only makes known, since what is not muted is not to be folded away.
    pub fn of_event(&self, event: &Event) -> Option<&Mark> {
        if let Some(mark) = event.app.as_ref().and_then(|app| self.of_app(app)) {
            return Some(mark);
        }
        let marks: Option<Vec<&Mark>> =
            event.reasons.iter().map(|reason| self.of_reason(event.app.as_ref(), reason)).collect();
        marks?.into_iter().min_by_key(|mark| mark.kind)
    }

    fn of_reason(&self, app: Option<&Arc<str>>, reason: &Reason) -> Option<&Mark> {
        match (reason.kind, reason.facet) {
            (ReasonKind::Listening(protocol), _) => {
                self.of_listener(app, protocol, reason.value.parse().ok()?)
            }
            // Which transport is not told; what came in as a connection was TCP.
            (ReasonKind::Inbound, _) => self.of_listener(app, Protocol::Tcp, reason.value.parse().ok()?),
            (ReasonKind::Site | ReasonKind::ProgramChanged, _) => None,
            (ReasonKind::Used, Facet::Operator) => self.of_provider(app?, &reason.value),
            (ReasonKind::Used, facet) => self.of_value(facet, &reason.value),
        }
    }
}

#[cfg(test)]
mod tests;

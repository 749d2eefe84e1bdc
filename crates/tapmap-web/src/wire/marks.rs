//! What the user knows already, as objects.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    moment::rfc3339,
    values::{self, CountryName},
    words::Protocol,
};

/// What a mark is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum MarkSubject {
    /// An app, whatever it does.
    App {
        /// Its name.
        #[schema(value_type = String)]
        app: Arc<str>,
    },
    /// What an app does with one provider.
    Provider {
        /// The app's name.
        #[schema(value_type = String)]
        app: Arc<str>,
        /// The operator of the networks.
        #[schema(value_type = String)]
        operator: Arc<str>,
    },
    /// An app that waits for others at a port.
    Listener {
        /// The app's name.
        #[schema(value_type = String)]
        app: Arc<str>,
        /// The transport.
        protocol: Protocol,
        /// The port.
        port: u16,
    },
    /// A port, whoever uses it.
    Port {
        /// The port.
        port: u16,
    },
    /// A country, whoever turns to it.
    Country {
        /// Its code, ISO 3166-1 alpha-2.
        #[schema(value_type = String)]
        country: Arc<str>,
    },
}

/// What a mark does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// It is no news: left out of what is new and unusual, shown as known among the events.
    Known,
    /// As known; its events are folded away and not announced either.
    Muted,
}

/// What is to be marked; a mark of the same subject is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMark {
    /// What it is about.
    pub subject: MarkSubject,
    /// What it does.
    pub kind: MarkKind,
    /// A note of at most 200 characters; empty for none.
    #[serde(default)]
    pub note: String,
}

/// Which change is to be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoMarks {
    /// The `revision` that came of it; then nothing is taken back when another change came later.
    #[serde(default)]
    pub revision: Option<String>,
}

/// All marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Marks {
    /// The marks, the latest first.
    pub items: Vec<Mark>,
    /// Names the last change.
    pub revision: String,
    /// Whether there is a change that can be taken back.
    pub can_undo: bool,
    /// What is wrong with the file of marks, in a sentence.
    pub problem: Option<String>,
}

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mark {
    /// Its identity, never used again.
    pub id: String,
    /// What it is about.
    pub subject: MarkSubject,
    /// The same in words.
    pub label: String,
    /// What it does.
    pub kind: MarkKind,
    /// What the user wrote about it; empty for nothing.
    #[schema(value_type = String)]
    pub note: Arc<str>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub since: String,
    /// The app's program files: when one of them changes the mark expires. With none, it does not.
    pub files: Vec<String>,
    /// When it was noticed that one of them had changed; the mark means nothing from then on.
    #[schema(format = DateTime)]
    pub expired: Option<String>,
}

/// The mark that something carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Marked {
    /// The mark's identity.
    pub id: String,
    /// What it does.
    pub kind: MarkKind,
    /// What the user wrote about it; empty for nothing.
    #[schema(value_type = String)]
    pub note: Arc<str>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub since: String,
}

impl Marks {
    /// All marks, as they are told to others.
    pub fn of(marks: &tapmap_core::Marks, problem: Option<String>, country: CountryName) -> Self {
        Self {
            items: marks.marks.iter().rev().map(|mark| Mark::of(mark, country)).collect(),
            revision: marks.revision.to_string(),
            can_undo: !marks.before.is_empty(),
            problem,
        }
    }
}

impl Mark {
    fn of(mark: &tapmap_core::Mark, country: CountryName) -> Self {
        Self {
            id: mark.id.to_string(),
            subject: (&mark.subject).into(),
            label: label(&mark.subject, country),
            kind: mark.kind.into(),
            note: Arc::clone(&mark.note),
            since: rfc3339(mark.since),
            files: mark.files.iter().map(|file| file.path.to_string()).collect(),
            expired: mark.expired.map(rfc3339),
        }
    }
}

/// `Firefox with Mozilla`.
fn label(subject: &tapmap_core::MarkSubject, country: CountryName) -> String {
    use tapmap_core::{Facet, MarkSubject as Core};
    match subject {
        Core::App(app) => app.to_string(),
        Core::Provider { app, operator } => format!("{app} with {operator}"),
        Core::Listener { app, protocol, port } => {
            format!("{app} waiting at {} port {port}", protocol.word().to_uppercase())
        }
        Core::Port(port) => format!("port {port}"),
        Core::Country(code) => values::label(Facet::Country, code, country),
    }
}

impl From<&tapmap_core::Mark> for Marked {
    fn from(mark: &tapmap_core::Mark) -> Self {
        Self {
            id: mark.id.to_string(),
            kind: mark.kind.into(),
            note: Arc::clone(&mark.note),
            since: rfc3339(mark.since),
        }
    }
}

impl From<&tapmap_core::MarkSubject> for MarkSubject {
    fn from(subject: &tapmap_core::MarkSubject) -> Self {
        use tapmap_core::MarkSubject as Core;
        match subject.clone() {
            Core::App(app) => Self::App { app },
            Core::Provider { app, operator } => Self::Provider { app, operator },
            Core::Listener { app, protocol, port } => Self::Listener { app, protocol: protocol.into(), port },
            Core::Port(port) => Self::Port { port },
            Core::Country(country) => Self::Country { country },
        }
    }
}

impl From<MarkSubject> for tapmap_core::MarkSubject {
    fn from(subject: MarkSubject) -> Self {
        match subject {
            MarkSubject::App { app } => Self::App(app),
            MarkSubject::Provider { app, operator } => Self::Provider { app, operator },
            MarkSubject::Listener { app, protocol, port } => {
                let protocol = match protocol {
                    Protocol::Tcp => tapmap_core::Protocol::Tcp,
                    Protocol::Udp => tapmap_core::Protocol::Udp,
                };
                Self::Listener { app, protocol, port }
            }
            MarkSubject::Port { port } => Self::Port(port),
            MarkSubject::Country { country } => Self::Country(country),
        }
    }
}

impl From<tapmap_core::MarkKind> for MarkKind {
    fn from(kind: tapmap_core::MarkKind) -> Self {
        match kind {
            tapmap_core::MarkKind::Known => Self::Known,
            tapmap_core::MarkKind::Muted => Self::Muted,
        }
    }
}

impl From<MarkKind> for tapmap_core::MarkKind {
    fn from(kind: MarkKind) -> Self {
        match kind {
            MarkKind::Known => Self::Known,
            MarkKind::Muted => Self::Muted,
        }
    }
}

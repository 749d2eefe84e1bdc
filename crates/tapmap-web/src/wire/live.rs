//! The page's view of the same facts: a snapshot of everything that is open, and the events of the
//! stream that lead on from it. Index `n` in a column is entry `n` of a dictionary.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    columns::{Columns, CounterRow, EndRow, Row},
    ends::{Owner, Remote, ServiceEntry},
    flow::Listener,
    place::OwnPlace,
    status::Gap,
    words::NameSource,
};

/// The dictionaries, whole.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Dictionaries {
    /// Who is at the ends.
    #[schema(value_type = Vec<Owner>)]
    pub owners: Vec<Arc<Owner>>,
    /// Far addresses.
    #[schema(value_type = Vec<Remote>)]
    pub remotes: Vec<Arc<Remote>>,
    /// Service ports.
    #[schema(value_type = Vec<ServiceEntry>)]
    pub services: Vec<Arc<ServiceEntry>>,
    /// Names of far ends.
    #[schema(value_type = Vec<NameEntry>)]
    pub names: Vec<Arc<NameEntry>>,
}

/// The name that led to the far end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
pub struct NameEntry {
    /// The names that fit equally well, the latest heard first; never empty. Several mean "one of".
    #[schema(value_type = Vec<String>)]
    pub candidates: Vec<Arc<str>>,
    /// How they are known.
    pub source: NameSource,
    /// The names that the first one stands for, in order: its CNAME chain.
    #[schema(value_type = Vec<String>)]
    pub aliases: Vec<Arc<str>>,
}

impl From<&tapmap_core::Name> for NameEntry {
    fn from(name: &tapmap_core::Name) -> Self {
        Self {
            candidates: name.candidates.clone(),
            source: name.source.into(),
            aliases: name.aliases.clone(),
        }
    }
}

/// Dictionary entries that are new, each with its index. Entries never change within an epoch.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct DictionaryAdditions {
    /// Who is at the ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<(u32, Owner)>)]
    pub owners: Vec<(u32, Arc<Owner>)>,
    /// Far addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<(u32, Remote)>)]
    pub remotes: Vec<(u32, Arc<Remote>)>,
    /// Service ports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<(u32, ServiceEntry)>)]
    pub services: Vec<(u32, Arc<ServiceEntry>)>,
    /// Names of far ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<(u32, NameEntry)>)]
    pub names: Vec<(u32, Arc<NameEntry>)>,
}

impl DictionaryAdditions {
    /// Whether there is nothing new.
    pub(crate) fn is_empty(&self) -> bool {
        let ends = self.owners.is_empty() && self.remotes.is_empty();
        ends && self.services.is_empty() && self.names.is_empty()
    }
}

/// An open port with its identity.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LiveListener {
    /// The open port.
    #[serde(flatten)]
    pub listener: Listener,
    /// Identity within one boot of this computer; 64 bits, hence text.
    pub id: String,
    /// Whether it is this program itself.
    pub own: bool,
}

impl From<&tapmap_core::Listener> for LiveListener {
    fn from(listener: &tapmap_core::Listener) -> Self {
        Self { listener: listener.into(), id: listener.id.0.to_string(), own: listener.attribution.is_own() }
    }
}

/// Everything that is open at one point of the stream.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Snapshot {
    /// The epoch in which the ids and indices mean something, in hexadecimal.
    pub epoch: String,
    /// The last delta it contains: continue with `/stream?after=<epoch>-<seq>`.
    pub seq: u64,
    /// When it was observed; before the first look, when the recorder started.
    #[schema(format = DateTime)]
    pub at: String,
    /// Where this computer is taken to be.
    pub own_place: Option<OwnPlace>,
    /// What the indices stand for.
    pub dict: Dictionaries,
    /// The connections.
    pub flows: Columns,
    /// The open ports.
    pub listeners: Vec<LiveListener>,
    /// Connections that ended within ten minutes, in the order of their ends, the last 2,000 at most;
    /// only when asked for.
    pub ended: Vec<EndRow>,
}

/// First event of a stream, `event: hello`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Hello {
    /// Version of the stream's form.
    pub schema: u32,
    /// The epoch.
    pub epoch: String,
    /// The deltas that follow come after this one.
    pub seq: u64,
}

/// `event: resync`: the client's view can not be continued, and the stream ends. Take a new snapshot.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Resync {}

/// What changed, `event: d`. What is empty is left out. Apply in the order of the keys.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delta {
    /// Its number: one more than the last with `counters=true&ended=true`; without, those that hold
    /// only counters or only ended connections are left out.
    pub s: u64,
    /// When it was observed, in milliseconds since 1970 UTC.
    pub at: i64,
    /// New dictionary entries.
    #[serde(skip_serializing_if = "DictionaryAdditions::is_empty")]
    pub dict: DictionaryAdditions,
    /// Connections that opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Row>,
    /// Connections of which something other than the counters changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upd: Vec<Row>,
    /// Connections that ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub del: Vec<String>,
    /// The same as last known, and those that opened and ended between two deltas, which are told
    /// nowhere else: in the order of their ends, the last 200; only when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub end: Vec<EndRow>,
    /// How many more ended and are left out of `end`.
    #[serde(skip_serializing_if = "is_zero")]
    pub end_more: usize,
    /// Counters that moved; only when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cnt: Vec<CounterRow>,
    /// Ports that opened, or whose owner became known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ladd: Vec<LiveListener>,
    /// Ports that closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ldel: Vec<String>,
    /// Stretches in which something was missed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gap: Vec<Gap>,
    /// Where this computer is taken to be, when that changed; `null` when it is no longer known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OwnPlace>)]
    pub own_place: Option<Option<OwnPlace>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

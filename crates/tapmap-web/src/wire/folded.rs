//! Connections that ended and are counted, but no longer listed one by one.

use std::{cmp::Reverse, sync::Arc};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::moment::rfc3339;

/// Connections that ended and are counted, but no longer listed one by one, since more than ten
/// thousand ended within ten minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Folded {
    /// How many, since the recorder started.
    pub flows: u64,
    /// When the first of them ended; `null` when there are none.
    #[schema(format = DateTime)]
    pub from: Option<String>,
    /// When the last of them ended; `null` when there are none.
    #[schema(format = DateTime)]
    pub until: Option<String>,
    /// Those of one app to one address together, the most first, 256 groups at most; the others are in
    /// `flows` alone.
    pub groups: Vec<FoldedGroup>,
}

/// Connections of one app to one address, no longer listed one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoldedGroup {
    /// The app; `null` when it was not identified.
    #[schema(value_type = Option<String>)]
    pub app: Option<Arc<str>>,
    /// Far address.
    pub remote_address: String,
    /// How many.
    pub flows: u64,
    /// Payload bytes sent by those whose bytes are visible.
    pub bytes_sent: u64,
    /// Payload bytes received by those whose bytes are visible.
    pub bytes_received: u64,
    /// Lowest service port among them.
    pub lowest_port: u16,
    /// Highest service port among them.
    pub highest_port: u16,
}

impl From<&tapmap_engine::Folded> for Folded {
    fn from(folded: &tapmap_engine::Folded) -> Self {
        let mut groups: Vec<FoldedGroup> = folded.groups.iter().map(Into::into).collect();
        groups.sort_by_key(|group| Reverse(group.flows));
        Self { flows: folded.flows, from: folded.from.map(rfc3339), until: folded.until.map(rfc3339), groups }
    }
}

impl From<&tapmap_engine::FoldedGroup> for FoldedGroup {
    fn from(group: &tapmap_engine::FoldedGroup) -> Self {
        let (lowest_port, highest_port) = group.ports;
        Self {
            app: group.app.clone(),
            remote_address: group.remote.to_string(),
            flows: group.flows,
            bytes_sent: group.bytes_sent,
            bytes_received: group.bytes_received,
            lowest_port,
            highest_port,
        }
    }
}

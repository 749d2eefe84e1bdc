//! Names, and bytes that may hold names, as they stand in frames.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use tapmap_core::{HeardKind, NameSource};

use super::End;
use crate::frames::words::{HeardKindWord, NameSourceWord};

/// Bytes in which names may be.
#[derive(Serialize, Deserialize)]
pub(in crate::frames) struct Heard<'a> {
    #[serde(with = "HeardKindWord")]
    pub kind: HeardKind,
    pub process: Option<u32>,
    #[serde(serialize_with = "at_once")]
    pub bytes: &'a [u8],
}

/// Writes bytes as such: as a list they take a call each.
fn at_once<S: serde::Serializer>(bytes: &&[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// A name and what it leads to.
#[derive(Serialize, Deserialize)]
pub(in crate::frames) struct Named<'a> {
    pub name: &'a str,
    #[serde(borrow)]
    pub aliases: Vec<&'a str>,
    #[serde(with = "NameSourceWord")]
    pub source: NameSource,
    pub leads_to: LeadsTo,
}

#[derive(Serialize, Deserialize)]
pub(in crate::frames) enum LeadsTo {
    Connection(End, End),
    /// Addresses, the process that asked, how long the answer may be kept in microseconds.
    Addresses(Vec<IpAddr>, Option<u32>, u64),
}

//! What the reader makes of packets, files and messages, good and broken.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends by panicking")]

mod build;
mod dns;
mod files;
mod hostile;
mod quic;
mod tls;

use std::sync::Arc;

use tapmap_core::{Endpoint, Heard, HeardKind, NameHeard, NameReader, Timestamp};
use tapmap_names::Reader;

fn heard(kind: HeardKind, bytes: &[u8]) -> Heard {
    Heard { kind, bytes: Arc::from(bytes), process: None }
}

fn read(reader: &mut Reader, kind: HeardKind, bytes: &[u8]) -> Vec<NameHeard> {
    reader.read(&heard(kind, bytes), Timestamp::default())
}

fn end(text: &str) -> Endpoint {
    text.parse::<std::net::SocketAddr>().unwrap().into()
}

//! The source of a system for which there is none yet: it sees nothing and says so.

pub mod confine;

use tapmap_core::{
    Coverage, CoverageLine, Observation, Sight, SnapshotSource, SocketTable, SourceError, SourceErrorKind,
    Timestamp,
};

/// A source that sees nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSource;

impl SnapshotSource for NoSource {
    fn coverage(&self) -> Coverage {
        let line = |sight| CoverageLine {
            sight,
            seen: false,
            reason: "This version cannot read the sockets of this operating system yet.".into(),
            remedy: Some("Run it on Linux, or play a recording.".into()),
        };
        Coverage { lines: vec![line(Sight::TcpSockets), line(Sight::UdpSockets)], layers: Vec::new() }
    }

    fn may_have_opened(&mut self) -> bool {
        false
    }

    fn told(&mut self, _at: Timestamp) -> Vec<Observation> {
        Vec::new()
    }

    fn snapshot(&mut self) -> Result<SocketTable, SourceError> {
        Err(SourceError {
            kind: SourceErrorKind::Unsupported,
            context: "list sockets: this operating system is not supported yet".to_owned(),
            cause: None,
        })
    }
}

#[cfg(test)]
mod tests;

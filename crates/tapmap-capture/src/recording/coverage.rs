//! What a source said of itself, as a recording holds it.

use serde::{Deserialize, Serialize};
use tapmap_core::{Coverage, CoverageLine, Layer, LayerName, Sight};

use super::rows::{Word, by_word};

const SIGHTS: [Sight; 10] = [
    Sight::TcpSockets,
    Sight::UdpSockets,
    Sight::ShortConnections,
    Sight::UdpDestinations,
    Sight::TcpCounters,
    Sight::UdpCounters,
    Sight::OwnProcesses,
    Sight::OtherProcesses,
    Sight::OtherNamespaces,
    Sight::Names,
];

/// What could be seen and what could not.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoverageEntry {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lines: Vec<LineEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    layers: Vec<LayerEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineEntry {
    sight: Word,
    seen: bool,
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayerEntry {
    name: Word,
    active: bool,
    reason: String,
    adds: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<String>,
}

/// What was wrong; nothing when all was well again.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TroubleEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl CoverageEntry {
    pub(super) fn of(coverage: &Coverage) -> Self {
        let line = |line: &CoverageLine| LineEntry {
            sight: line.sight.word().into(),
            seen: line.seen,
            reason: line.reason.to_string(),
            remedy: line.remedy.as_ref().map(ToString::to_string),
        };
        let layer = |layer: &Layer| LayerEntry {
            name: layer.name.word().into(),
            active: layer.active,
            reason: layer.reason.to_string(),
            adds: layer.adds.to_string(),
            command: layer.command.as_ref().map(ToString::to_string),
        };
        Self {
            lines: coverage.lines.iter().map(line).collect(),
            layers: coverage.layers.iter().map(layer).collect(),
        }
    }

    pub(super) fn read(self) -> Result<Coverage, String> {
        let line = |line: LineEntry| {
            Ok(CoverageLine {
                sight: by_word(&SIGHTS, Sight::word, &line.sight)?,
                seen: line.seen,
                reason: line.reason.into(),
                remedy: line.remedy.map(Into::into),
            })
        };
        let layer = |layer: LayerEntry| {
            Ok(Layer {
                name: by_word(&LayerName::ALL, LayerName::word, &layer.name)?,
                active: layer.active,
                reason: layer.reason.into(),
                adds: layer.adds.into(),
                command: layer.command.map(Into::into),
            })
        };
        Ok(Coverage {
            lines: self.lines.into_iter().map(line).collect::<Result<_, String>>()?,
            layers: self.layers.into_iter().map(layer).collect::<Result<_, String>>()?,
        })
    }
}

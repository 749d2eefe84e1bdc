//! On which days other computers came in, by app and port.

use tapmap_core::{Day, DayUse, HistoryReader, PortUse, ReasonKind, StoreError};

/// When other computers came in.
pub(super) fn inbound(reader: &dyn HistoryReader) -> Result<Vec<PortUse>, StoreError> {
    Ok(reader.inbound(Day(i32::MIN), Day(i32::MAX))?.iter().filter_map(port_use).collect())
}

fn port_use(used: &DayUse) -> Option<PortUse> {
    Some(PortUse {
        kind: ReasonKind::Inbound,
        port: used.value.parse().ok()?,
        app: used.app.clone(),
        from: used.day,
        to: used.day,
        first_seen: used.first_seen.unwrap_or_default(),
        flows: used.flows,
    })
}

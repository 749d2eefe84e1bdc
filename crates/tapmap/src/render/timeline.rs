//! What `tapmap timeline` prints.

use super::{
    bytes,
    insights::{gap, part},
    remembered::local,
    table::{Column, table},
};
use tapmap_web::wire::{Timeline, TimelineSlot};

/// How wide the longest bar is.
const LONGEST: u64 = 24;

/// Slot by slot, and what was not observed.
pub(crate) fn text(timeline: &Timeline, width: Option<usize>) -> String {
    const COLUMNS: [Column; 5] = [
        Column::whole("FROM"),
        Column::numbers("CONNECTIONS"),
        Column::whole("").spared(1),
        Column::numbers("SENT"),
        Column::numbers("RECEIVED"),
    ];
    let most = timeline.items.iter().map(|slot| slot.flows).max().unwrap_or(0).max(1);
    let row = |slot: &TimelineSlot| -> [String; 5] {
        let bar = usize::try_from((slot.flows * LONGEST).div_ceil(most)).unwrap_or(0);
        [
            local(&slot.from),
            slot.flows.to_string(),
            "▇".repeat(bar),
            bytes(slot.bytes_sent),
            bytes(slot.bytes_received),
        ]
    };
    let mut text = table(COLUMNS, &timeline.items.iter().map(row).collect::<Vec<_>>(), width);
    part(&mut text, "Not observed:", timeline.unobserved.iter().map(gap));
    text
}

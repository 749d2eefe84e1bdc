//! The layer that hears of every socket that ends: rows for the ends, and a gap where some were lost.

use tapmap_core::{Evidence, Gap, GapReason, Layer, LayerName, Sighting, SocketRow, SocketState, Timestamp};

use super::{
    beside::{Beside, Told, active, inactive},
    destroyed::{Destroyed, Heard},
    owners::Owners,
    source::row,
};
use crate::parse::inet_diag::DiagSocket;

const ADDS: &str =
    "Connections that open and close between two looks, and the last counters of every connection.";
/// `tcp_disconnect` clears a socket's addresses before the kernel tells of its end: it runs when `connect`
/// was refused, and for a close with `SO_LINGER` of zero.
const WORKS: &str = "The kernel tells of every socket that ends, but not which addresses one had that was refused at once or \
     that its own program reset.";

/// Room for a tenth of a second, in bytes. The kernel gives twice as much and counts each end as about
/// 1,300, so this holds some 25,000.
const QUEUE: usize = 16 * 1024 * 1024;
/// With so much room, in bytes, asking ten times a second is enough for 60,000 ends a second.
const ROOM_ENOUGH: usize = 8 * 1024 * 1024;

/// Hears of ends, as long as the kernel tells.
#[derive(Debug)]
pub(super) struct Ends {
    destroyed: Option<Destroyed>,
    /// When it was last asked. The first time, it gets help where it needs it: from a thread that has no
    /// more rights than whoever asks then.
    last_asked: Option<Timestamp>,
}

impl Ends {
    /// Begins to listen, in the network namespace of the calling thread.
    pub(super) fn new() -> Self {
        Self { destroyed: Destroyed::open(QUEUE).ok(), last_asked: None }
    }
}

impl Beside for Ends {
    fn layers(&self) -> Vec<Layer> {
        let layer = if self.destroyed.is_some() {
            active(LayerName::SocketEnds, WORKS, ADDS)
        } else {
            inactive(LayerName::SocketEnds, "The kernel does not tell of ends here.", ADDS, None)
        };
        vec![layer]
    }

    fn tell(&mut self, at: Timestamp, owners: &mut Owners, told: &mut Told) {
        let last_asked = self.last_asked.replace(at);
        let Some(destroyed) = &mut self.destroyed else { return };
        if last_asked.is_none() {
            destroyed.get_help_below(ROOM_ENOUGH);
        }
        let since = last_asked.unwrap_or(at);
        match destroyed.hear(|socket| told.push(Sighting::Socket(ended(socket, owners)))) {
            Ok(Heard::Everything) => {}
            Ok(Heard::NotAll(lost)) => {
                let gap = Gap { from: since, until: at, reason: GapReason::Overrun, lost };
                told.push(Sighting::Lost(gap));
            }
            // The list goes on without it, and the coverage says so.
            Err(_) => self.destroyed = None,
        }
    }
}

/// The row of a socket that has ended. The message names no owner: it is the one that was found before.
fn ended(socket: &DiagSocket, owners: &Owners) -> SocketRow {
    let row = row(socket, owners.of_ended(socket.cookie));
    SocketRow { state: SocketState::Closed, evidence: Evidence::End, ..row }
}

//! The server's name in the first packets of a QUIC connection (RFC 9000; version 2: RFC 9369). They are
//! encrypted, but with keys that follow from a number which every packet shows (RFC 9001 §5.2): against
//! change on the way, not against readers.

mod frames;
mod header;
mod keys;

use crate::{
    pieces::Pieces,
    tls::{self, Found},
};
use keys::Keys;

/// How many packets of a connection are read for its `ClientHello`; with post-quantum keys and shuffled
/// pieces it takes two or three.
const MOST_PACKETS: u32 = 4;

/// A connection's first message, as far as it has come.
#[derive(Debug)]
pub struct Beginning {
    keys: Keys,
    message: Pieces,
    packets: u32,
}

/// Whether a datagram begins with an Initial packet of a version that is known here.
pub fn begins(datagram: &[u8]) -> bool {
    header::long(datagram).is_some_and(|packet| packet.is_initial())
}

/// Reads the frames of a packet that was opened, and forgets them: for what feeds the parser broken
/// input, which no tag lets through.
pub fn read_frames(payload: &[u8]) {
    let mut message = Pieces::default();
    frames::crypto(payload, |offset, bytes| message.put(offset, bytes));
}

impl Beginning {
    /// Opens the first datagram that a client sends; `None` when it is not one.
    pub fn open(datagram: &[u8]) -> Option<Self> {
        let first = header::long(datagram).filter(header::Long::is_initial)?;
        let keys = Keys::of_client(first.version, first.destination)?;
        let mut beginning = Self { keys, message: Pieces::default(), packets: 0 };
        beginning.take(datagram).then_some(beginning)
    }

    /// Takes in a datagram of the same connection; false when nothing in it could be read with the
    /// connection's keys.
    pub fn take(&mut self, datagram: &[u8]) -> bool {
        let mut read = false;
        let mut rest = datagram;
        // Several packets may share a datagram (RFC 9000 §12.2).
        while let Some(packet) = header::long(rest) {
            if packet.is_initial()
                && let Some(payload) = self.keys.decrypt(&packet)
            {
                read = true;
                self.packets += 1;
                frames::crypto(&payload, |offset, bytes| self.message.put(offset, bytes));
            }
            rest = packet.rest;
        }
        read
    }

    /// The server's name, as far as the message has come.
    pub fn server_name(&self) -> Found {
        match tls::server_name(self.message.whole()) {
            Found::Unfinished if self.packets >= MOST_PACKETS || self.message.is_full() => Found::Nothing,
            found => found,
        }
    }
}

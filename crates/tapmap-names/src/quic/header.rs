//! The part of a QUIC packet's long header that is in the open (RFC 9000 §17.2).

/// The versions that are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// RFC 9000.
    One,
    /// RFC 9369.
    Two,
}

impl Version {
    fn of(number: u32) -> Option<Self> {
        match number {
            0x0000_0001 => Some(Self::One),
            0x6b33_43cf => Some(Self::Two),
            _ => None,
        }
    }

    /// The packet type of an Initial packet, in its two bits (RFC 9369 §3.2 shuffles them).
    fn initial(self) -> u8 {
        match self {
            Self::One => 0b00,
            Self::Two => 0b01,
        }
    }

    /// The same of a Retry packet, which has no length.
    fn retry(self) -> u8 {
        match self {
            Self::One => 0b11,
            Self::Two => 0b00,
        }
    }
}

/// A packet with a long header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Long<'a> {
    /// Its version.
    pub(super) version: Version,
    kind: u8,
    /// The connection id of the receiver, at most 20 bytes.
    pub(super) destination: &'a [u8],
    /// The packet from its first byte to its last.
    pub(super) packet: &'a [u8],
    /// Where its number begins, which is protected, as all that follows.
    pub(super) number_at: usize,
    /// What follows it in the datagram.
    pub(super) rest: &'a [u8],
}

impl Long<'_> {
    /// Whether it is an Initial packet.
    pub(super) fn is_initial(&self) -> bool {
        self.kind == self.version.initial()
    }
}

/// Reads the header of the first packet in a datagram; `None` unless it is whole, has a long header, a
/// length, and a version that is known here.
pub(super) fn long(datagram: &[u8]) -> Option<Long<'_>> {
    let mut reader = Reader { bytes: datagram, at: 0 };
    let first = reader.take(1)?.first().copied()?;
    // Header form and fixed bit; version 1 and 2 have both set.
    if first & 0xc0 != 0xc0 {
        return None;
    }
    let version = Version::of(u32::from_be_bytes(reader.take(4)?.try_into().ok()?))?;
    let destination = reader.connection_id()?;
    reader.connection_id()?;
    let kind = first >> 4 & 0b11;
    if kind == version.retry() {
        return None;
    }
    if kind == version.initial() {
        let token = reader.number()?;
        reader.take(token)?;
    }
    let length = reader.number()?;
    let number_at = reader.at;
    reader.take(length)?;
    let (packet, rest) = datagram.split_at_checked(reader.at)?;
    Some(Long { version, kind, destination, packet, number_at, rest })
}

/// Reads bytes one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    /// All of them.
    pub(super) bytes: &'a [u8],
    /// How many are read.
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    /// The next bytes, so many.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    /// A number of variable length (RFC 9000 §16), where it is not too large for this computer.
    pub(super) fn number(&mut self) -> Option<usize> {
        let first = *self.bytes.get(self.at)?;
        let bytes = self.take(1 << (first >> 6))?;
        let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        // The two highest bits said how long it is.
        let number = number & (u64::MAX >> (64 - 8 * bytes.len() + 2));
        usize::try_from(number).ok()
    }

    /// Skips bytes that are zero.
    pub(super) fn skip_zeros(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| **byte == 0).count();
    }

    fn connection_id(&mut self) -> Option<&'a [u8]> {
        let length = self.take(1)?.first().copied()?;
        // RFC 9000 §17.2: at most 20 bytes in these versions.
        if length > 20 {
            return None;
        }
        self.take(length.into())
    }
}

//! The packed location data: how the bytes are laid out, and how they are looked up in place.
//! Knows nothing of which data is embedded, of roles or of the user's own databases.
//!
//! A pack is one immutable byte string that is read where it lies (in the program's read-only data).
//! Opening checks the header and the bounds of every section in a few hundred nanoseconds; a look-up
//! reads a handful of bytes, allocates nothing and answers "nothing" rather than failing on bytes that
//! make no sense. All numbers are little-endian.
//!
//! ```text
//! header, 64 bytes
//!   0  magic "TAPMAPG" and the kind: 'P' places, 'A' autonomous systems, 'C' cloud regions
//!   8  u32  format version, 1
//!  12  u32  length of the whole pack in bytes
//!  16  u32  date of the newest source, decimal yyyymmdd
//!  20  u32  number of sections
//!  24  u32  answers for IPv4 (entries of the range tables, for reports)
//!  28  u32  answers for IPv6
//!  32  SHA-256 of everything after the header
//! section table: per section u32 offset from the pack's start, u32 length
//! sections, in this order
//!   text     UTF-8 lines "key: value": source (each one), licence, credit
//!   ranges   (places, autonomous systems)
//!     65,537 x u32   for each upper half of an IPv4 address its first entry; the last is the count
//!     n x u8         the third octet at which an entry begins: an entry holds until the next
//!     n x u24        the value of each entry; 0 = nothing
//!     m x u32, m x u16   upper and lower part of the first 48 bits at which an IPv6 entry begins
//!     m x u24        their values
//!   records  see [`place`], [`asn`] and [`crate::cloud`]
//!   names    UTF-8, back to back
//! ```
//!
//! The grain is therefore /24 and /48. In a place value the two upper bits are the precision
//! ([`place`]) and the rest is 1 + the record's number. The digest is not checked at start (21 MB would
//! take longer than everything else the program does then): the build checks it.

mod asn;
mod header;
mod place;
mod ranges;
#[cfg(test)]
mod tests;
pub mod write;

pub use asn::{AsnAnswer, AsnPack};
pub(crate) use header::Pack;
pub use header::{PackError, PackInfo, PackKind};
pub use place::{ACCURACY_KM, PlaceAnswer, PlacePack};
pub(crate) use ranges::Ranges;

/// The number at `offset`, or nothing beyond the end.
pub(crate) fn read_u32(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// The number at `offset`, or nothing beyond the end.
pub(crate) fn read_u16(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes.get(offset..)?.first_chunk().copied().map(u16::from_le_bytes)
}

/// The text from `start` to `end`, or nothing when it is none.
pub(crate) fn read_text(bytes: &[u8], start: usize, end: usize) -> Option<&str> {
    std::str::from_utf8(bytes.get(start..end)?).ok()
}

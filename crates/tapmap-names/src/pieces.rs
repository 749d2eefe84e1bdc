//! Puts a stream together from pieces that come in any order, more than once or never. Keeps no more
//! than the beginning that a name may be in.

use std::collections::BTreeMap;

/// How much of a stream is kept, in bytes. A `ClientHello` with post-quantum keys takes some 1,800.
pub(crate) const LONGEST: usize = 16 * 1024;
/// How many pieces may wait for what comes before them.
const MOST: usize = 64;

/// The beginning of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pieces {
    whole: Vec<u8>,
    waiting: BTreeMap<usize, Vec<u8>>,
}

impl Pieces {
    /// Puts a piece where it belongs. What lies beyond the limits is left out.
    pub(crate) fn put(&mut self, offset: usize, bytes: &[u8]) {
        let Some(room) = LONGEST.checked_sub(offset) else { return };
        let bytes = bytes.get(..room).unwrap_or(bytes);
        if offset <= self.whole.len() {
            self.append(offset, bytes);
            self.join();
        } else if self.waiting.len() < MOST {
            let known = self.waiting.get(&offset).map_or(0, Vec::len);
            if bytes.len() > known {
                self.waiting.insert(offset, bytes.to_vec());
            }
        }
    }

    /// The stream from its beginning, as far as it has no hole.
    pub(crate) fn whole(&self) -> &[u8] {
        &self.whole
    }

    /// Whether it can hold no more.
    pub(crate) fn is_full(&self) -> bool {
        self.whole.len() >= LONGEST
    }

    fn join(&mut self) {
        while let Some(entry) = self.waiting.first_entry()
            && *entry.key() <= self.whole.len()
        {
            let (offset, bytes) = entry.remove_entry();
            self.append(offset, &bytes);
        }
    }

    /// What is new in a piece that begins where the whole ends, or before.
    fn append(&mut self, offset: usize, bytes: &[u8]) {
        let known = self.whole.len() - offset;
        self.whole.extend_from_slice(bytes.get(known..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_lies_beyond_the_limit_is_left_out() {
        let mut pieces = Pieces::default();
        pieces.put(usize::MAX, b"far");
        pieces.put(LONGEST - 1, b"ab");
        pieces.put(0, &vec![7; LONGEST * 2]);
        assert_eq!(pieces.whole().len(), LONGEST);
        assert!(pieces.is_full());
    }

    #[test]
    fn only_so_many_pieces_wait() {
        let mut pieces = Pieces::default();
        (1..1000).for_each(|index| pieces.put(index * 2, b"x"));
        assert_eq!(pieces.waiting.len(), MOST);
        assert_eq!(pieces.whole(), b"");
    }

    proptest! {
        #[test]
        fn any_order_gives_the_stream(
            stream in prop::collection::vec(any::<u8>(), 1..300),
            cuts in prop::collection::vec((0_usize..300, 1_usize..60), 0..40),
        ) {
            let mut pieces = Pieces::default();
            for (offset, length) in &cuts {
                let end = (offset + length).min(stream.len());
                pieces.put(*offset, stream.get(*offset..end).unwrap_or_default());
            }
            prop_assert!(stream.starts_with(pieces.whole()));
            for (index, chunk) in stream.chunks(10).enumerate().rev() {
                pieces.put(index * 10, chunk);
            }
            prop_assert_eq!(pieces.whole(), &stream[..]);
        }
    }
}

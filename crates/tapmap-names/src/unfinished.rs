//! Connections whose beginning came only in part, a bounded number of them. The one that has waited
//! longest makes room for a new one; time plays no part.

use std::collections::VecDeque;

use tapmap_core::Endpoint;

/// How many are kept: at most 1 MiB of each kind. They are done with their next packet, mostly within a
/// millisecond.
const MOST: usize = 64;

/// Who talks to whom.
pub(crate) type Ends = (Endpoint, Endpoint);

/// What is kept of each connection.
#[derive(Debug)]
pub(crate) struct Unfinished<Part> {
    parts: VecDeque<(Ends, Part)>,
}

impl<Part> Default for Unfinished<Part> {
    fn default() -> Self {
        Self { parts: VecDeque::new() }
    }
}

impl<Part> Unfinished<Part> {
    /// Takes out what is kept of a connection.
    pub(crate) fn take(&mut self, ends: Ends) -> Option<Part> {
        let index = self.parts.iter().position(|(kept, _)| *kept == ends)?;
        self.parts.remove(index).map(|(_, part)| part)
    }

    /// Keeps what is known of a connection.
    pub(crate) fn keep(&mut self, ends: Ends, part: Part) {
        if self.parts.len() >= MOST {
            self.parts.pop_front();
        }
        self.parts.push_back((ends, part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn the_one_that_waited_longest_makes_room() {
        let end = |port| Endpoint::new(Ipv4Addr::LOCALHOST.into(), port);
        let mut unfinished = Unfinished::default();
        (0..100).for_each(|port| unfinished.keep((end(port), end(443)), port));
        assert_eq!(unfinished.parts.len(), MOST);
        assert_eq!(unfinished.take((end(0), end(443))), None);
        assert_eq!(unfinished.take((end(99), end(443))), Some(99));
        assert_eq!(unfinished.take((end(99), end(443))), None);
    }
}

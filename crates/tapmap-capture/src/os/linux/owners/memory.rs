//! What is remembered of each socket, found by cookie. The kernel lists its sockets in nearly the same
//! order each time, so each entry knows which one followed it: in the common case a list walks through
//! memory from front to back, and the hash table is asked only about sockets that are new or moved.

use tapmap_core::Attribution;

use crate::Map;

/// No entry.
const NONE: u32 = u32::MAX;

/// Of so many sockets an owner is learned between two lists; of more, the next list asks.
const LEARNED_LIMIT: u32 = 65_536;

/// What is remembered of one socket.
#[derive(Debug)]
pub(super) struct Known {
    cookie: u64,
    /// The list that it was last in; 0 for none.
    pub(super) seen: u32,
    /// Its inode number when last seen; 0 for none.
    pub(super) inode: u32,
    /// From which list on to search for its owner again.
    pub(super) again: u32,
    /// Searches that did not find its owner.
    pub(super) tries: u8,
    /// The entry that followed in the last list.
    next: u32,
    /// Who owns it.
    pub(super) answer: Attribution,
}

/// All remembered sockets.
#[derive(Debug)]
pub(super) struct Memory {
    entries: Vec<Known>,
    /// Cookie to entry, for all entries.
    index: Map<u64, u32>,
    /// The entry that came first in the last list.
    first: u32,
    /// The entry that the last look-up gave.
    last: u32,
    /// How many were learned since the last list.
    learned: u32,
}

impl Memory {
    /// Remembers nothing.
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), index: Map::default(), first: NONE, last: NONE, learned: 0 }
    }

    /// Begins a new list.
    pub(super) fn begin(&mut self) {
        self.last = NONE;
        self.learned = 0;
    }

    /// The next socket of the list; `new` is what to remember of one that was never seen.
    pub(super) fn next(&mut self, cookie: u64, new: impl FnOnce() -> Attribution) -> &mut Known {
        let guess = self.entries.get(self.last as usize).map_or(self.first, |last| last.next);
        let guessed = self.entries.get(guess as usize).is_some_and(|known| known.cookie == cookie);
        let place = if guessed { guess } else { self.find_or_insert(cookie, new) };
        if !guessed {
            match self.entries.get_mut(self.last as usize) {
                Some(last) => last.next = place,
                None => self.first = place,
            }
        }
        self.last = place;
        &mut self.entries[place as usize]
    }

    /// Takes note of the owner of a socket that may be in no list yet.
    pub(super) fn learn(&mut self, cookie: u64, answer: Attribution) {
        if self.learned < LEARNED_LIMIT || self.index.contains_key(&cookie) {
            self.learned += 1;
            let place = self.find_or_insert(cookie, || answer.clone());
            let known = &mut self.entries[place as usize];
            known.answer = answer;
            known.again = u32::MAX;
        }
    }

    fn find_or_insert(&mut self, cookie: u64, new: impl FnOnce() -> Attribution) -> u32 {
        let end = u32::try_from(self.entries.len()).unwrap_or(NONE);
        let place = *self.index.entry(cookie).or_insert(end);
        if place == end {
            let answer = new();
            self.entries.push(Known { cookie, seen: 0, inode: 0, again: 0, tries: 0, next: NONE, answer });
        }
        place
    }

    /// A socket by its cookie.
    pub(super) fn get(&self, cookie: u64) -> Option<&Known> {
        self.entries.get(*self.index.get(&cookie)? as usize)
    }

    /// A socket by its cookie.
    pub(super) fn get_mut(&mut self, cookie: u64) -> Option<&mut Known> {
        self.entries.get_mut(*self.index.get(&cookie)? as usize)
    }

    /// All of them.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Known> {
        self.entries.iter()
    }

    /// All of them.
    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Known> {
        self.entries.iter_mut()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Forgets those that were not in this list. The others stay in their order.
    pub(super) fn forget_unseen(&mut self, list: u32) {
        self.entries.retain(|known| known.seen == list);
        self.index.clear();
        for (place, known) in (0..).zip(&mut self.entries) {
            self.index.insert(known.cookie, place);
            // The places have moved; as a guess, those that stand side by side follow each other.
            known.next = place + 1;
        }
        (self.first, self.last) = (0, NONE);
    }
}

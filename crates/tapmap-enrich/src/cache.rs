//! Keeps answers, so that what is met again costs one look into a hash table. Bounded, whatever the
//! network sends; knows nothing of where answers come from.

use std::{mem, sync::Arc};

use hashbrown::HashMap;
use tapmap_core::RemoteInfo;

type Answers = HashMap<u128, Arc<RemoteInfo>, foldhash::fast::RandomState>;

/// Answers in two generations: when the young one is full it becomes the old one, and what was old and
/// not asked for since is forgotten. So at least the last `generation` keys used are remembered and at most
/// twice as many.
#[derive(Debug)]
pub(crate) struct Cache {
    generation: usize,
    young: Answers,
    old: Answers,
}

impl Cache {
    /// An empty cache that holds `generation` answers in each of its two generations.
    pub(crate) fn new(generation: usize) -> Self {
        Self { generation, young: Answers::default(), old: Answers::default() }
    }

    /// The answer that is kept under a key.
    pub(crate) fn get(&mut self, key: u128) -> Option<Arc<RemoteInfo>> {
        if let Some(answer) = self.young.get(&key) {
            return Some(Arc::clone(answer));
        }
        let answer = self.old.get(&key).map(Arc::clone)?;
        self.insert(key, Arc::clone(&answer));
        Some(answer)
    }

    /// Keeps an answer.
    pub(crate) fn insert(&mut self, key: u128, answer: Arc<RemoteInfo>) {
        if self.young.len() >= self.generation {
            // The room of the forgotten ones is used again: no growing, step by step, each time.
            mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(key, answer);
    }

    /// Forgets everything: the data behind the answers changed.
    pub(crate) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use tapmap_core::AddressScope;

    use super::*;

    fn answer() -> Arc<RemoteInfo> {
        Arc::new(RemoteInfo::bare(AddressScope::Public))
    }

    #[test]
    fn what_is_kept_is_shared_until_everything_is_forgotten() {
        let mut cache = Cache::new(10);
        let kept = answer();
        cache.insert(1, Arc::clone(&kept));
        assert!(cache.get(1).is_some_and(|found| Arc::ptr_eq(&found, &kept)));
        assert_eq!(cache.get(2), None);
        cache.clear();
        assert_eq!(cache.get(1), None);
    }

    #[test]
    fn it_stays_bounded_and_keeps_what_is_asked_for() {
        let mut cache = Cache::new(100);
        cache.insert(0, answer());
        for key in 1..1_000 {
            cache.insert(key, answer());
            assert!(cache.get(key.saturating_sub(45)).is_some(), "it is among the last hundred used");
            assert!(cache.young.len() + cache.old.len() <= 200);
            if key % 50 == 0 {
                assert!(cache.get(0).is_some(), "it is asked for all the time");
            }
        }
        assert_eq!(cache.get(500), None, "it was not asked for");
    }
}

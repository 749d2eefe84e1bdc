//! A list of distinct values whose indices never change: entries are only added.

use std::{collections::HashMap, hash::Hash, sync::Arc};

/// Values found again by key. A key whose value changed gets a new entry; the old one stays.
#[derive(Debug)]
pub(super) struct Dictionary<Key, Value> {
    entries: Vec<Arc<Value>>,
    latest: HashMap<Key, u32>,
    told: usize,
}

impl<Key, Value> Default for Dictionary<Key, Value> {
    fn default() -> Self {
        Self { entries: Vec::new(), latest: HashMap::new(), told: 0 }
    }
}

impl<Key: Eq + Hash, Value: PartialEq> Dictionary<Key, Value> {
    /// The index of a value, added when it is not there yet.
    pub(super) fn index_of(&mut self, key: Key, value: Value) -> u32 {
        if let Some(&index) = self.latest.get(&key)
            && self.entries.get(index as usize).is_some_and(|known| **known == value)
        {
            return index;
        }
        let index = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push(Arc::new(value));
        self.latest.insert(key, index);
        index
    }

    /// All entries, by index.
    pub(super) fn entries(&self) -> &[Arc<Value>] {
        &self.entries
    }

    /// Whether entries were added since they were last told.
    pub(super) fn has_untold(&self) -> bool {
        self.told < self.entries.len()
    }

    /// The entries added since this was last asked, with their indices.
    pub(super) fn take_untold(&mut self) -> Vec<(u32, Arc<Value>)> {
        let untold = (0..).zip(&self.entries).skip(self.told);
        let untold = untold.map(|(index, value)| (index, Arc::clone(value))).collect();
        self.told = self.entries.len();
        untold
    }
}

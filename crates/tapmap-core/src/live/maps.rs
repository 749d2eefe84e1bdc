//! Maps whose keys the kernel chose, or that one computer has few of. Each event goes through a dozen of
//! them, and the standard library's hashing, made for keys that an enemy chooses, took an eighth of its
//! cost.

use foldhash::fast::RandomState;

/// A map from what identifies something to what is known of it.
pub(super) type HashMap<Key, Value> = std::collections::HashMap<Key, Value, RandomState>;
/// A set of what identifies something.
pub(super) type HashSet<Key> = std::collections::HashSet<Key, RandomState>;

//! The only crate that speaks to the operating system about sockets and processes.
//!
//! It reads what there is and says who owns it; what it means (direction, place, name of a service)
//! is decided by others. [`sockets`] gives the live source of this system; [`parse`] holds the
//! bounds-checked readers of the kernel's bytes, which build and are tested on every system.

#![forbid(unsafe_code)]

pub mod confinement;
pub mod frames;
pub mod os;
pub mod parse;
pub mod recording;
pub mod replay;
pub mod scenario;

#[cfg(test)]
mod made_up;

pub use os::{confine, interface_addresses, sockets};

/// A hash map with a fast hasher that is seeded at random.
pub(crate) type Map<Key, Value> = hashbrown::HashMap<Key, Value, foldhash::fast::RandomState>;

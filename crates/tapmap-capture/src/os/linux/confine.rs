//! Gives rights up, for good: capabilities, files, system calls. Each applies to the calling thread and
//! to threads and processes it starts later, so it is done before there are others. What the system
//! lacks is said and passed over: confinement is no condition for working.

mod calls;
mod files;
mod rights;

#[cfg(test)]
mod tests;

pub use calls::restrict_calls;
pub use files::restrict_files;
pub use rights::{drop_rights, has_rights, needed_for};

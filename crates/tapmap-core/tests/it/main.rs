//! Facts about the crate as others use it.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

mod merging;

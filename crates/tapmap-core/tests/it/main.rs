//! Facts about the crate as others use it.

mod merging;

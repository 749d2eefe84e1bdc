//! Says of an address where it is, whose network it is and what it is for, from local data only.

pub mod cloud;
pub mod pack;

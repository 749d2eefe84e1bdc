//! The dictionaries: what many flows have in common stands once. Here are both ways, from a value to
//! its number and back.

mod intern;
mod look_up;

pub(crate) use intern::{Dictionary, number_of_word};
pub(crate) use look_up::{Lookup, coded};

//! Tests of the crate from outside, over the files in `fixtures/`.

mod demo;
mod scenarios;

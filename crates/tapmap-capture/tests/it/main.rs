//! Tests of the crate from outside, over the files in `fixtures/`.

#[cfg(test)]
mod demo;
#[cfg(test)]
mod scenarios;

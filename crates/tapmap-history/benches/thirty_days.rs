//! What a month of history costs.

fn main() {}

//! What is said of invented days, in memory.

//! The built program from outside: what it prints, how it ends, and what it leaves behind. It plays
//! recordings, so no privilege and no network is needed.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends by panicking")]

mod config;
mod doctor;
mod help;
mod history;
mod lists;
mod processes;
mod program;
mod remembered;
mod running;
mod service;

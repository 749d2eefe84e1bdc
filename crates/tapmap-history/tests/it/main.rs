//! What any history must do, and what the one in SQLite does when things go wrong.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod broken;
mod contract;
mod days;
mod filters;
mod forms;
mod kills;
mod memory;
mod retention;
mod support;

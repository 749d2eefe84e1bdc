//! The web part from outside: requests in, answers out, each held against the contract.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod contract;
mod coverage;
mod guard;
mod history;
mod page;
#[path = "../../build/plan.rs"]
mod plan;
mod plan_tests;
mod remembered;
mod routes;
mod server;
mod stream;
mod support;
mod words;

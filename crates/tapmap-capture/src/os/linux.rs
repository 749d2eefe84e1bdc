//! Sockets and their owners on Linux, from what any user may ask: `sock_diag` and `/proc`.

pub mod app;
mod beside;
mod births;
mod bpf;
pub mod confine;
mod coverage;
mod destroyed;
mod ends;
mod gate;
mod hosts;
pub mod interfaces;
mod namespaces;
mod owners;
mod packets;
mod proc_fs;
mod resolved;
mod sock_diag;
mod source;
mod waiting;
mod whereabouts;

pub use source::SockDiagSource;

#[cfg(test)]
mod tests;

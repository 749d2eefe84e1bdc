//! What a list of sockets and a search for an owner cost, in CPU time, beside the kernel's bare dump in
//! the same run. Everything is on loopback and ends with the program.
//!
//! `cargo bench -p tapmap-capture`; the program starts copies of itself as the processes that are
//! watched.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and ends when it cannot measure"
)]

#[cfg(target_os = "linux")]
mod linux;

fn main() {
    #[cfg(target_os = "linux")]
    linux::main();
    #[cfg(not(target_os = "linux"))]
    println!("listing: measured on Linux only");
}

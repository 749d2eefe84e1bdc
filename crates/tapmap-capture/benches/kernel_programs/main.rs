//! What the programs in the kernel cost the processes that connect and send, and the recorder that reads,
//! beside the same without programs in the same run. Everything is on loopback and ends with the program.
//!
//! `cargo bench -p tapmap-capture --bench kernel_programs`, as root.

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
    println!("kernel_programs: measured on Linux only");
}

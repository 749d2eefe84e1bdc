//! Chooses the source of the system that the program is built for. Which sockets and processes there
//! are is asked in the folder of each system; nothing here asks.

use std::net::IpAddr;

use tapmap_core::SnapshotSource;

#[cfg(target_os = "linux")]
pub mod linux;
pub mod unsupported;

#[cfg(target_os = "linux")]
pub use linux::confine;
#[cfg(not(target_os = "linux"))]
pub use unsupported::confine;

/// The live source of this system. On a system without one it says so in its coverage and fails
/// with [`tapmap_core::SourceErrorKind::Unsupported`] when asked.
pub fn sockets() -> Box<dyn SnapshotSource> {
    #[cfg(target_os = "linux")]
    let source = linux::SockDiagSource::with_kernel_programs();
    #[cfg(not(target_os = "linux"))]
    let source = unsupported::NoSource;
    Box::new(source)
}

/// The addresses of this computer's interfaces; none on a system where they are not read yet.
pub fn interface_addresses() -> Vec<IpAddr> {
    #[cfg(target_os = "linux")]
    let addresses = linux::interfaces::addresses();
    #[cfg(not(target_os = "linux"))]
    let addresses = Vec::new();
    addresses
}

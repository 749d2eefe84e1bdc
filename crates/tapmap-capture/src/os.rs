//! Chooses the source of the system that the program is built for. Which sockets and processes there
//! are is asked in the folder of each system; nothing here asks.

use tapmap_core::SnapshotSource;

#[cfg(target_os = "linux")]
pub mod linux;
pub mod unsupported;

/// The live source of this system. On a system without one it says so in its coverage and fails
/// with [`tapmap_core::SourceErrorKind::Unsupported`] when asked.
pub fn sockets() -> Box<dyn SnapshotSource> {
    #[cfg(target_os = "linux")]
    let source = linux::SockDiagSource::new();
    #[cfg(not(target_os = "linux"))]
    let source = unsupported::NoSource;
    Box::new(source)
}

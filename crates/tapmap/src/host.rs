//! What the program has to know of this computer beside its sockets.

use std::{fs, net::IpAddr, sync::Arc};
use tapmap_core::{AddressScope, Enricher, Protocol, RemoteInfo, Service};

/// This computer's name; `"this computer"` where it is not told.
pub(crate) fn name() -> String {
    first_line("/proc/sys/kernel/hostname").unwrap_or_else(|| "this computer".to_owned())
}

/// Names the boot of the machine, within which socket ids mean something; empty where that is not
/// told.
pub(crate) fn boot() -> String {
    first_line("/proc/sys/kernel/random/boot_id").unwrap_or_default()
}

fn first_line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// Knows nothing but scopes; for what is recorded as it is seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NothingKnown;

impl Enricher for NothingKnown {
    fn remote(&self, address: IpAddr) -> Arc<RemoteInfo> {
        Arc::new(RemoteInfo::bare(AddressScope::of(address)))
    }

    fn service(&self, _: Protocol, _: u16) -> Service {
        Service::default()
    }
}

//! What the program has to know of this computer beside its sockets.

use std::fs;

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

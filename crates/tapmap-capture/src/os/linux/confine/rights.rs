//! Capabilities: the pieces into which Linux divides the rights of root.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path, time::Duration};

use rustix::{
    io,
    process::geteuid,
    thread::{
        CapabilitySet, CapabilitySets, capabilities, capability_is_in_bounding_set,
        clear_ambient_capability_set, no_new_privs, remove_capability_from_bounding_set, set_capabilities,
        set_no_new_privs,
    },
};
use tapmap_core::{Layer, LayerName};

use crate::confinement::{Kept, protection};

/// Gives up all rights of the calling thread but those that are kept, and the possibility to gain any.
/// Threads that run already keep theirs: the answer says so.
pub fn drop_rights(kept: Kept) -> Layer {
    match drop_all_but(set(kept)) {
        Err(error) => {
            let reason = format!("The rights that TapMap was started with could not be given up: {error}.");
            protection(LayerName::DroppedRights, false, reason)
        }
        Ok(Outcome { had, kept: still, alone }) => {
            let (active, reason) = told(had, still, alone, kept);
            protection(LayerName::DroppedRights, active, reason)
        }
    }
}

/// Whether the calling thread has any special rights.
pub fn has_rights() -> bool {
    capabilities(None).is_ok_and(|sets| !sets.permitted.is_empty())
}

/// How often a thread that is ending is looked for, and how long is waited each time.
const PATIENCE: (u32, Duration) = (50, Duration::from_millis(2));

/// What has to be kept so that a folder can be written into: nothing, unless it belongs to another user.
pub fn needed_for(folder: &Path) -> Kept {
    let owner = fs::metadata(folder).map(|folder| folder.uid());
    match owner {
        Ok(owner) if owner != geteuid().as_raw() => Kept::OtherFolder,
        _ => Kept::Nothing,
    }
}

struct Outcome {
    had: CapabilitySet,
    kept: CapabilitySet,
    /// No other thread has more rights.
    alone: bool,
}

fn set(kept: Kept) -> CapabilitySet {
    match kept {
        Kept::Nothing => CapabilitySet::empty(),
        Kept::OtherProcesses => CapabilitySet::SYS_PTRACE | CapabilitySet::DAC_READ_SEARCH,
        Kept::OtherFolder => CapabilitySet::DAC_OVERRIDE,
    }
}

fn drop_all_but(kept: CapabilitySet) -> io::Result<Outcome> {
    let had = capabilities(None)?.permitted;
    let kept = had & kept;
    for number in 0..u64::BITS {
        let one = CapabilitySet::from_bits_retain(1 << number);
        // Beyond the last capability the kernel answers with an error.
        if !kept.contains(one) && capability_is_in_bounding_set(one).unwrap_or(false) {
            // Takes the right to do so, without which there is nothing to lose here.
            remove_capability_from_bounding_set(one).unwrap_or_default();
        }
    }
    // The same as removing them from the inheritable set, below, where the kernel is too old for it.
    clear_ambient_capability_set().unwrap_or_default();
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    set_capabilities(None, sets)?;
    set_no_new_privs(true)?;
    let now = capabilities(None)?;
    if now.permitted != kept || !no_new_privs()? {
        return Err(io::Errno::PERM);
    }
    Ok(Outcome { had, kept, alone: is_alone(kept) })
}

/// Whether no other thread has more rights. One that is ending is waited for, a moment long.
fn is_alone(kept: CapabilitySet) -> bool {
    let (times, pause) = PATIENCE;
    for _ in 0..times {
        if no_thread_has_more(kept) {
            return true;
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a thread that has ended tells nobody when it is gone"
        )]
        std::thread::sleep(pause);
    }
    false
}

/// Whether every thread of this process has these rights at most.
fn no_thread_has_more(kept: CapabilitySet) -> bool {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let status = threads.filter_map(|thread| fs::read_to_string(thread.path().join("status")).ok());
    status.filter_map(|status| permitted(&status)).all(|permitted| kept.contains(permitted))
}

/// The permitted capabilities in a `/proc/<pid>/status`.
fn permitted(status: &str) -> Option<CapabilitySet> {
    let digits = status.lines().find_map(|line| line.strip_prefix("CapPrm:"))?.trim();
    u64::from_str_radix(digits, 16).ok().map(CapabilitySet::from_bits_retain)
}

/// Whether all is given up, and the sentence that says so.
fn told(had: CapabilitySet, still: CapabilitySet, alone: bool, kept: Kept) -> (bool, &'static str) {
    if !alone {
        return (false, "A thread that was started early keeps the rights that TapMap was started with.");
    }
    if still.is_empty() {
        return if had.is_empty() {
            (true, "TapMap was started without special rights, and can gain none.")
        } else {
            (true, "All special rights that TapMap was started with are given up, and none can be gained.")
        };
    }
    match kept {
        Kept::OtherFolder => (
            false,
            "One right is kept, since the data folder belongs to another user: to write into it \
             (CAP_DAC_OVERRIDE). All others are given up, and none can be gained.",
        ),
        Kept::Nothing | Kept::OtherProcesses => (
            false,
            "Two rights are kept, to look into the processes of other users, whose files the kernel shows in \
             no other way here (CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH). All others are given up, and none can be \
             gained.",
        ),
    }
}

//! Where the recorder itself runs: in the system, or in a container that shows it only a part.

use std::{fs, os::unix::fs::MetadataExt as _, sync::OnceLock};

/// The inode number of the first pid namespace (`PROC_PID_INIT_INO` in `linux/proc_ns.h`).
const FIRST_PID_NAMESPACE: u64 = 0xefff_fffc;

/// Whether the recorder has process numbers of its own, so that it sees only the processes of its
/// container. Not known is no.
pub(super) fn is_in_container() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        fs::metadata("/proc/self/ns/pid").is_ok_and(|namespace| namespace.ino() != FIRST_PID_NAMESPACE)
    })
}

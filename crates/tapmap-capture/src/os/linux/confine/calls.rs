//! Seccomp: which system calls are refused from now on, with `EPERM` as if there was no right to them.
//! A list of what is refused, not of what is allowed: what a library needs tomorrow goes on working,
//! and what would let an intruder out of here does not.

use std::{collections::BTreeMap, env::consts::ARCH, error::Error};

use libc::c_long;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};
use tapmap_core::{Layer, LayerName};

use crate::confinement::{Part, protection};

/// Starting programs, looking into or at other processes, and changing the system. Neither half of the
/// program has a use for any of it.
const REFUSED: [c_long; 47] = [
    // Other programs and processes.
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_unshare,
    libc::SYS_personality,
    // File systems.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_mknodat,
    libc::SYS_quotactl,
    // Ways around this list, and parts of the kernel known for their mistakes.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_remap_file_pages,
    // The system as a whole.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
];

/// What the recorder may need and the server does not: sockets, since it has the one it listens on, and
/// the kernel's own means of observing.
const REFUSED_TO_SERVER: [c_long; 8] = [
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_setns,
    libc::SYS_fanotify_init,
];

/// The 32-bit calls of x86-64 (x32) are the same with this bit, and some have numbers of their own.
const X32: c_long = 0x4000_0000;
const X32_OWN: std::ops::RangeInclusive<c_long> = 512..=547;

/// Refuses from now on what this part of the program does not need, to the calling thread.
pub fn restrict_calls(part: Part) -> Layer {
    let (active, reason) = match restrict(part) {
        Ok(()) => (true, "TapMap can start no programs and change nothing in the system.".to_owned()),
        Err(error) => (false, format!("This kernel cannot refuse system calls: {error}.")),
    };
    protection(LayerName::Seccomp, active, reason)
}

fn restrict(part: Part) -> Result<(), Box<dyn Error>> {
    let filter: BpfProgram = SeccompFilter::new(
        refused(part).map(|number| (number, Vec::new())).collect::<BTreeMap<_, _>>(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        TargetArch::try_from(ARCH)?,
    )?
    .try_into()?;
    Ok(apply_filter(&filter)?)
}

/// The numbers of the calls that are refused.
fn refused(part: Part) -> impl Iterator<Item = i64> {
    let more: &[c_long] = match part {
        Part::Recorder => &[],
        Part::Server => &REFUSED_TO_SERVER,
    };
    let numbers = REFUSED.iter().chain(more).copied();
    let x32 = (ARCH == "x86_64").then(|| numbers.clone().chain(X32_OWN).map(|number| number | X32));
    numbers.chain(x32.into_iter().flatten())
}

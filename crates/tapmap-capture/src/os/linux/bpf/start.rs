//! Loads the programs into the kernel and attaches them, each by itself: one that is refused leaves the
//! others as they are.

use std::{fs, fs::File, os::unix::fs::MetadataExt as _, path::Path};

use aya::{
    Btf, Ebpf, EbpfLoader,
    maps::{Array, Map, MapData, RingBuf},
    programs::{BtfTracePoint, CgroupAttachMode, Iter, Program, ProgramError},
};
use rustix::thread::{CapabilitySet, capabilities};
use tapmap_core::LayerName;

use super::{
    loaded::{Lists, Loaded, Rings},
    refusal::{Refusal, Refusals},
};

/// The programs as `cargo xtask bpf` compiled them; the kernel's own fields are found by name.
static OBJECT: &[u8] = aya::include_bytes_aligned!("../../../../bpf/tapmap.bpf.o");

/// Room for the events between two ticks, in bytes: at 120 bytes each, those of a fifth of a second at the
/// fastest rate that one core opens and closes connections.
pub(super) const ROOM: u32 = 8 << 20;

/// The inode number of the first pid namespace (`PROC_PID_INIT_INO` in `linux/proc_ns.h`).
const FIRST_PID_NAMESPACE: u64 = 0xefff_fffc;

/// Where the one tree of control groups (version 2) is mounted: alone, or beside those of version 1.
const GROUPS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// Where a program is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A place in the kernel's code that is named for such programs.
    Point(&'static str),
    /// All processes, through the root of their control groups.
    Groups,
    /// A list, made when it is asked for.
    List(&'static str),
}

/// Every program, where it is attached and which layer needs it.
const PROGRAMS: [(&str, Place, LayerName); 12] = [
    ("tcp_state", Place::Point("inet_sock_set_state"), LayerName::TcpEvents),
    ("held_sockets", Place::List("task_file"), LayerName::KernelFiles),
    ("processes", Place::List("task"), LayerName::KernelFiles),
    ("udp_connect_v4", Place::Groups, LayerName::UdpDestinations),
    ("udp_connect_v6", Place::Groups, LayerName::UdpDestinations),
    ("udp_send_v4", Place::Groups, LayerName::UdpDestinations),
    ("udp_send_v6", Place::Groups, LayerName::UdpDestinations),
    ("udp_sent", Place::Point("sock_send_length"), LayerName::UdpBytes),
    ("udp_received", Place::Point("sock_recv_length"), LayerName::UdpBytes),
    ("udp_release", Place::Groups, LayerName::UdpBytes),
    ("dns_answers", Place::Groups, LayerName::DnsAnswers),
    ("server_names", Place::Groups, LayerName::ServerNames),
];

/// What would certainly be refused, so that it need not be tried: without these rights the kernel takes no
/// such program.
pub(super) fn missing_rights() -> Option<Refusal> {
    let rights = capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
    let needed = CapabilitySet::BPF | CapabilitySet::PERFMON;
    let enough = rights.contains(CapabilitySet::SYS_ADMIN) || rights.contains(needed);
    (!enough).then_some(Refusal::NoRights)
}

/// Loads and attaches what the kernel takes. What is attached stays so for as long as the result is kept,
/// whatever rights are given up meanwhile.
///
/// # Errors
/// When nothing at all can be loaded.
pub(super) fn load(room: u32) -> Result<Loaded, Refusal> {
    let btf = Btf::from_sys_fs().map_err(|error| Refusal::of_types(&error))?;
    let pid_namespace = inode("/proc/self/ns/pid").filter(|inode| *inode != FIRST_PID_NAMESPACE);
    let pid_namespace = pid_namespace.and_then(|inode| u32::try_from(inode).ok()).unwrap_or(0);
    let mut programs = EbpfLoader::new()
        .btf(Some(&btf))
        .override_global("pid_namespace", &pid_namespace, true)
        .map_max_entries("events", room)
        .load(OBJECT)
        .map_err(|error| Refusal::of(&error))?;
    let groups = root_of_groups();
    let mut refusals = Refusals::default();
    for (name, place, layer) in PROGRAMS {
        let attached = match programs.program_mut(name) {
            Some(program) => attach(program, place, groups.as_ref(), &btf),
            None => Err(Refusal::Missing),
        };
        refusals.note(layer, attached.err());
    }
    refusals.in_container = pid_namespace != 0;
    let (events, packets) = (ring(&mut programs, "events")?, ring(&mut programs, "packets")?);
    let lost = programs.take_map("lost").ok_or(Refusal::Missing)?;
    let lost = Array::try_from(lost).map_err(|error| Refusal::of(&error))?;
    let network = inode("/proc/thread-self/ns/net").and_then(|inode| u32::try_from(inode).ok());
    let rings = Rings::new(events, packets, lost);
    let lists = Lists::new(programs, refusals.get(LayerName::KernelFiles).cloned());
    Ok(Loaded { rings, lists, network, refusals })
}

fn attach(program: &mut Program, place: Place, groups: Option<&File>, btf: &Btf) -> Result<(), Refusal> {
    let of = |error: ProgramError| Refusal::of(&error);
    let groups = || groups.ok_or(Refusal::NoGroups);
    let mode = CgroupAttachMode::Single;
    match (program, place) {
        (Program::BtfTracePoint(program), Place::Point(point)) => at_point(program, point, btf).map_err(of),
        (Program::Iter(program), Place::List(kind)) => as_list(program, kind, btf).map_err(of),
        (Program::CgroupSockAddr(program), Place::Groups) => {
            program.load().map_err(of)?;
            program.attach(groups()?, mode).map(drop).map_err(of)
        }
        (Program::CgroupSock(program), Place::Groups) => {
            program.load().map_err(of)?;
            program.attach(groups()?, mode).map(drop).map_err(of)
        }
        (Program::CgroupSkb(program), Place::Groups) => {
            let way = program.expected_attach_type().ok_or(Refusal::Missing)?;
            program.load().map_err(of)?;
            program.attach(groups()?, way, mode).map(drop).map_err(of)
        }
        _ => Err(Refusal::Missing),
    }
}

fn at_point(program: &mut BtfTracePoint, point: &str, btf: &Btf) -> Result<(), ProgramError> {
    program.load(point, btf)?;
    program.attach().map(drop)
}

/// A list is attached anew each time that it is read; here only whether it can be.
fn as_list(program: &mut Iter, kind: &str, btf: &Btf) -> Result<(), ProgramError> {
    program.load(kind, btf)?;
    let link = program.attach()?;
    program.detach(link)
}

fn ring(programs: &mut Ebpf, name: &str) -> Result<RingBuf<MapData>, Refusal> {
    let map: Map = programs.take_map(name).ok_or(Refusal::Missing)?;
    RingBuf::try_from(map).map_err(|error| Refusal::of(&error))
}

/// The root of the control groups, opened; it holds every process, also those of containers.
fn root_of_groups() -> Option<File> {
    let is_root = |folder: &&&str| Path::new(folder).join("cgroup.controllers").exists();
    GROUPS.iter().find(is_root).and_then(|folder| File::open(folder).ok())
}

fn inode(path: &str) -> Option<u64> {
    fs::metadata(path).ok().map(|file| file.ino())
}

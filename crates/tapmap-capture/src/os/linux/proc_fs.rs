//! Reads `/proc` without allocating per entry: processes, their descriptors, their short files. What
//! to read, and when, is decided elsewhere.

use std::{
    ffi::CStr,
    fmt::{self, Write as _},
    fs::File,
    io::{self, Read as _},
    mem::MaybeUninit,
    os::unix::ffi::OsStringExt as _,
    path::PathBuf,
};

use rustix::{
    fd::OwnedFd,
    fs::{
        AtFlags, CWD, Mode, OFlags, RawDir, SeekFrom, Stat, openat, readlinkat, readlinkat_raw, seek, stat,
        statat,
    },
    io::Errno,
};

use tapmap_core::{FileIdentity, Timestamp};

use crate::parse::{decimal, process::socket_inode};

/// Room for directory entries.
const ENTRIES: usize = 32 * 1024;
/// Room for a short file: `stat` and `status` are below 2 KiB.
const TEXT: usize = 4096;

/// What a descriptor refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A socket of any kind, by its inode number.
    Socket(u32),
    /// Something else.
    Other,
}

/// The process folder.
#[derive(Debug)]
pub(super) struct ProcFs {
    root: OwnedFd,
    entries: Vec<u8>,
    text: Vec<u8>,
}

impl ProcFs {
    /// Opens `/proc`; fails when it is not there or shows no processes.
    pub(super) fn open() -> io::Result<Self> {
        let root =
            openat(CWD, c"/proc", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        // Where nothing is mounted there, the folder is there all the same.
        statat(&root, c"self", AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(Self { root, entries: Vec::with_capacity(ENTRIES), text: vec![0; TEXT] })
    }

    /// Lists the processes that may be seen into `pids`, in the kernel's order (ascending).
    pub(super) fn processes(&mut self, pids: &mut Vec<u32>) -> io::Result<()> {
        pids.clear();
        seek(&self.root, SeekFrom::Start(0))?;
        let mut directory = RawDir::new(&self.root, self.entries.spare_capacity_mut());
        while let Some(entry) = directory.next() {
            pids.extend(number(entry?.file_name()));
        }
        Ok(())
    }

    /// The user that a process' folder belongs to: its effective user, or root when it may not be
    /// dumped.
    pub(super) fn folder_user(&self, pid: u32) -> Option<u32> {
        let path = ShortPath::new(format_args!("{pid}"));
        Some(statat(&self.root, path.as_c_str(), AtFlags::empty()).ok()?.st_uid)
    }

    /// How many descriptors a process has open (kernel 6.2; 0 before). Needs no right over it.
    pub(super) fn descriptor_count(&self, pid: u32) -> Option<usize> {
        let path = ShortPath::new(format_args!("{pid}/fd"));
        usize::try_from(statat(&self.root, path.as_c_str(), AtFlags::empty()).ok()?.st_size).ok()
    }

    /// What tells the network of a process from those of others: the inode number of a file that each
    /// network has of its own. Needs no right over the process.
    pub(super) fn network(&self, pid: u32) -> Option<u64> {
        let path = ShortPath::new(format_args!("{pid}/net/tcp"));
        Some(statat(&self.root, path.as_c_str(), AtFlags::empty()).ok()?.st_ino)
    }

    /// Opens the network namespace of a process; takes a right over it.
    pub(super) fn network_namespace(&self, pid: u32) -> Result<OwnedFd, Errno> {
        let path = ShortPath::new(format_args!("{pid}/ns/net"));
        openat(&self.root, path.as_c_str(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
    }

    /// Reads a socket table of the network that a process is in, at most so many bytes of it.
    pub(super) fn socket_table(&self, pid: u32, name: &str, at_most: u64) -> io::Result<Vec<u8>> {
        let path = ShortPath::new(format_args!("{pid}/net/{name}"));
        let file = openat(&self.root, path.as_c_str(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
        let mut table = Vec::new();
        File::from(file).take(at_most).read_to_end(&mut table)?;
        Ok(table)
    }

    /// Opens the folder of a process' descriptors.
    pub(super) fn descriptors(&self, pid: u32) -> Result<OwnedFd, Errno> {
        let path = ShortPath::new(format_args!("{pid}/fd"));
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        openat(&self.root, path.as_c_str(), flags, Mode::empty())
    }

    /// Reads every descriptor in such a folder. Stops at the first error of the folder itself; a
    /// descriptor that is closed meanwhile is left out.
    pub(super) fn each_descriptor(
        &mut self,
        folder: &OwnedFd,
        mut each: impl FnMut(u32, Target),
    ) -> Result<(), Errno> {
        let mut directory = RawDir::new(folder, self.entries.spare_capacity_mut());
        while let Some(entry) = directory.next() {
            let entry = entry?;
            let Some(descriptor) = number(entry.file_name()) else { continue };
            match target(folder, entry.file_name()) {
                Ok(target) => each(descriptor, target),
                Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What one descriptor of a process refers to.
    pub(super) fn descriptor(&self, pid: u32, descriptor: u32) -> Result<Target, Errno> {
        let path = ShortPath::new(format_args!("{pid}/fd/{descriptor}"));
        target(&self.root, path.as_c_str())
    }

    /// The beginning of a short file of a process.
    pub(super) fn file(&mut self, pid: u32, name: &str) -> Option<&[u8]> {
        let path = ShortPath::new(format_args!("{pid}/{name}"));
        let file =
            openat(&self.root, path.as_c_str(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
        let length = rustix::io::read(&file, &mut self.text[..]).ok()?;
        self.text.get(..length)
    }

    /// The program file of a process, where it may be read. One that was replaced while it runs is
    /// named as it was.
    pub(super) fn executable(&self, pid: u32) -> Option<String> {
        let path = ShortPath::new(format_args!("{pid}/exe"));
        let target = readlinkat(&self.root, path.as_c_str(), Vec::new()).ok()?;
        let mut target = target.into_bytes();
        if let Some(whole) = target.strip_suffix(b" (deleted)") {
            target.truncate(whole.len());
        }
        Some(PathBuf::from(std::ffi::OsString::from_vec(target)).to_string_lossy().into_owned())
    }

    /// Which file a process runs, also when another one has its path by now; takes the same right as its path.
    pub(super) fn program_file(&self, pid: u32) -> Option<FileIdentity> {
        let path = ShortPath::new(format_args!("{pid}/exe"));
        identity(&statat(&self.root, path.as_c_str(), AtFlags::empty()).ok()?)
    }
}

/// Which file is at a path of this computer.
pub(super) fn file_at(path: &str) -> Option<FileIdentity> {
    identity(&stat(path).ok()?)
}

fn identity(found: &Stat) -> Option<FileIdentity> {
    let millis = found.st_mtime.checked_mul(1000)?.checked_add_unsigned(found.st_mtime_nsec / 1_000_000)?;
    Some(FileIdentity {
        inode: found.st_ino,
        size: u64::try_from(found.st_size).ok()?,
        modified: Timestamp::from_millis(millis),
    })
}

/// What a link in a descriptor folder points at.
pub(super) fn target(folder: &OwnedFd, name: &CStr) -> Result<Target, Errno> {
    let mut room = [MaybeUninit::<u8>::uninit(); 32];
    let (text, _) = readlinkat_raw(folder, name, &mut room)?;
    Ok(socket_inode(text).map_or(Target::Other, Target::Socket))
}

/// A directory entry that is a number.
fn number(name: &CStr) -> Option<u32> {
    u32::try_from(decimal(name.to_bytes())?).ok()
}

/// A short path on the stack: three numbers and a few letters at most.
pub(super) struct ShortPath {
    bytes: [u8; 64],
    length: usize,
}

impl ShortPath {
    /// Writes a path. What would not fit (nothing here does not) is cut.
    pub(super) fn new(path: fmt::Arguments<'_>) -> Self {
        let mut short = Self { bytes: [0; 64], length: 0 };
        // An error would mean a cut path, which then names nothing.
        let _cut = short.write_fmt(path);
        short
    }

    /// The path for the kernel.
    pub(super) fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }
}

impl fmt::Write for ShortPath {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        // The last byte stays zero.
        let room = self.bytes[..63].get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

//! The layer that passes on this computer's own list of names (`hosts(5)`), unread: at first and whenever
//! the file has changed.

use std::{
    fs::{File, Metadata},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use tapmap_core::{Heard, HeardKind, Layer, LayerName, Sighting, Timestamp};

use super::{
    beside::{Beside, Told, active, inactive},
    owners::Owners,
};

const ADDS: &str = "The names that this computer itself gives to addresses.";
/// How often the file is looked at.
const EACH: Duration = Duration::from_secs(5);
/// How much of it is read; lists of unwanted names, which lead nowhere, may be longer.
const LONGEST: u64 = 1024 * 1024;

/// What tells a file from the one that was read: device, inode, size and time of its last change.
type Mark = (u64, u64, u64, i64, i64);

/// Looks at the file.
#[derive(Debug)]
pub(super) struct HostsFile {
    path: PathBuf,
    last_look: Option<Timestamp>,
    /// What was read; nothing before the first look.
    read: Option<Result<Mark, io::ErrorKind>>,
}

impl HostsFile {
    /// The one of this computer.
    pub(super) fn new() -> Self {
        Self::at("/etc/hosts")
    }

    fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), last_look: None, read: None }
    }

    /// The file, when it is not the one that was read before. That there is none any more is an empty one.
    fn news(&mut self) -> Option<Vec<u8>> {
        let (mark, content) = match self.look() {
            Ok((mark, content)) => (Ok(mark), content),
            Err(error) => (Err(error.kind()), Some(Vec::new())),
        };
        let known = self.read.replace(mark) == Some(mark);
        content.filter(|_| !known)
    }

    /// The file's mark, with its content when the mark is new.
    fn look(&self) -> io::Result<(Mark, Option<Vec<u8>>)> {
        let file = File::open(&self.path)?;
        let mark = mark(&file.metadata()?);
        if self.read == Some(Ok(mark)) {
            return Ok((mark, None));
        }
        let mut content = Vec::new();
        file.take(LONGEST).read_to_end(&mut content)?;
        Ok((mark, Some(content)))
    }
}

fn mark(file: &Metadata) -> Mark {
    (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec())
}

impl Beside for HostsFile {
    fn layers(&self) -> Vec<Layer> {
        let layer = match self.read {
            Some(Err(io::ErrorKind::NotFound)) => {
                inactive(LayerName::HostsFile, "This computer has no /etc/hosts.", ADDS, None)
            }
            Some(Err(_)) => inactive(LayerName::HostsFile, "/etc/hosts cannot be read.", ADDS, None),
            Some(Ok(_)) | None => {
                active(LayerName::HostsFile, "/etc/hosts is read, and again when it changes.", ADDS)
            }
        };
        vec![layer]
    }

    fn tell(&mut self, at: Timestamp, _: &mut Owners, told: &mut Told) {
        // A clock that was set back is no reason to wait.
        if self.last_look.is_some_and(|last| at >= last && at.since(last) < EACH) {
            return;
        }
        self.last_look = Some(at);
        if let Some(content) = self.news() {
            let (kind, bytes) = (HeardKind::HostsFile, Arc::from(content));
            told.push(Sighting::Heard(Heard { kind, bytes, process: None }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::linux::births::Births;
    use std::fs;

    fn told(hosts: &mut HostsFile, second: i64) -> Vec<Vec<u8>> {
        let mut told = Told::new(Timestamp::default());
        let mut owners = Owners::new(Births::default());
        hosts.tell(Timestamp::from_millis(second * 1000), &mut owners, &mut told);
        let bytes = told.into_sightings().into_iter().map(|sighting| match sighting {
            Sighting::Heard(Heard { kind: HeardKind::HostsFile, bytes, process: None }) => bytes.to_vec(),
            other => panic!("nothing else is told: {other:?}"),
        });
        bytes.collect()
    }

    #[test]
    fn the_file_is_told_whenever_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        fs::write(&path, "192.0.2.1 a\n").unwrap();
        let mut hosts = HostsFile::at(&path);
        assert_eq!(told(&mut hosts, 0), [b"192.0.2.1 a\n"]);
        fs::write(&path, "192.0.2.1 another\n").unwrap();
        assert!(told(&mut hosts, 4).is_empty(), "it is looked at each five seconds");
        assert_eq!(told(&mut hosts, 5), [b"192.0.2.1 another\n"]);
        assert!(told(&mut hosts, 10).is_empty());
        // Put in its place, with the same size.
        let other = folder.path().join("other");
        fs::write(&other, "192.0.2.2 another\n").unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!(told(&mut hosts, 15), [b"192.0.2.2 another\n"]);
        assert!(hosts.layers()[0].active);
    }

    #[test]
    fn that_there_is_no_file_is_said_and_takes_back_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        fs::write(&path, "192.0.2.1 a\n").unwrap();
        let mut hosts = HostsFile::at(&path);
        assert_eq!(told(&mut hosts, 0).len(), 1);
        fs::remove_file(&path).unwrap();
        assert_eq!(told(&mut hosts, 5), [b""]);
        assert!(told(&mut hosts, 10).is_empty());
        let layers = hosts.layers();
        assert_eq!((layers[0].active, &*layers[0].reason), (false, "This computer has no /etc/hosts."));
    }

    #[test]
    fn only_the_beginning_of_a_long_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        fs::write(&path, vec![b'\n'; 3 * 1024 * 1024]).unwrap();
        assert_eq!(told(&mut HostsFile::at(&path), 0)[0].len(), 1024 * 1024);
    }
}

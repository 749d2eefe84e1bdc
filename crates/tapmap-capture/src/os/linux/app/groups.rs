//! Finds the path of a control group by its id: the inode of its folder (`cgroups(7)`). There is
//! no direct way from one to the other for everybody, so the folders are listed, seldom.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::DirEntryExt as _,
    path::{Path, PathBuf},
};

/// At most so many folders are listed.
const MOST_GROUPS: usize = 20_000;

/// Deeper folders are not looked into.
const DEEPEST: usize = 24;

/// The longest row of misses between two listings.
const LONGEST_WAIT: u32 = 256;

/// The control groups by id, as of the last listing.
///
/// An id that is not known may be of a new group or of one that is gone. A listing that does not
/// find it doubles the number of misses to wait for before the next one; one that does sets it back.
#[derive(Debug)]
pub(super) struct GroupIndex {
    mounts: [PathBuf; 2],
    paths: HashMap<u64, String>,
    wait: u32,
    misses: u32,
    #[cfg(test)]
    pub(super) listings: u32,
}

impl GroupIndex {
    pub(super) fn below(root: &Path) -> Self {
        Self {
            mounts: [root.join("sys/fs/cgroup"), root.join("sys/fs/cgroup/unified")],
            paths: HashMap::new(),
            wait: 0,
            misses: 0,
            #[cfg(test)]
            listings: 0,
        }
    }

    /// The path of a group below the mount, as in `/proc/<pid>/cgroup`.
    pub(super) fn path(&mut self, id: u64) -> Option<&str> {
        if !self.paths.contains_key(&id) {
            self.misses += 1;
            if self.misses > self.wait {
                self.list();
                self.misses = 0;
                self.wait =
                    if self.paths.contains_key(&id) { 0 } else { (self.wait * 2).clamp(1, LONGEST_WAIT) };
            }
        }
        self.paths.get(&id).map(String::as_str)
    }

    fn list(&mut self) {
        self.paths.clear();
        #[cfg(test)]
        {
            self.listings += 1;
        }
        // Only version 2 has this file at its top.
        let Some(mount) = self.mounts.iter().find(|mount| mount.join("cgroup.controllers").exists()) else {
            return;
        };
        let mut left = vec![(mount.clone(), String::new(), 0)];
        while let Some((folder, path, depth)) = left.pop() {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for entry in entries.flatten() {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if !is_folder || self.paths.len() >= MOST_GROUPS {
                    continue;
                }
                let path = format!("{path}/{}", entry.file_name().to_string_lossy());
                if depth < DEEPEST {
                    left.push((entry.path(), path.clone(), depth + 1));
                }
                self.paths.insert(entry.ino(), path);
            }
        }
    }
}

//! The data folder as a drop box for database files: each is read, checked, and kept as a copy of our
//! own, so that whatever becomes of the dropped file, the data that was accepted stays. The dropped
//! files themselves are never written, moved or mapped.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File},
    io::{self, Read, Write},
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use tapmap_core::{Precision, Timestamp};

use super::{Answer, Contents, LARGEST, Refusal, UserDatabase};
use crate::DataSource;

/// The folder inside the data folder that holds the accepted copies.
pub(super) const ACCEPTED: &str = "accepted-databases";

/// The user's database files that are in use, in the order in which they are asked: MaxMind's, DB-IP's,
/// then the others by name.
#[derive(Debug, Default)]
pub(crate) struct UserFiles {
    files: Vec<UserFile>,
}

#[derive(Clone, Debug)]
struct UserFile {
    name: String,
    database: Option<Arc<UserDatabase>>,
    problem: Option<String>,
}

impl UserFiles {
    /// Looks into the folder. `previous` is what was in use so far: a file that is refused now leaves
    /// its earlier data in use; a file that is gone takes them along.
    pub(crate) fn recheck(previous: &Self, folder: &Path, now: Timestamp) -> Self {
        let names = database_names(folder);
        let mut files: Vec<UserFile> =
            names.iter().map(|name| UserFile::load(previous.file(name), folder, name, now)).collect();
        files.sort_by_cached_key(|file| (rank(&file.name), file.name.to_ascii_lowercase()));
        forget_all_but(&folder.join(ACCEPTED), &names);
        Self { files }
    }

    /// What the files know of an address. Place and network may come from different files. The first
    /// file that has an answer gives it, but a mere country yields to a finer place that a later file
    /// has in the same country.
    pub(crate) fn look_up(&self, address: IpAddr) -> Answer<'_> {
        let mut all = Answer::default();
        for database in self.databases() {
            let one = database.look_up(address);
            all.anycast |= one.anycast;
            if all.asn.is_none() {
                (all.asn, all.organisation) = (one.asn, one.organisation);
            }
            let better = match (&all.place, &one.place) {
                (None, Some(_)) => true,
                (Some(old), Some(new)) => {
                    old.precision == Precision::Country
                        && new.precision != Precision::Country
                        && old.country == new.country
                }
                (_, None) => false,
            };
            if better {
                all.place = one.place;
            }
        }
        all
    }

    /// Whether there is nothing to ask.
    pub(crate) fn is_empty(&self) -> bool {
        self.databases().next().is_none()
    }

    /// The files as data sources.
    pub(crate) fn sources(&self) -> impl Iterator<Item = DataSource> {
        self.files.iter().map(UserFile::source)
    }

    fn databases(&self) -> impl Iterator<Item = &UserDatabase> {
        self.files.iter().filter_map(|file| file.database.as_deref())
    }

    fn file(&self, name: &str) -> Option<&UserFile> {
        self.files.iter().find(|file| file.name == name)
    }
}

impl UserFile {
    fn load(previous: Option<&Self>, folder: &Path, name: &str, now: Timestamp) -> Self {
        let copy = folder.join(ACCEPTED).join(name);
        let refusal = match accept(&folder.join(name), &copy, now) {
            Ok((database, problem)) => {
                return Self { name: name.to_owned(), database: Some(Arc::new(database)), problem };
            }
            Err(refusal) => refusal,
        };
        let earlier = previous
            .and_then(|file| file.database.clone())
            .or_else(|| Some(Arc::new(UserDatabase::open(read(&copy).ok()?, now).ok()?)));
        let stays = if earlier.is_some() { " The data accepted before stay in use." } else { "" };
        let problem = format!("{name} was not taken: {refusal}.{stays}");
        Self { name: name.to_owned(), database: earlier, problem: Some(problem) }
    }

    fn source(&self) -> DataSource {
        let contents = self.database.as_ref().map(|database| database.contents()).unwrap_or_default();
        let unreadable = self.database.as_ref().map_or(0, |database| database.unreadable());
        let problem = self.problem.clone().or_else(|| {
            (unreadable > 0).then(|| format!("{unreadable} look-ups met a record that cannot be read."))
        });
        DataSource {
            name: self.name.clone(),
            kind: match contents {
                Contents { places: true, networks: true } => "places and networks",
                Contents { places: true, networks: false } => "places",
                Contents { places: false, networks: true } => "networks",
                Contents { places: false, networks: false } => "unknown",
            },
            source: "user",
            version: self.database.as_ref().map(|database| database.kind()).unwrap_or_default(),
            build_date: self.database.as_ref().and_then(|database| database.build_date()),
            active: self.database.is_some(),
            problem,
        }
    }
}

/// Reads and checks a dropped file and keeps a copy. When it cannot be copied it is used all the same,
/// and the sentence that comes with it says so.
fn accept(path: &Path, copy: &Path, now: Timestamp) -> Result<(UserDatabase, Option<String>), Refusal> {
    let bytes = read(path)?;
    let dropped = fs::metadata(path).and_then(|dropped| dropped.modified()).ok();
    let kept = if is_same(copy, path) { Ok(None) } else { write_beside(copy, &bytes, dropped).map(Some) };
    let database = UserDatabase::open(bytes, now);
    match (database, kept) {
        (Ok(database), Ok(beside)) => {
            let moved = beside.map_or(Ok(()), |beside| fs::rename(beside, copy));
            Ok((database, moved.err().map(|error| not_kept(&error))))
        }
        (Ok(database), Err(error)) => Ok((database, Some(not_kept(&error)))),
        (Err(refusal), kept) => {
            if let Ok(Some(beside)) = kept {
                // What is left behind here is written over the next time.
                fs::remove_file(beside).unwrap_or_default();
            }
            Err(refusal)
        }
    }
}

fn not_kept(error: &io::Error) -> String {
    format!("In use, but no copy could be kept: {error}.")
}

/// The whole file, when it is a plain file of a size that is taken. Never more than that is read, even
/// when it grows meanwhile.
fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    let unreadable = |error: io::Error| Refusal::Unreadable(error.to_string());
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Refusal::Unreadable("not a plain file".into()));
    }
    if metadata.len() > LARGEST {
        return Err(Refusal::TooLarge);
    }
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(usize::try_from(metadata.len()).unwrap_or(usize::MAX))
        .map_err(|_| Refusal::Unreadable("there is not enough memory".into()))?;
    File::open(path).map_err(unreadable)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST) {
        Ok(bytes)
    } else {
        Err(Refusal::TooLarge)
    }
}

/// Whether the copy holds what the dropped file holds now: a copy gets the time of its original.
fn is_same(copy: &Path, dropped: &Path) -> bool {
    let (Ok(copy), Ok(dropped)) = (fs::metadata(copy), fs::metadata(dropped)) else { return false };
    let times = copy.modified().ok().zip(dropped.modified().ok());
    copy.len() == dropped.len() && times.is_some_and(|(copy, dropped)| copy == dropped)
}

/// Writes the bytes under a name beside `path`, all the way to the disk, as last changed at `modified`.
fn write_beside(path: &Path, bytes: &[u8], modified: Option<SystemTime>) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    if let Some(modified) = modified {
        file.set_modified(modified)?;
    }
    file.sync_all()?;
    Ok(beside)
}

/// The names of the folder's files that end in `.mmdb`, of either case.
fn database_names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.to_ascii_lowercase().ends_with(".mmdb") && !name.starts_with('.'))
        .filter(|name| !name.chars().any(char::is_control))
        .collect()
}

/// Deletes copies of files that the user took away: licences ask not to keep old data, and the user
/// wants them gone.
fn forget_all_but(folder: &Path, names: &BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let known = |name: OsString| name.into_string().is_ok_and(|name| names.contains(&name));
        if !known(entry.file_name()) {
            // A copy that cannot be deleted now goes the next time.
            fs::remove_file(entry.path()).unwrap_or_default();
        }
    }
}

fn rank(name: &str) -> u8 {
    let name = name.to_ascii_lowercase();
    if name.starts_with("geolite2") || name.starts_with("geoip2") {
        0
    } else if name.starts_with("dbip") {
        1
    } else {
        2
    }
}

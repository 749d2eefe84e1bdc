//! The file: who may write it, what form it has, and what becomes of one that cannot be used. Such a
//! file is kept aside under a dated name and a fresh one begun; nothing is ever overwritten.

use crate::{error::Context, functions};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};
use tapmap_core::{StoreError, StoreErrorKind, Timestamp};

/// The forms of the file, in order. Released ones are frozen.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_begin.sql"),
    include_str!("../migrations/0002_program_files.sql"),
    include_str!("../migrations/0003_away.sql"),
];
/// Marks the file as ours (`PRAGMA application_id`): the letters `TapM`.
const APPLICATION: i32 = 0x5461_704d;
/// No database is shorter than its header, in bytes.
const HEADER: u64 = 100;
/// How long to wait for a reader or for a checkpoint.
const PATIENCE: Duration = Duration::from_secs(5);
/// How large the log beside the file may stay, in bytes.
const LOG_LIMIT: i64 = 16 << 20;

/// A file that could not be used and was kept aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is now.
    pub path: PathBuf,
    /// Why it could not be used.
    pub why: String,
}

/// What became of opening a file.
#[derive(Debug)]
pub struct Opened<T> {
    /// What was asked for.
    pub store: T,
    /// The file that was there and could not be used.
    pub set_aside: Option<SetAside>,
}

/// Why a file is kept aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quarantine {
    /// It is damaged.
    Damaged,
    /// A newer program made it.
    Newer,
}

impl Quarantine {
    fn word(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Newer => "newer",
        }
    }
}

/// The right to write a history; given back when dropped, however the process ends.
#[derive(Debug)]
pub(crate) struct WriteLock(#[expect(dead_code, reason = "holds the lock as long as it is open")] File);

impl WriteLock {
    /// Takes the right, at once or not at all.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.with_extension("lock"))
            .context("open the lock of the history")?;
        match lock.try_lock() {
            Ok(()) => Ok(Self(lock)),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::new(StoreErrorKind::Busy, "write the history: another TapMap writes it"))
            }
            Err(TryLockError::Error(error)) => Err(error).context("lock the history"),
        }
    }
}

/// Opens a file for writing, making or mending what is missing; one that cannot be used is kept
/// aside. Whoever calls this holds the lock.
pub(crate) fn open_or_begin(path: &Path, now: Timestamp) -> Result<Opened<Connection>, StoreError> {
    let error = match open(path) {
        Ok(store) => return Ok(Opened { store, set_aside: None }),
        Err(error) => error,
    };
    let why = match error.kind {
        StoreErrorKind::Corrupt => Quarantine::Damaged,
        StoreErrorKind::TooNew => Quarantine::Newer,
        StoreErrorKind::Busy | StoreErrorKind::Full | StoreErrorKind::Io => return Err(error),
    };
    let set_aside = SetAside { path: set_aside(path, why, now)?, why: error.in_full() };
    Ok(Opened { store: open(path)?, set_aside: Some(set_aside) })
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    make_private(path).context("begin the history")?;
    let length = fs::metadata(path).context("open the history")?.len();
    if length > 0 && length < HEADER {
        // SQLite takes such a stump for an empty file, and would begin anew in it.
        return Err(StoreError::new(StoreErrorKind::Corrupt, "read the history: the file is cut off"));
    }
    let mut connection = Connection::open(path).context("open the history")?;
    prepare_to_read(&connection).context("open the history")?;
    // One that cannot be used is not touched.
    version(&connection)?;
    prepare(&connection).context("open the history")?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Makes an empty file that this user alone may read (mode 0600 where the system has modes), when
/// there is none; what SQLite puts beside it is as private.
fn make_private(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let empty = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    empty.persist_noclobber(path).map(drop).map_err(|error| error.error)
}

/// Opens a file for reading only.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).context("open the history")?;
    prepare_to_read(&connection).context("open the history")?;
    let version = version(&connection)?;
    if version == 0 {
        return Err(StoreError::new(StoreErrorKind::Corrupt, "read the history: the file is none"));
    }
    Ok(connection)
}

fn prepare_to_read(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    functions::add(connection)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -8192)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    // Takes effect only before the first table is made.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        tracing::warn!(mode, "the history cannot have a log beside it here");
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    let _limit: i64 =
        connection.pragma_update_and_check(None, "journal_size_limit", LOG_LIMIT, |row| row.get(0))?;
    Ok(())
}

/// The form of the file: 0 for a fresh one.
fn version(connection: &Connection) -> Result<usize, StoreError> {
    let read = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let version = read("user_version").context("read the history")?;
    let application = read("application_id").context("read the history")?;
    if version == 0 {
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .context("read the history")?;
        if tables > 0 || application != 0 {
            return Err(StoreError::new(StoreErrorKind::Corrupt, "read the history: the file is another's"));
        }
        return Ok(0);
    }
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if application != i64::from(APPLICATION) || version < 0 {
        return Err(StoreError::new(StoreErrorKind::Corrupt, "read the history: the file is another's"));
    }
    if version > known {
        let context = format!("read the history: its form {version} is newer than this program's {known}");
        return Err(StoreError::new(StoreErrorKind::TooNew, context));
    }
    Ok(usize::try_from(version).unwrap_or(0))
}

/// Brings the file to the newest form, in one step that happens wholly or not at all.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let done = version(connection)?;
    if done == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction().context("bring the history up to date")?;
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration).context("bring the history up to date")?;
    }
    let number = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    transaction.pragma_update(None, "user_version", number).context("bring the history up to date")?;
    transaction.pragma_update(None, "application_id", APPLICATION).context("bring the history up to date")?;
    transaction.commit().context("bring the history up to date")
}

/// Moves a file and its log to a dated name beside it.
pub(crate) fn set_aside(path: &Path, why: Quarantine, now: Timestamp) -> Result<PathBuf, StoreError> {
    let moment = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let date = moment.strftime("%Y-%m-%dT%H%M%S");
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let free = |number: u32| {
        let more = if number == 0 { String::new() } else { format!("-{number}") };
        path.with_file_name(format!("{stem}-{date}-{}{more}.db", why.word()))
    };
    let target = (0..1000).map(free).find(|path| !path.exists()).unwrap_or_else(|| free(1000));
    for suffix in ["-wal", "-shm", ""] {
        let (from, to) = (with_suffix(path, suffix), with_suffix(&target, suffix));
        match fs::rename(&from, &to) {
            Err(error) if !suffix.is_empty() && error.kind() == std::io::ErrorKind::NotFound => {}
            outcome => outcome.context("keep the old history aside")?,
        }
    }
    Ok(target)
}

/// The path of what SQLite keeps beside a file.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

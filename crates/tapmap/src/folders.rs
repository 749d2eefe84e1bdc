//! The data folder: where it is, and how a file in it is written. The folder is shared with the
//! older program of the same name, whose files are never touched; ours are listed here.

use crate::{
    environment,
    exit::{Failure, FailureKind},
};
use etcetera::BaseStrategy;
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Name of the folder inside the user's data folder.
const NAME: &str = "TapMap";
/// Who runs, and where its page is.
pub(crate) const INSTANCE: &str = "instance.json";
/// Held as long as an instance runs.
pub(crate) const LOCK: &str = "instance.lock";
/// The secret that a request needs to change something.
pub(crate) const TOKEN: &str = "token";
/// What is remembered.
pub(crate) const HISTORY: &str = "history.db";
/// What the user marked as known.
pub(crate) const MARKS: &str = "marks.json";
/// What the reader chose for the page.
pub(crate) const PREFERENCES: &str = "preferences.json";
/// The own place picked on the map.
pub(crate) const OWN_PLACE: &str = "own-place.json";

/// The data folder: as told, else as the environment says, else the user's own. It need not exist.
///
/// # Errors
/// When nothing says where the user's folders are.
pub(crate) fn data_folder(told: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(told) = told {
        return Ok(told.to_owned());
    }
    if let Some(named) = environment::read(environment::DATA_DIR) {
        return Ok(PathBuf::from(named));
    }
    let base = etcetera::base_strategy::choose_native_strategy().map_err(|error| {
        Failure::new(FailureKind::Configuration, "the user's data folder is not known")
            .because(error)
            .hint("name a folder with --data-dir")
    })?;
    Ok(base.data_dir().join(NAME))
}

/// Makes the folder when it is missing.
///
/// # Errors
/// When the system refuses.
pub(crate) fn prepare(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        let message = format!("the data folder {} cannot be made", folder.display());
        Failure::from_io(&error, FailureKind::InUse, message).hint("name another with --data-dir")
    })
}

/// Writes a file so that it is there whole or not at all, readable by this user alone (mode 0600
/// where the system has modes).
///
/// # Errors
/// When the system refuses; an older file is untouched then.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

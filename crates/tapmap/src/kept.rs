//! Files that keep what the user chose. A damaged one is kept aside under a dated name; one that a newer
//! version wrote is left alone, and nothing is changed then.

use crate::folders;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{fs, io, path::Path};
use tapmap_core::Timestamp;

/// What a file held.
#[derive(Debug, Default)]
pub(crate) struct Kept<T> {
    /// What it held; the default one when it held nothing that can be used.
    pub(crate) value: T,
    /// What is wrong with the file, in a sentence.
    pub(crate) problem: Option<String>,
    /// Whether the file must stay as it is.
    pub(crate) is_frozen: bool,
}

/// The beginning of a file in every version.
#[derive(Debug, Deserialize)]
struct Head {
    version: u32,
}

impl<T> Kept<T> {
    /// # Errors
    /// With a sentence when the file must stay as it is.
    pub(crate) fn may_change(&self) -> Result<(), String> {
        match (self.is_frozen, &self.problem) {
            (true, Some(problem)) => Err(problem.clone()),
            _ => Ok(()),
        }
    }
}

impl<T> Kept<Option<T>> {
    /// The same in the form that is used.
    pub(crate) fn into_form<U: Default>(self, form: impl FnOnce(T) -> U) -> Kept<U> {
        let Self { value, problem, is_frozen } = self;
        Kept { value: value.map(form).unwrap_or_default(), problem, is_frozen }
    }
}

/// Reads a file of JSON that says its form as `version`. `what` names its content in sentences; `now` dates the
/// name of a damaged file.
pub(crate) fn read<T: DeserializeOwned>(
    path: &Path,
    what: &str,
    known: u32,
    now: Timestamp,
) -> Kept<Option<T>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return nothing(),
        Err(error) => return frozen(format!("The {what} in {} cannot be read: {error}.", path.display())),
    };
    match serde_json::from_slice::<Head>(&text) {
        Ok(Head { version }) if version > known => frozen(format!(
            "A newer TapMap wrote {} (form {version}; this one knows {known}). It is left as it is, and no change \
             of the {what} can be kept until that version runs again or the file is moved away.",
            path.display()
        )),
        _ => match serde_json::from_slice(&text) {
            Ok(stored) => Kept { value: Some(stored), ..nothing() },
            Err(error) => set_aside(path, what, &error, now),
        },
    }
}

/// Writes a file of JSON, whole or not at all.
///
/// # Errors
/// When the system refuses.
pub(crate) fn write(path: &Path, stored: &impl Serialize) -> io::Result<()> {
    folders::write_private(path, &serde_json::to_vec_pretty(stored)?)
}

fn nothing<T>() -> Kept<Option<T>> {
    Kept { value: None, problem: None, is_frozen: false }
}

fn frozen<T>(problem: String) -> Kept<Option<T>> {
    Kept { problem: Some(problem), is_frozen: true, ..nothing() }
}

/// Moves a damaged file to a dated name beside it.
fn set_aside<T>(path: &Path, what: &str, error: &serde_json::Error, now: Timestamp) -> Kept<Option<T>> {
    let moment = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let date = moment.strftime("%Y-%m-%dT%H%M%S");
    let free = |number: u32| {
        let more = if number == 0 { String::new() } else { format!("-{number}") };
        path.with_file_name(format!("{what}-{date}-damaged{more}.json"))
    };
    let Some(target) = (0..1000).map(free).find(|target| !target.exists()) else {
        return frozen(format!("The {what} in {} are damaged ({error}).", path.display()));
    };
    match fs::rename(path, &target) {
        Ok(()) => Kept {
            problem: Some(format!(
                "The file of {what} was damaged ({error}). It is kept as {}, and there are no {what} now.",
                target.display()
            )),
            ..nothing()
        },
        Err(refused) => frozen(format!(
            "The {what} in {} are damaged ({error}), and the file cannot be kept aside: {refused}.",
            path.display()
        )),
    }
}

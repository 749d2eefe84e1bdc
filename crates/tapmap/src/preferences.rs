//! What the reader chose for the page: read once, written whole at every change.

use crate::{
    folders,
    kept::{self, Kept},
};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use tapmap_core::Timestamp;
use tapmap_web::{
    PreferencesRefusal,
    wire::{NewPreferences, Preferences},
};

/// The form of the file that is written and read.
const VERSION: u32 = 1;

/// The choices of a folder.
#[derive(Debug)]
pub(crate) struct PreferenceFile {
    path: PathBuf,
    held: Mutex<Kept<Preferences>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    preferences: Preferences,
}

impl PreferenceFile {
    /// The choices of a folder; `now` dates the name of a damaged file.
    pub(crate) fn open(folder: &Path, now: Timestamp) -> Self {
        let path = folder.join(folders::PREFERENCES);
        let held = kept::read(&path, "preferences", VERSION, now);
        if let Some(problem) = &held.problem {
            tracing::warn!(problem, "preferences");
        }
        Self { path, held: Mutex::new(held.into_form(|stored: Stored| stored.preferences)) }
    }

    /// The choices.
    pub(crate) fn preferences(&self) -> Preferences {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).value.clone()
    }

    /// Makes a change and keeps it.
    ///
    /// # Errors
    /// When the change makes no sense or cannot be kept; nothing has changed then.
    pub(crate) fn change(&self, new: NewPreferences) -> Result<Preferences, PreferencesRefusal> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.may_change().map_err(PreferencesRefusal::NotKept)?;
        let changed = new.over(held.value.clone()).map_err(PreferencesRefusal::NotUnderstood)?;
        let stored = Stored { version: VERSION, preferences: changed.clone() };
        kept::write(&self.path, &stored).map_err(|error| {
            let place = self.path.display();
            PreferencesRefusal::NotKept(format!("The preferences could not be kept in {place}: {error}."))
        })?;
        held.value.clone_from(&changed);
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tapmap_web::wire::{SavedFilter, Theme};

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn saved(name: &str) -> SavedFilter {
        SavedFilter { name: name.to_owned(), filter: "app=firefox".to_owned() }
    }

    #[test]
    fn choices_survive_a_restart_and_stay_when_others_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferenceFile::open(folder.path(), NOW);
        assert_eq!(file.preferences(), Preferences::default());
        file.change(NewPreferences { theme: Some(Theme::Light), ..NewPreferences::default() }).unwrap();
        let filters = Some(vec![saved("work"), saved("home")]);
        file.change(NewPreferences { saved_filters: filters, ..NewPreferences::default() }).unwrap();
        let again = PreferenceFile::open(folder.path(), NOW).preferences();
        assert_eq!(
            (again.theme, again.single_keys, again.saved_filters.len()),
            (Some(Theme::Light), true, 2)
        );
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferenceFile::open(folder.path(), NOW);
        for names in [vec![""], vec!["a", "a"], vec!["x"; 101]] {
            let filters = Some(names.into_iter().map(saved).collect());
            let refused = file.change(NewPreferences { saved_filters: filters, ..NewPreferences::default() });
            assert!(matches!(refused, Err(PreferencesRefusal::NotUnderstood(_))), "{refused:?}");
        }
        assert!(!folder.path().join(folders::PREFERENCES).exists());
    }

    #[test]
    fn a_damaged_file_is_kept_aside_and_a_newer_one_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(folders::PREFERENCES);
        fs::write(&path, "{\"version\":1,\"theme\":\"pink\"}").unwrap();
        let file = PreferenceFile::open(folder.path(), NOW);
        assert_eq!(file.preferences(), Preferences::default());
        file.change(NewPreferences::default()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);

        let newer = "{\"version\":2}";
        fs::write(&path, newer).unwrap();
        let refused = PreferenceFile::open(folder.path(), NOW).change(NewPreferences::default());
        assert!(matches!(refused, Err(PreferencesRefusal::NotKept(_))), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), newer);
    }
}

//! What the page may ask of the program around it: location data, the own place, marks and preferences.

use crate::{
    config::Settings,
    instance::random_hex,
    marks::{self, MarkFile},
    own_place::{OwnPlaces, Surroundings},
    preferences::PreferenceFile,
    service::{continuation::StartedBy, surroundings::user_name},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tapmap_core::{Coordinates, MarkChange, Marks, OwnPlace, ProgramFile, Timestamp};
use tapmap_engine::{Clock, Live, Mode, SystemClock};
use tapmap_enrich::Locator;
use tapmap_web::{
    Control, MarksRefusal, PreferencesRefusal,
    wire::{Continues, DataSource, NewPreferences, Preferences},
};

/// The program as the page knows it.
#[derive(Debug)]
pub(crate) struct Program {
    live: Live,
    locator: Arc<Locator>,
    folder: PathBuf,
    own_places: OwnPlaces,
    marks: MarkFile,
    preferences: PreferenceFile,
    /// What started it, and whose it is; `None` when it does not record this computer.
    started: Option<(StartedBy, String)>,
    /// Held while the own place is worked out and told, so that the latest choice is told last.
    telling: Mutex<()>,
}

impl Program {
    /// The program over its recorder, its data and its folder.
    pub(crate) fn new(live: Live, locator: Arc<Locator>, folder: &Path, settings: &Settings) -> Self {
        let own_places = OwnPlaces::new(
            folder,
            settings.location.as_ref().map(|set| set.value.0),
            settings.detect_place.value,
        );
        let records = live.status().identity.mode == Mode::Live;
        let started = records.then(|| (StartedBy::now(), user_name()));
        Self {
            live,
            locator,
            folder: folder.to_owned(),
            own_places,
            marks: MarkFile::open(folder, now()),
            preferences: PreferenceFile::open(folder, now()),
            started,
            telling: Mutex::default(),
        }
    }

    /// Works out the own place, then reads the user's own data files and looks again with them.
    /// Takes as long as the files are large.
    pub(crate) fn look_around(&self) {
        self.tell_own_place();
        let data = self.locator.recheck(&self.folder, now());
        if data.iter().any(|source| source.source == "user" && source.active) {
            self.live.enrich_again();
            self.tell_own_place();
        }
    }

    fn tell_own_place(&self) -> Option<OwnPlace> {
        let _told_in_order = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let place = self.own_places.place(&Surroundings::now(), &self.locator);
        self.live.set_own_place(place.clone());
        place
    }
}

impl Control for Program {
    fn data(&self) -> Vec<DataSource> {
        self.locator.data().iter().map(shown).collect()
    }

    fn recheck_data(&self) -> Vec<DataSource> {
        self.locator.recheck(&self.folder, now());
        self.live.enrich_again();
        self.tell_own_place();
        self.data()
    }

    fn choose_own_place(&self, place: Option<Coordinates>) -> Result<Option<OwnPlace>, String> {
        let kept = self.own_places.choose(place);
        // A choice that could not be kept still holds for this run.
        let told = self.tell_own_place();
        kept.map(|()| told)
    }

    fn marks(&self) -> (Marks, Option<String>) {
        self.marks.marks(now())
    }

    fn change_marks(&self, change: MarkChange) -> Result<Marks, MarksRefusal> {
        self.marks.change(change, now())
    }

    fn program_file(&self, path: &str) -> Option<ProgramFile> {
        marks::program_file(path)
    }

    fn preferences(&self) -> Preferences {
        self.preferences.preferences()
    }

    fn change_preferences(&self, new: NewPreferences) -> Result<Preferences, PreferencesRefusal> {
        self.preferences.change(new)
    }

    fn continues(&self) -> Option<Continues> {
        let (by, user) = self.started.as_ref()?;
        Some(by.continues(Path::new("/"), user))
    }

    fn new_one_time_key(&self) -> String {
        random_hex::<32>()
    }
}

fn now() -> Timestamp {
    SystemClock::default().now()
}

/// A set of data as the contract tells it.
fn shown(source: &tapmap_enrich::DataSource) -> DataSource {
    DataSource {
        name: source.name.clone(),
        kind: source.kind.to_owned(),
        source: source.source.to_owned(),
        version: source.version.clone(),
        build_date: source.build_date.clone(),
        active: source.active,
        problem: source.problem.clone(),
    }
}

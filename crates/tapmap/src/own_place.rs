//! Where this computer is taken to be: what was picked on the map just now, else what the settings
//! say, else what was picked earlier, else what an interface's address says, else the time zone.
//! Nobody is asked.

use crate::folders;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use tapmap_core::{Coordinates, OwnPlace, OwnPlaceSource};
use tapmap_enrich::{Locator, from_interfaces, from_time_zone, system_time_zone};

/// What this computer tells of where it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// The addresses of its interfaces.
    pub(crate) addresses: Vec<IpAddr>,
    /// Its time zone.
    pub(crate) time_zone: Option<String>,
}

impl Surroundings {
    /// As they are now.
    pub(crate) fn now() -> Self {
        Self { addresses: tapmap_capture::interface_addresses(), time_zone: system_time_zone() }
    }
}

/// The ways to know the own place, strongest first.
#[derive(Debug)]
pub(crate) struct OwnPlaces {
    /// Picked while this program runs: it corrects what the settings say until the next start.
    picked: Mutex<Option<Coordinates>>,
    configured: Option<Coordinates>,
    detect: bool,
    file: PathBuf,
}

/// The file that keeps what was picked on the map.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    latitude: f64,
    longitude: f64,
}

impl OwnPlaces {
    /// What the settings say, and the folder that keeps what was picked.
    pub(crate) fn new(folder: &Path, configured: Option<Coordinates>, detect: bool) -> Self {
        Self { picked: Mutex::default(), configured, detect, file: folder.join(folders::OWN_PLACE) }
    }

    /// The place that holds now; `None` when nothing tells.
    pub(crate) fn place(&self, surroundings: &Surroundings, locator: &Locator) -> Option<OwnPlace> {
        let said = |coordinates, source| OwnPlace {
            coordinates,
            accuracy_km: 0,
            label: None,
            country: None,
            source,
        };
        if let Some(coordinates) = *self.picked.lock().unwrap_or_else(PoisonError::into_inner) {
            return Some(said(coordinates, OwnPlaceSource::Chosen));
        }
        if let Some(coordinates) = self.configured {
            return Some(said(coordinates, OwnPlaceSource::Configured));
        }
        if let Some(coordinates) = self.chosen() {
            return Some(said(coordinates, OwnPlaceSource::Chosen));
        }
        if !self.detect {
            return None;
        }
        from_interfaces(&surroundings.addresses, locator)
            .or_else(|| from_time_zone(surroundings.time_zone.as_deref()?))
    }

    /// Keeps what was picked on the map, or forgets it.
    ///
    /// # Errors
    /// With a sentence when the file cannot be written; the choice holds for this run then.
    pub(crate) fn choose(&self, place: Option<Coordinates>) -> Result<(), String> {
        *self.picked.lock().unwrap_or_else(PoisonError::into_inner) = place;
        let kept = match place {
            Some(Coordinates { latitude, longitude }) => {
                let text =
                    serde_json::to_vec(&Chosen { latitude, longitude }).map_err(|error| error.to_string())?;
                folders::write_private(&self.file, &text)
            }
            None => match fs::remove_file(&self.file) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            },
        };
        kept.map_err(|error| format!("The place could not be kept in {}: {error}.", self.file.display()))
    }

    /// What was picked; a file that makes no sense counts as nothing.
    fn chosen(&self) -> Option<Coordinates> {
        let text = fs::read_to_string(&self.file).ok()?;
        let chosen: Option<Chosen> = serde_json::from_str(&text).ok();
        let place = chosen.and_then(|chosen| Coordinates::new(chosen.latitude, chosen.longitude));
        if place.is_none() {
            tracing::warn!(file = %self.file.display(), "this file holds no place");
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somewhere() -> Surroundings {
        Surroundings { addresses: Vec::new(), time_zone: Some("Europe/Vienna".to_owned()) }
    }

    fn source(places: &OwnPlaces) -> Option<OwnPlaceSource> {
        places.place(&somewhere(), &crate::location::locator().unwrap()).map(|place| place.source)
    }

    #[test]
    fn the_stronger_source_wins() {
        let folder = tempfile::tempdir().unwrap();
        let point = Coordinates::new(1.0, 2.0);
        let places = OwnPlaces::new(folder.path(), None, true);
        assert_eq!(source(&places), Some(OwnPlaceSource::TimeZone));
        places.choose(point).unwrap();
        assert_eq!(source(&places), Some(OwnPlaceSource::Chosen));
        let configured = OwnPlaces::new(folder.path(), Coordinates::new(3.0, 4.0), true);
        assert_eq!(source(&configured), Some(OwnPlaceSource::Configured));
        configured.choose(point).unwrap();
        assert_eq!(source(&configured), Some(OwnPlaceSource::Chosen), "a click corrects a setting");
        let next_start = OwnPlaces::new(folder.path(), Coordinates::new(3.0, 4.0), true);
        assert_eq!(source(&next_start), Some(OwnPlaceSource::Configured));
        places.choose(None).unwrap();
        places.choose(None).unwrap();
        assert_eq!(source(&places), Some(OwnPlaceSource::TimeZone));
    }

    #[test]
    fn nothing_is_made_up() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(source(&OwnPlaces::new(folder.path(), None, false)), None);
        fs::write(folder.path().join(folders::OWN_PLACE), "{\"latitude\":91,\"longitude\":0}").unwrap();
        assert_eq!(source(&OwnPlaces::new(folder.path(), None, false)), None);
    }
}

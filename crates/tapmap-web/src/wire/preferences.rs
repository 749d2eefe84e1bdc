//! What the reader chose for the page, as objects: kept in the data folder, so that it outlives a browser.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many filters may be saved.
const MOST_FILTERS: usize = 100;
/// How long a saved filter's name may be, in characters.
const LONGEST_NAME: usize = 80;
/// How long what it chooses may be, in bytes.
const LONGEST_FILTER: usize = 4096;

/// What the reader chose for the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// The colours; `null` follows the system.
    pub theme: Option<Theme>,
    /// Whether single keys work outside the map too.
    pub single_keys: bool,
    /// Filters that were saved under a name, in the reader's order.
    pub saved_filters: Vec<SavedFilter>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { theme: None, single_keys: true, saved_filters: Vec::new() }
    }
}

/// A set of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

/// A filter of the page under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedFilter {
    /// Its name, 1 to 80 characters, another one than those of the others.
    pub name: String,
    /// What it chooses, as it stands in the page's address, such as `app=firefox&country=NO`; at most 4096 bytes.
    pub filter: String,
}

/// Choices to keep; what is `null` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPreferences {
    /// The colours.
    #[serde(default)]
    pub theme: Option<Theme>,
    /// Whether single keys work outside the map too.
    #[serde(default)]
    pub single_keys: Option<bool>,
    /// All saved filters, at most 100, in the reader's order.
    #[serde(default)]
    pub saved_filters: Option<Vec<SavedFilter>>,
}

impl NewPreferences {
    /// The choices after these are made.
    ///
    /// # Errors
    /// With a sentence when a saved filter makes no sense.
    pub fn over(self, known: Preferences) -> Result<Preferences, String> {
        if let Some(filters) = &self.saved_filters {
            check(filters)?;
        }
        Ok(Preferences {
            theme: self.theme.or(known.theme),
            single_keys: self.single_keys.unwrap_or(known.single_keys),
            saved_filters: self.saved_filters.unwrap_or(known.saved_filters),
        })
    }
}

fn check(filters: &[SavedFilter]) -> Result<(), String> {
    if filters.len() > MOST_FILTERS {
        return Err(format!("At most {MOST_FILTERS} filters can be saved."));
    }
    for (index, SavedFilter { name, filter }) in filters.iter().enumerate() {
        if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(format!("A saved filter has a name of 1 to {LONGEST_NAME} characters."));
        }
        if filters.iter().take(index).any(|other| other.name == *name) {
            return Err(format!("Two saved filters are called {name}."));
        }
        if filter.len() > LONGEST_FILTER {
            return Err(format!("A saved filter has at most {LONGEST_FILTER} bytes."));
        }
    }
    Ok(())
}

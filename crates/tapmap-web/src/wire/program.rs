//! What the program says of itself: version, credits, data files, and the key of a page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the program is and whom it thanks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct About {
    /// Version of the program.
    pub version: String,
    /// Licence of the program, as an SPDX expression.
    pub licence: String,
    /// Data and parts by others.
    pub credits: Vec<Credit>,
    /// How this program relates to the TapMap it took the idea from, in one sentence.
    pub independent: String,
}

/// Thanks for one piece of data or one part by others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Credit {
    /// Its name.
    pub name: String,
    /// The sentence that its licence asks for, or what it is used for.
    pub text: String,
    /// Its home.
    pub url: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
}

/// One set of data that look-ups are answered from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DataSource {
    /// Its name, for people.
    pub name: String,
    /// What it answers: `place`, `network`, `cloud_region`, …
    pub kind: String,
    /// Where it comes from: inside the program, or a file's name.
    pub source: String,
    /// Its version.
    pub version: String,
    /// The day it was built, `2026-11-01`.
    pub build_date: Option<String>,
    /// Whether look-ups are answered from it now.
    pub active: bool,
    /// Why it was refused, in a sentence.
    pub problem: Option<String>,
}

/// The data that look-ups are answered from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DataSources {
    /// Each set, strongest first.
    pub data: Vec<DataSource>,
}

/// A way to open one page with the right to change things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OneTimeKey {
    /// Path and query to open in a browser; works once.
    pub path: String,
}

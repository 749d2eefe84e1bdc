//! `tapmap geo`: location data of the running recorder.

use super::running;
use crate::{cli::GeoCommand, client, render};
use std::path::Path;
use tapmap_web::wire::DataSources;

/// Does what is asked about location data.
///
/// # Errors
/// When no recorder runs or it does not answer.
pub(super) fn geo(command: GeoCommand, folder: &Path) -> anyhow::Result<()> {
    match command {
        GeoCommand::Recheck => {
            let sources: DataSources = client::post(&running(folder)?, "/api/v1/geo/recheck")?;
            render::print(&render::status::data(&sources.data))
        }
    }
}

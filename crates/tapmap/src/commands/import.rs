//! `tapmap import`: takes over the days that the older program of this name remembers.

use crate::{
    client,
    exit::{Failure, FailureKind},
    folders,
    history::{self, unusable},
    instance::{self, Instance},
    render,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tapmap_core::{DayUse, Facet};
use tapmap_history::{Imported, read_reference};
use tapmap_web::wire::{DaysOfValue, DaysToImport, HistoryStats};

/// How many values go into one request, which may hold 16 kB: each with at most thirty days and a name.
const VALUES: usize = 20;
/// How large a file is read, in bytes; the older program's own are far smaller.
const LARGEST: u64 = 50 << 20;

/// Takes files over.
///
/// # Errors
/// When one cannot be read or is none of the older program's, or the history cannot be used. Nothing
/// is taken over then.
pub(super) fn import(files: &[PathBuf], folder: &Path) -> anyhow::Result<()> {
    let read: Vec<Imported> = files.iter().map(|file| read_file(file)).collect::<Result<_, Failure>>()?;
    let running = instance::running(folder);
    for imported in &read {
        match &running {
            Some(instance) => tell(instance, imported)?,
            None => write(folder, imported)?,
        }
    }
    let values: usize = read.iter().flat_map(|imported| imported.uses.values()).map(Vec::len).sum();
    let days = read.iter().map(Imported::days).max().unwrap_or(0);
    render::print(&format!(
        "{values} days of apps, operators, countries and ports taken over, over {days} days\n"
    ))
}

fn read_file(file: &Path) -> Result<Imported, Failure> {
    let problem = format!("{} cannot be taken over", file.display());
    let unreadable = |error: std::io::Error| Failure::from_io(&error, FailureKind::Usage, problem.clone());
    let length = fs::metadata(file).map_err(unreadable)?.len();
    if length > LARGEST {
        return Err(Failure::new(FailureKind::Usage, problem).because("it is larger than any such file"));
    }
    let text = fs::read(file).map_err(unreadable)?;
    read_reference(&text).map_err(|error| Failure::new(FailureKind::Usage, problem).because(error))
}

fn write(folder: &Path, imported: &Imported) -> anyhow::Result<()> {
    folders::prepare(folder)?;
    let mut store = history::write_or_begin(folder)?;
    for (facet, uses) in &imported.uses {
        store.import(*facet, uses).map_err(|error| unusable(&error))?;
    }
    Ok(())
}

fn tell(instance: &Instance, imported: &Imported) -> anyhow::Result<()> {
    for (facet, uses) in &imported.uses {
        for values in by_value(uses).chunks(VALUES) {
            let request = request(*facet, values);
            let _now: HistoryStats = client::post_value(instance, "/api/v1/history/import", &request)?;
        }
    }
    Ok(())
}

fn by_value(uses: &[DayUse]) -> Vec<DaysOfValue> {
    let mut values: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for one in uses {
        values.entry(&one.value).or_default().push(one.day.0);
    }
    values.into_iter().map(|(value, days)| DaysOfValue { value: value.to_owned(), days }).collect()
}

fn request(facet: Facet, values: &[DaysOfValue]) -> DaysToImport {
    DaysToImport { facet: facet.word().to_owned(), values: values.to_vec() }
}

//! Filters as they are written on the command line.

use crate::exit::{Failure, FailureKind};
use tapmap_core::Filter;

/// Reads a filter from its terms: as it is written, and what it means.
///
/// # Errors
/// When it is not understood, or an option stands within it.
pub(crate) fn read(terms: &[String]) -> Result<(String, Filter), Failure> {
    if let Some(option) = terms.iter().find(|term| term.starts_with("--")) {
        // A term may begin with one "-", so that what follows the first term is the filter's.
        let failure = Failure::new(FailureKind::Usage, format!("{option} stands within the filter"));
        return Err(failure.hint("put options before the filter, as in `tapmap flows --json app:firefox`"));
    }
    let text = terms.join(" ");
    let filter = parse(&text)?;
    Ok((text, filter))
}

/// Reads a filter.
///
/// # Errors
/// When it is not understood.
pub(crate) fn parse(text: &str) -> Result<Filter, Failure> {
    Filter::parse(text).map_err(|error| refused(text).because(error))
}

/// What is told of a filter that cannot be used.
pub(crate) fn refused(text: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("the filter {text:?} is not understood"))
}

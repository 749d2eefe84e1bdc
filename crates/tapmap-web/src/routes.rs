//! One file per resource; a route converts and answers, nothing else.

pub(crate) mod about;
pub(crate) mod coverage;
pub(crate) mod days;
pub(crate) mod document;
pub(crate) mod events;
pub(crate) mod flows;
pub(crate) mod geo;
pub(crate) mod history;
pub(crate) mod insights;
pub(crate) mod keys;
pub(crate) mod listeners;
pub(crate) mod marks;
pub(crate) mod own_place;
pub(crate) mod preferences;
pub(crate) mod report;
pub(crate) mod snapshot;
pub(crate) mod status;
pub(crate) mod stream;

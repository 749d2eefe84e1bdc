//! What SQLite and the file system say, in the kinds that code outside can act on.

use rusqlite::{Error, ErrorCode};
use std::io;
use tapmap_core::{StoreError, StoreErrorKind};

/// Adds what was being done to a failure.
pub(crate) trait Context<T> {
    /// `context` reads after "failed to".
    fn context(self, context: &str) -> Result<T, StoreError>;
}

impl<T> Context<T> for Result<T, Error> {
    fn context(self, context: &str) -> Result<T, StoreError> {
        self.map_err(|error| StoreError {
            kind: kind(&error),
            context: context.to_owned(),
            cause: Some(Box::new(error)),
        })
    }
}

impl<T> Context<T> for Result<T, io::Error> {
    fn context(self, context: &str) -> Result<T, StoreError> {
        self.map_err(|error| {
            let kind = match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
                _ => StoreErrorKind::Io,
            };
            StoreError { kind, context: context.to_owned(), cause: Some(Box::new(error)) }
        })
    }
}

fn kind(error: &Error) -> StoreErrorKind {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreErrorKind::Full,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreErrorKind::Busy,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::TypeMismatch) => {
            StoreErrorKind::Corrupt
        }
        Some(_) => StoreErrorKind::Io,
        // Not SQLite's own: a value of another type or range than was written.
        None => StoreErrorKind::Corrupt,
    }
}

/// A row that is not what was written.
pub(crate) fn damaged(what: &str) -> Error {
    Error::FromSqlConversionFailure(
        0,
        rusqlite::types::Type::Null,
        format!("{what} is not what was written").into(),
    )
}

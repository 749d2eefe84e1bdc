//! The source of an unsupported system is honest.

use tapmap_core::{SnapshotSource as _, SourceErrorKind};

use super::NoSource;

#[test]
fn it_says_that_it_sees_nothing() {
    assert!(NoSource.coverage().lines.iter().all(|line| !line.seen));
    assert_eq!(NoSource.snapshot().unwrap_err().kind, SourceErrorKind::Unsupported);
}

//! What a person reads when something goes wrong.

use super::*;
use anyhow::Context;

#[test]
fn an_expected_failure_has_its_code_and_its_three_lines() {
    let failure = Failure::new(FailureKind::InUse, "port 80 cannot be used")
        .because("address already in use")
        .hint("choose another with --port");
    let (code, text) = describe(&failure.into());
    assert_eq!(code, 5);
    assert_eq!(
        text,
        "error: port 80 cannot be used\ncause: address already in use\nhint: choose another with --port\n"
    );
}

#[test]
fn an_unexpected_failure_names_every_cause() {
    let error = Err::<(), _>(io::Error::other("the disk is gone")).context("could not write").unwrap_err();
    let (code, text) = describe(&error);
    assert_eq!(code, 1);
    assert!(text.starts_with("error: could not write\ncause: the disk is gone\nhint: "), "{text}");
}

#[test]
fn a_broken_pipe_is_recognised_under_any_context() {
    let pipe = Err::<(), _>(io::Error::from(io::ErrorKind::BrokenPipe)).context("could not print");
    assert!(is_broken_pipe(&pipe.unwrap_err()));
    assert!(!is_broken_pipe(&anyhow::anyhow!("something else")));
}

#[test]
fn a_refusal_by_the_system_is_not_permitted_and_anything_else_is_not() {
    let refused = io::Error::from(io::ErrorKind::PermissionDenied);
    assert_eq!(Failure::from_io(&refused, FailureKind::InUse, "x").kind, FailureKind::NotPermitted);
    let taken = io::Error::from(io::ErrorKind::AddrInUse);
    assert_eq!(Failure::from_io(&taken, FailureKind::InUse, "x").kind, FailureKind::InUse);
}

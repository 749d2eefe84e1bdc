//! What the program says of itself: help, version, manual, completions, credits.

use crate::program::Program;
use std::{fs, io, process::Stdio};

#[test]
fn the_help_is_as_reviewed() {
    insta::assert_snapshot!("help", Program::new().print(&["--help"]));
    insta::assert_snapshot!("help-run", Program::new().print(&["run", "-h"]));
    insta::assert_snapshot!("help-demo", Program::new().print(&["demo", "-h"]));
    insta::assert_snapshot!("help-ls", Program::new().print(&["ls", "-h"]));
    insta::assert_snapshot!("help-flows", Program::new().print(&["flows", "--help"]));
    for command in ["insights", "report", "events", "timeline"] {
        insta::assert_snapshot!(format!("help-{command}"), Program::new().print(&[command, "--help"]));
    }
    insta::assert_snapshot!("help-history", Program::new().print(&["history", "--help"]));
    insta::assert_snapshot!("help-service-install", Program::new().print(&["service", "install", "--help"]));
    insta::assert_snapshot!("help-doctor", Program::new().print(&["doctor", "--help"]));
}

#[test]
fn the_version_is_the_package_s() {
    let expected = format!("tapmap {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(Program::new().print(&["--version"]), expected);
}

#[test]
fn the_manual_names_every_option_and_the_exit_codes() {
    let page = Program::new().print(&["man"]);
    for word in [
        ".TH tapmap 1",
        "no\\-browser",
        "location",
        "TAPMAP_LAUNCH_BROWSER",
        ".SH EXIT STATUS",
        "tapmap geo recheck",
        "\\-\\-for",
    ] {
        assert!(page.contains(word), "{word} is not in the manual");
    }
}

#[test]
fn output_that_cannot_be_written_is_said_to() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = Program::new().command(&["about"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: the output cannot be written\ncause: "), "{said}");
    assert!(!said.contains("hint"), "{said}");
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Program::new().print(&["completions", shell]);
        assert!(script.contains("listeners"), "{shell}");
    }
}

#[test]
fn about_and_licenses_credit_the_data() {
    let about = Program::new().print(&["about"]);
    for word in ["DB-IP", "RouteViews", "independent implementation", "MIT OR Apache-2.0"] {
        assert!(about.contains(word), "{word} is not in {about}");
    }
    assert_eq!(Program::new().print(&["--licenses"]), about);
}

#[test]
fn the_contract_is_the_checked_in_one() {
    assert_eq!(Program::new().print(&["openapi"]), include_str!("../../../../openapi.json"));
}

#[test]
fn a_command_line_that_makes_no_sense_ends_with_2() {
    for arguments in [&["--port", "eighty"][..], &["fly"], &["--port", "1", "ls"], &["--location", "91,0"]] {
        let ended = Program::new().run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("error: "), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    for arguments in [&["config", "default"][..], &["man"], &["about"], &["--help"]] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output =
            Program::new().command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

//! The unit and the desktop entry against golden files.

use super::*;

const PLAIN: Start<'_> = Start { program: "/usr/bin/tapmap", data_folder: None };
const ODD: Start<'_> =
    Start { program: "/opt/My \"$ %\\Tools/tapmap", data_folder: Some("/home/ada/100 % `mine` $HOME") };

#[test]
fn the_files_are_as_reviewed() {
    insta::assert_snapshot!("user-unit", user_unit(PLAIN));
    insta::assert_snapshot!("autostart", autostart(PLAIN));
    insta::assert_snapshot!("system-unit", system_unit("/usr/bin/tapmap"));
}

#[test]
fn odd_paths_are_quoted_by_the_rules_of_each_format() {
    let line = |text: String, key: &str| {
        text.lines().find_map(|line| line.strip_prefix(key).map(str::to_owned)).unwrap()
    };
    assert_eq!(
        line(user_unit(ODD), "ExecStart="),
        r#""/opt/My \"$ %%\\Tools/tapmap" run --no-browser --data-dir "/home/ada/100 %% `mine` $$HOME""#
    );
    assert_eq!(
        line(autostart(ODD), "Exec="),
        concat!(
            r#""/opt/My \\"\\$ %%\\\\Tools/tapmap" run --no-browser "#,
            r#"--data-dir "/home/ada/100 %% \\`mine\\` \\$HOME""#
        )
    );
    assert_eq!(line(system_unit("/opt/a b/tapmap"), "ExecStart="), r#""/opt/a b/tapmap" run --no-browser"#);
}

#[test]
fn the_unit_of_the_computer_is_the_one_handed_out() {
    assert_eq!(SYSTEM_UNIT.matches(&format!("\nExecStart={SYSTEM_PROGRAM} run --no-browser\n")).count(), 1);
    let ours = system_unit(SYSTEM_PROGRAM);
    let settings = |text: &str| {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(settings(&ours), settings(SYSTEM_UNIT));
    assert!(!ours.contains("sudo install"), "{ours}");
}

#[test]
fn every_file_begins_with_the_line_that_says_whose_it_is() {
    for file in [user_unit(ODD), autostart(ODD), system_unit("/usr/bin/tapmap")] {
        assert_eq!(file.lines().next(), Some(MARKER));
    }
}

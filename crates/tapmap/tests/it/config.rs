//! Settings in layers, through the built program.

use crate::program::Program;

/// The line of `tapmap config show` for a key, its spaces made one.
fn shown(program: &Program, arguments: &[&str], key: &str) -> String {
    let table = program.print(&[&["config", "show"], arguments].concat());
    let line = table.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key} in {table}"));
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_value_names_the_layer_it_came_from() {
    let program = Program::new()
        .with_file(
            "config.toml",
            "[page]\nport = 1111\nopen_browser = false\n[recorder]\ninterval = \"2s\"\n",
        )
        .with_variable("TAPMAP_PORT", "2222")
        .with_variable("TAPMAP_INTERVAL", "3s");
    assert_eq!(shown(&program, &["--interval", "4s"], "recorder.interval"), "recorder.interval \"4s\" flag");
    assert_eq!(shown(&program, &[], "recorder.interval"), "recorder.interval \"3s\" environment");
    assert_eq!(shown(&program, &[], "page.port"), "page.port 2222 environment");
    assert_eq!(shown(&program, &[], "page.open_browser"), "page.open_browser false file");
    assert_eq!(shown(&program, &[], "page.bind"), "page.bind \"127.0.0.1\" default");
}

#[test]
fn the_older_variables_work_too() {
    let program = Program::new()
        .with_variable("TAPMAP_HOST", "0.0.0.0")
        .with_variable("TAPMAP_LON", "16.37")
        .with_variable("TAPMAP_LAT", "48.2")
        .with_variable("TAPMAP_LAUNCH_BROWSER", "off");
    assert_eq!(shown(&program, &[], "page.bind"), "page.bind \"0.0.0.0\" environment");
    assert_eq!(shown(&program, &[], "own_place.location"), "own_place.location \"48.2,16.37\" environment");
    assert_eq!(shown(&program, &[], "page.open_browser"), "page.open_browser false environment");
}

#[test]
fn the_printed_default_file_is_accepted_and_changes_nothing() {
    let text = Program::new().print(&["config", "default"]);
    let program = Program::new().with_file("config.toml", &text);
    assert_eq!(shown(&program, &[], "page.port"), "page.port 8050 file");
    assert!(program.print(&["config", "path"]).ends_with("config.toml\n"));
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    let program = Program::new().with_file("config.toml", "[page]\n\nprot = 1\n");
    let ended = program.run(&["run", "--no-browser"]);
    assert_eq!(ended.code, 3);
    let path = program.folder().join("config.toml");
    let expected =
        format!("error: {}, line 3: unknown key \"prot\"\nhint: did you mean \"port\"?\n", path.display());
    assert_eq!(ended.stderr, expected);
}

#[test]
fn a_mistyped_variable_is_pointed_out() {
    let ended = Program::new().with_variable("TAPMAP_PROT", "1").run(&["config", "show"]);
    assert_eq!(ended.code, 0);
    assert_eq!(ended.stderr, "the environment variable TAPMAP_PROT has no meaning; is TAPMAP_PORT meant?\n");
}

#[test]
fn a_variable_that_makes_no_sense_is_named() {
    let ended = Program::new().with_variable("TAPMAP_PORT", "eighty").run(&["config", "show"]);
    assert_eq!(ended.code, 3);
    assert!(ended.stderr.starts_with("error: the environment variable TAPMAP_PORT cannot be \"eighty\"\n"));
}

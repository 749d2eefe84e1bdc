//! Layers, complaints and the default file.

use super::{
    file::{DEFAULT_TEXT, parse},
    *,
};
use crate::exit::{Failure, FailureKind};
use std::time::Duration;

fn read(text: &str) -> Result<Options, Failure> {
    parse(text, Path::new("config.toml"))
}

fn complaint(text: &str) -> Failure {
    let failure = read(text).expect_err("the text is wrong");
    assert_eq!(failure.kind, FailureKind::Configuration);
    failure
}

#[test]
fn the_default_file_gives_a_value_to_everything() {
    let layers = Layers { defaults: defaults().unwrap(), ..Layers::default() };
    let settings = merge(&layers).expect("every setting has a default");
    assert_eq!(settings.port, Set { value: 8050, layer: Layer::Default });
    assert!(settings.bind.value.is_loopback());
    assert_eq!(settings.interval.value, Interval(Duration::from_secs(1)));
    assert_eq!(settings.location, None);
}

#[test]
fn every_shown_key_is_in_the_default_file_and_shows_its_value() {
    let layers = Layers { defaults: defaults().unwrap(), ..Layers::default() };
    for line in merge(&layers).unwrap().shown() {
        let (_, key) = line.key.split_once('.').unwrap();
        let written = format!("\n{key} = {}\n", line.value);
        assert!(DEFAULT_TEXT.contains(&written), "{written:?} is not in the default file");
    }
}

#[test]
fn a_stronger_layer_wins_and_is_named() {
    let with_port = |port| Options { port: Some(port), ..Options::default() };
    let mut layers = Layers { defaults: defaults().unwrap(), file: with_port(1), ..Layers::default() };
    assert_eq!(merge(&layers).unwrap().port, Set { value: 1, layer: Layer::File });
    layers.environment = with_port(2);
    assert_eq!(merge(&layers).unwrap().port, Set { value: 2, layer: Layer::Environment });
    layers.flags = with_port(3);
    let settings = merge(&layers).unwrap();
    assert_eq!(settings.port, Set { value: 3, layer: Layer::Flag });
    assert_eq!(settings.open_browser.layer, Layer::Default);
}

#[test]
fn an_unknown_key_is_refused_with_file_line_and_suggestion() {
    let failure = complaint("[page]\nport = 1\nopen_browsers = false\n");
    assert_eq!(failure.message, "config.toml, line 3: unknown key \"open_browsers\"");
    assert_eq!(failure.hint.as_deref(), Some("did you mean \"open_browser\"?"));
}

#[test]
fn an_unknown_section_that_resembles_nothing_lists_the_known_ones() {
    let failure = complaint("\n[zzz]\n");
    assert_eq!(failure.message, "config.toml, line 2: unknown section \"zzz\"");
    assert_eq!(
        failure.hint.as_deref(),
        Some("the known ones are page, recorder, own_place, history, replay")
    );
}

#[test]
fn a_key_outside_its_section_is_refused() {
    let failure = complaint("page = 3\n");
    assert_eq!(failure.message, "config.toml, line 1: a value outside any section");
}

#[test]
fn a_value_that_makes_no_sense_says_what_was_expected() {
    let failure = complaint("[page]\nport = 70000\n");
    assert_eq!(failure.message, "config.toml, line 2: the value cannot be 70000");
    assert_eq!(failure.cause.as_deref(), Some("expected a port, a number from 0 to 65535"));
    let failure = complaint("[own_place]\nlocation = \"91,0\"\n");
    assert_eq!(failure.message, "config.toml, line 2: the value cannot be \"91,0\"");
    assert!(failure.cause.unwrap().contains("latitude is from -90 to 90"));
    assert!(complaint("[page]\nopen_browser = 1\n").cause.unwrap().contains("true or false"));
}

#[test]
fn text_that_is_not_toml_names_the_line() {
    assert_eq!(complaint("[page]\nport = \n").message, "config.toml, line 2: this is not TOML");
}

#[test]
fn an_empty_text_says_nothing() {
    assert_eq!(read("[own_place]\nlocation = \"\"\n").unwrap(), Options::default());
}

#[test]
fn values_are_read_and_written_alike() {
    for text in ["48.2,16.37", "-90,180", "0,-0.5"] {
        assert_eq!(text.parse::<Location>().unwrap().to_string(), text);
    }
    for text in ["1s", "250ms", "60s"] {
        assert_eq!(text.parse::<Interval>().unwrap().to_string(), text);
    }
    assert_eq!("0.5s".parse::<Interval>().unwrap().to_string(), "500ms");
    for text in ["", "1", "NaN,1", "1,2,3", "north,south"] {
        assert!(text.parse::<Location>().is_err(), "{text:?}");
    }
    for text in ["", "99ms", "61s", "-1s", "NaN", "fast"] {
        assert!(text.parse::<Interval>().is_err(), "{text:?}");
    }
    for text in ["0", "-1", "NaN", "inf"] {
        assert!(text.parse::<Speed>().is_err(), "{text:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in ".{0,200}", cut in 0..DEFAULT_TEXT.len(), put in 0..DEFAULT_TEXT.len()) {
        // Anything at all; and the default file, cut off and with the text put in.
        let whole: Vec<char> = DEFAULT_TEXT.chars().collect();
        let before: String = whole.iter().take(put).collect();
        let after: String = whole.iter().take(cut).skip(put).collect();
        for text in [text.clone(), format!("{before}{text}{after}")] {
            match read(&text) {
                Ok(_) => {}
                Err(failure) => assert!(failure.message.starts_with("config.toml, line ")),
            }
        }
    }
}

mod environment {
    //! The variables, through a look-up in place of the environment.

    use super::*;
    use crate::environment::from;
    use std::collections::HashMap;

    fn with(variables: &[(&str, &str)]) -> Result<Options, Failure> {
        let map: HashMap<&str, &str> = variables.iter().copied().collect();
        from(&|name| map.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn the_older_names_mean_the_same() {
        let ours = with(&[
            ("TAPMAP_BIND", "0.0.0.0"),
            ("TAPMAP_LOCATION", "48.2,16.37"),
            ("TAPMAP_NO_BROWSER", "1"),
        ]);
        let older = with(&[
            ("TAPMAP_HOST", "0.0.0.0"),
            ("TAPMAP_LAT", "48.2"),
            ("TAPMAP_LON", "16.37"),
            ("TAPMAP_LAUNCH_BROWSER", "off"),
        ]);
        assert_eq!(ours.unwrap(), older.unwrap());
    }

    #[test]
    fn half_a_place_is_refused() {
        let failure = with(&[("TAPMAP_LAT", "48.2")]).unwrap_err();
        assert_eq!(failure.message, "TAPMAP_LAT is set and TAPMAP_LON is not; a place needs both");
    }

    #[test]
    fn a_bad_value_names_its_variable() {
        let failure = with(&[("TAPMAP_PORT", "eighty")]).unwrap_err();
        assert_eq!(failure.message, "the environment variable TAPMAP_PORT cannot be \"eighty\"");
        assert_eq!(failure.kind, FailureKind::Configuration);
    }
}

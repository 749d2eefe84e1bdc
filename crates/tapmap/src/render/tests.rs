//! Text for terminals: harmless, and as wide as it may be.

use super::*;

const COLUMNS: [Column; 3] = [Column::words("APP"), Column::words("PLACE"), Column::numbers("SENT")];

fn rows() -> Vec<[String; 3]> {
    [["curl", "Vienna, AT", "1.2 kB"], ["a program with a long name", "-", "0 B"]]
        .map(|row| row.map(str::to_owned))
        .to_vec()
}

#[test]
fn without_a_terminal_nothing_is_cut() {
    let expected = "\
APP                         PLACE         SENT
curl                        Vienna, AT  1.2 kB
a program with a long name  -              0 B
";
    assert_eq!(table(COLUMNS, &rows(), None), expected);
}

#[test]
fn a_narrow_terminal_cuts_the_widest_words_first() {
    let expected = "\
APP         PLACE         SENT
curl        Vienna, AT  1.2 kB
a program…  -              0 B
";
    assert_eq!(table(COLUMNS, &rows(), Some(30)), expected);
}

#[test]
fn a_terminal_too_narrow_for_anything_still_shows_something() {
    for line in table(COLUMNS, &rows(), Some(1)).lines() {
        assert!(line.chars().count() <= 22, "{line:?}");
    }
}

#[test]
fn what_can_be_spared_is_left_out_before_words_are_hard_to_read() {
    const COLUMNS: [Column; 4] = [
        Column::words("REMOTE").readable(21),
        Column::words("PLACE"),
        Column::whole("STATE").spared(2),
        Column::numbers("AGE").spared(1),
    ];
    let rows = [["198.51.100.117:40404", "a place with a long name", "established", "3s"].map(str::to_owned)];
    let widest = |width| table(COLUMNS, &rows, Some(width));
    assert_eq!(
        widest(49),
        "\
REMOTE                PLACE           STATE
198.51.100.117:40404  a place with …  established
"
    );
    assert_eq!(
        widest(40),
        "\
REMOTE                PLACE
198.51.100.117:40404  a place with a lo…
"
    );
    assert!(widest(53).contains("AGE"), "{}", widest(53));
    assert!(widest(20).lines().all(|line| line.chars().count() <= 20), "{}", widest(20));
}

#[test]
fn wide_characters_take_two_columns() {
    let rows = [["日本語".to_owned(), "x".to_owned(), "1 B".to_owned()]];
    assert!(table(COLUMNS, &rows, None).lines().nth(1).unwrap().starts_with("日本語  x"));
}

#[test]
fn what_could_harm_a_terminal_is_escaped() {
    assert_eq!(harmless("a\u{1b}[31mb\nc\u{202e}d\u{9b}"), "a\\u{1b}[31mb\\u{a}c\\u{202e}d\\u{9b}");
    assert_eq!(harmless("Ünïcode 日本"), "Ünïcode 日本");
    let rows = [["\r\n\u{7}".to_owned(), String::new(), String::new()]];
    assert_eq!(table(COLUMNS, &rows, None).lines().count(), 2);
}

#[test]
fn bytes_are_told_in_decimal_units() {
    let told = [0, 999, 1000, 1250, 99_999, 999_999, 1_000_000, u64::MAX].map(bytes);
    assert_eq!(told, ["0 B", "999 B", "1.0 kB", "1.2 kB", "99 kB", "999 kB", "1.0 MB", "18 EB"]);
}

#[test]
fn ages_are_told_in_two_units() {
    let told = [0, 59, 60, 245, 3600, 12_000, 86_400, 187_200].map(age);
    assert_eq!(told, ["0s", "59s", "1m 00s", "4m 05s", "1h 00m", "3h 20m", "1d 00h", "2d 04h"]);
}

#[test]
fn thousands_are_set_apart() {
    let told = [0, 999, 1000, 12_345, 1_234_567].map(count);
    assert_eq!(told, ["0", "999", "1,000", "12,345", "1,234,567"]);
}

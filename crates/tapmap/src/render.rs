//! What the commands print: tables for people, JSON for programs. Nothing here prints by itself;
//! everything returns text. Text from the network and from process names is made harmless first.

pub(crate) mod absences;
pub(crate) mod doctor;
pub(crate) mod insights;
pub(crate) mod lists;
pub(crate) mod remembered;
pub(crate) mod report;
pub(crate) mod status;
mod table;
mod tally;
pub(crate) mod timeline;

use crate::{
    config::Shown,
    environment,
    exit::{Failure, FailureKind},
};
use serde::Serialize;
use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    path::Path,
};
use table::{Column, table};

/// How many columns the terminal has; `None` when stdout is no terminal and lines may be of any
/// length.
pub(crate) fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// Whether stdout shows letters in other ways than plain: a terminal, and nobody said `NO_COLOR`.
pub(crate) fn shows_styles() -> bool {
    io::stdout().is_terminal() && !environment::is_plain()
}

/// Prints text to stdout.
///
/// # Errors
/// When stdout is gone or full; a broken pipe ends the program without a complaint.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => error.into(),
        _ => Failure::from_io(&error, FailureKind::Unexpected, "the output cannot be written").into(),
    })
}

/// Says something to the person at the terminal, beside the data on stdout. That nobody may be
/// there is no failure.
pub(crate) fn remark(text: &str) {
    let _written = writeln!(io::stderr().lock(), "{text}");
}

/// A value as indented JSON with a line end.
///
/// # Errors
/// When the value cannot be written as JSON, which none of ours does.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// The table of `tapmap config show`.
pub(crate) fn settings(shown: &[Shown], folder: &Path, width: Option<usize>) -> String {
    const COLUMNS: [Column; 3] = [Column::whole("KEY"), Column::words("VALUE"), Column::whole("FROM")];
    let rows: Vec<[String; 3]> = shown
        .iter()
        .map(|line| [line.key.to_owned(), line.value.clone(), line.layer.word().to_owned()])
        .collect();
    let folder = harmless(&folder.display().to_string());
    format!("data folder: {folder}\n\n{}", table(COLUMNS, &rows, width))
}

/// The text with every character escaped that could move the cursor, colour the screen, break the
/// line or turn the direction of writing.
pub(crate) fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_invisible(character) {
            let _written = write!(safe, "{}", character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Characters that are not seen themselves and change how others are laid out: zero-width ones,
/// line separators, and the marks of the Unicode Bidirectional Algorithm (annex 9 §2).
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Bytes as a person reads them, with decimal units: `0 B`, `999 B`, `1.2 kB`, `34 MB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if count < 1000 {
        return format!("{count} B");
    }
    // Tenths of the unit, rounded down, so that 999,999 is 999 kB and never 1000 kB.
    let (mut tenths, mut unit) = (count / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    let unit = UNITS.get(unit).unwrap_or(&"EB");
    if tenths < 100 {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    } else {
        format!("{} {unit}", tenths / 10)
    }
}

/// A number with its thousands set apart: `1,204`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length of time in its two largest units: `12s`, `4m 05s`, `3h 20m`, `2d 04h`.
pub(crate) fn age(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m {:02}s", seconds % 60),
        3600..86_400 => format!("{hours}h {:02}m", minutes % 60),
        _ => format!("{days}d {:02}h", hours % 24),
    }
}

#[cfg(test)]
mod tests;

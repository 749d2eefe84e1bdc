//! A table of text for a terminal of any width: columns side by side, long cells cut with `…` when
//! the terminal is too narrow, nothing cut when there is none. No colour, no lines.

use super::harmless;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A column narrower than this tells nothing any more.
const NARROWEST: usize = 6;
/// What stands between two columns.
const SPACE: usize = 2;

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// What stands above it.
    pub(crate) title: &'static str,
    /// Whether its cells are numbers, which line up on the right.
    pub(crate) right: bool,
    /// Whether its cells may be cut.
    pub(crate) shrinks: bool,
}

impl Column {
    /// A column of words, which may be cut.
    pub(crate) const fn words(title: &'static str) -> Self {
        Self { title, right: false, shrinks: true }
    }

    /// A column of words that mean nothing when cut.
    pub(crate) const fn whole(title: &'static str) -> Self {
        Self { title, right: false, shrinks: false }
    }

    /// A column of numbers.
    pub(crate) const fn numbers(title: &'static str) -> Self {
        Self { title, right: true, shrinks: false }
    }
}

/// The table as text, one line for the titles and one for each row. Every row has a cell for each
/// column. `width` is that of the terminal; `None` cuts nothing.
pub(crate) fn table<const COLUMNS: usize>(
    columns: [Column; COLUMNS],
    rows: &[[String; COLUMNS]],
    width: Option<usize>,
) -> String {
    let titles = columns.map(|column| column.title.to_owned());
    let rows: Vec<[String; COLUMNS]> = std::iter::once(titles)
        .chain(rows.iter().map(|row| row.each_ref().map(|cell| harmless(cell))))
        .collect();
    let mut widths = [0; COLUMNS];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    if let Some(available) = width {
        shrink(&mut widths, &columns, available);
    }
    let lines = rows.iter().map(|row| line(row, &columns, &widths));
    lines.map(|line| line + "\n").collect()
}

/// Takes from the widest column that may be cut until the line fits, or nothing is left to take.
fn shrink<const COLUMNS: usize>(
    widths: &mut [usize; COLUMNS],
    columns: &[Column; COLUMNS],
    available: usize,
) {
    let total = |widths: &[usize; COLUMNS]| widths.iter().sum::<usize>() + SPACE * COLUMNS.saturating_sub(1);
    let mut excess = total(widths).saturating_sub(available);
    while excess > 0 {
        let candidates = widths.iter_mut().zip(columns).filter(|(_, column)| column.shrinks);
        let widest = candidates.map(|(width, _)| width).max_by_key(|width| **width);
        let Some(widest) = widest.filter(|width| **width > NARROWEST) else { return };
        *widest -= 1;
        excess -= 1;
    }
}

fn line<const COLUMNS: usize>(
    row: &[String; COLUMNS],
    columns: &[Column; COLUMNS],
    widths: &[usize; COLUMNS],
) -> String {
    let mut line = String::new();
    for ((cell, column), width) in row.iter().zip(columns).zip(widths) {
        let cell = cut(cell, *width);
        let padding = " ".repeat(width.saturating_sub(cell.width()));
        let (before, after) = if column.right { (padding.as_str(), "") } else { ("", padding.as_str()) };
        line.push_str(before);
        line.push_str(&cell);
        line.push_str(after);
        line.push_str(&" ".repeat(SPACE));
    }
    line.trim_end().to_owned()
}

/// As much of a text as fits, with `…` where something is missing.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(character);
    }
    kept + "…"
}

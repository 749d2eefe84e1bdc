//! A table of text for a terminal of any width: columns side by side; when the terminal is too narrow,
//! the columns that can be spared are left out first, then long cells are cut with `…`; nothing is
//! left out or cut when there is no terminal. No colour, no lines.

use super::harmless;
use std::collections::BTreeSet;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A column narrower than this tells nothing any more.
const NARROWEST: usize = 6;
/// Words cut to fewer columns than this are hard to recognise.
const READABLE: usize = 12;
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
    /// How wide it should be at least before columns that can be spared are, where its cells are.
    readable: usize,
    /// Which turn it has when columns are left out of a narrow table; `None` for never.
    spared: Option<u8>,
}

impl Column {
    /// A column of words, which may be cut.
    pub(crate) const fn words(title: &'static str) -> Self {
        Self { title, right: false, shrinks: true, readable: READABLE, spared: None }
    }

    /// A column of words that mean nothing when cut.
    pub(crate) const fn whole(title: &'static str) -> Self {
        Self { title, right: false, shrinks: false, readable: usize::MAX, spared: None }
    }

    /// A column of numbers.
    pub(crate) const fn numbers(title: &'static str) -> Self {
        Self { title, right: true, shrinks: false, readable: usize::MAX, spared: None }
    }

    /// The same, readable only from a width on.
    pub(crate) const fn readable(self, readable: usize) -> Self {
        Self { readable, ..self }
    }

    /// The same, left out of a narrow table; those with the lowest turn go first, together.
    pub(crate) const fn spared(self, turn: u8) -> Self {
        Self { spared: Some(turn), ..self }
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
        leave_out(&mut widths, &columns, available);
        shrink(&mut widths, &columns, available);
    }
    let lines = rows.iter().map(|row| line(row, &columns, &widths));
    lines.map(|line| line + "\n").collect()
}

/// Makes columns that can be spared nothing wide, one turn after the other, until the others are readable.
fn leave_out<const COLUMNS: usize>(
    widths: &mut [usize; COLUMNS],
    columns: &[Column; COLUMNS],
    available: usize,
) {
    let turns: BTreeSet<u8> = columns.iter().filter_map(|column| column.spared).collect();
    for turn in turns {
        let readable = widths.iter().zip(columns).map(|(width, column)| (*width).min(column.readable));
        if total(readable) <= available {
            return;
        }
        for (width, column) in widths.iter_mut().zip(columns) {
            if column.spared == Some(turn) {
                *width = 0;
            }
        }
    }
}

/// The width of a line of columns; those that are nothing wide are left out.
fn total(widths: impl Iterator<Item = usize>) -> usize {
    widths.filter(|width| *width > 0).map(|width| width + SPACE).sum::<usize>().saturating_sub(SPACE)
}

/// Takes from the widest column that may be cut until the line fits, or nothing is left to take: at
/// first only down to what is readable.
fn shrink<const COLUMNS: usize>(
    widths: &mut [usize; COLUMNS],
    columns: &[Column; COLUMNS],
    available: usize,
) {
    let mut excess = total(widths.iter().copied()).saturating_sub(available);
    for narrowest in [columns.map(|column| column.readable), [NARROWEST; COLUMNS]] {
        while excess > 0 {
            let candidates = widths.iter_mut().zip(columns).zip(narrowest);
            let wide = candidates
                .filter(|((width, column), narrowest)| column.shrinks && **width > *narrowest)
                .map(|((width, _), _)| width);
            let Some(widest) = wide.max_by_key(|width| **width) else { break };
            *widest -= 1;
            excess -= 1;
        }
    }
}

fn line<const COLUMNS: usize>(
    row: &[String; COLUMNS],
    columns: &[Column; COLUMNS],
    widths: &[usize; COLUMNS],
) -> String {
    let mut line = String::new();
    let shown = row.iter().zip(columns).zip(widths).filter(|(_, width)| **width > 0);
    for ((cell, column), width) in shown {
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

//! Reads the tab-separated tables in `data/`. They are part of the program and tests hold every row to
//! its form, so a row that does not fit is left out rather than an error at start.

/// The rows of a table as fields, without comment lines (`#`) and empty lines.
pub(crate) fn rows<const FIELDS: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; FIELDS]> {
    lines(text).filter_map(|line| {
        let mut fields = line.split('\t');
        let mut row = [""; FIELDS];
        for field in &mut row {
            *field = fields.next()?;
        }
        fields.next().is_none().then_some(row)
    })
}

/// The lines of a table that are neither comment nor empty.
pub(crate) fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

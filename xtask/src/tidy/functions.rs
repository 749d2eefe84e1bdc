//! How long functions are. Rust formatted by rustfmt ends a function with a brace as far in as its
//! `fn`, which is all this looks at.

/// Every function with the number of its lines, signature and all.
pub(super) fn lengths(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines.iter().enumerate().filter_map(|(index, line)| name(line).map(|name| (index, name)));
    starts
        .filter_map(|(start, name)| {
            let indentation = lines.get(start)?.len() - lines.get(start)?.trim_start().len();
            let end = format!("{}}}", " ".repeat(indentation));
            let length = lines.iter().skip(start).position(|line| *line == end)?;
            Some((length + 1, name.to_owned()))
        })
        .collect()
}

/// The name of the function that a line begins, if it begins one whose body is on other lines.
fn name(line: &str) -> Option<&str> {
    let code = line.trim_start();
    let (before, after) = code.split_once("fn ")?;
    let qualifiers = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern", "\"C\""];
    let is_item = before.split_whitespace().all(|word| qualifiers.contains(&word));
    let end = after.find(['(', '<'])?;
    (is_item && !code.ends_with('}') && !code.ends_with(';')).then(|| &after[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_by_their_indentation() {
        let text = "fn short() {\n}\nimpl X {\n    pub(crate) fn long(\n        a: u8,\n    ) {\n        {\n        }\n    }\n}\n";
        assert_eq!(lengths(text), [(2, "short".to_owned()), (6, "long".to_owned())]);
    }
}

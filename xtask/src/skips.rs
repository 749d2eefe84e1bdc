//! Holds the tests that were skipped against the checked-in list of those that may be. A test that
//! skips itself prints a line `skipped: NAME: why`.

use crate::{
    Outcome,
    shell::{read, root},
};

/// The list: one line for each test, `NAME | what is missing | the probe that shows it`.
const ALLOWED: &str = "tests/allowed-skips.txt";

/// How a test says that it skips itself.
const MARK: &str = "skipped: ";

/// Looks for skipped tests in what was printed.
///
/// # Errors
/// When one was skipped that is not in the list, or a test is marked as ignored.
pub(crate) fn check(printed: &str) -> Outcome {
    let allowed = read(&root().join(ALLOWED))?;
    let forbidden = not_allowed(printed, &allowed);
    if forbidden.is_empty() {
        return Ok(());
    }
    Err(format!("skipped, and not in {ALLOWED}: {}", forbidden.join("; ")))
}

fn not_allowed<'a>(printed: &'a str, allowed: &str) -> Vec<&'a str> {
    let allowed: Vec<&str> = allowed
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split('|').next())
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let skipped = printed.lines().filter_map(|line| line.trim_start().strip_prefix(MARK));
    let ignored = printed.lines().filter(|line| line.starts_with("test ") && line.contains("... ignored"));
    let named = |line: &str| line.split(": ").next().unwrap_or_default().trim().to_owned();
    skipped.filter(|line| !allowed.contains(&named(line).as_str())).chain(ignored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_tests_may_be_skipped() {
        let allowed = "# comment\nreads_bytes | tcp_info | ss -i\n";
        let printed = "    skipped: reads_bytes: no tcp_info\nskipped: other: no root\ntest x ... ignored\n";
        assert_eq!(not_allowed(printed, allowed), ["other: no root", "test x ... ignored"]);
        assert!(not_allowed("test a ... ok\n", allowed).is_empty());
    }
}

//! `cargo xtask tidy`: facts about the source text that the compiler does not hold. It fails only on
//! facts; sizes are printed for people to think about.

mod functions;

use crate::{
    Outcome,
    shell::{files, read, root},
};
use std::{fs, path::Path};

/// The only folders that may tell operating systems apart, and the only ones that may be `unsafe`.
const SYSTEM_FOLDERS: [&str; 2] = ["crates/tapmap-capture/src/os", "crates/tapmap/src/service"];

/// Words that tell systems apart inside `cfg`.
const SYSTEM_WORDS: [&str; 5] = ["target_os", "target_family", "target_arch", "unix", "windows"];

/// What must not stand in the crate that only holds words and pure state.
const NOT_IN_CORE: [&str; 9] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "SystemTime::now",
    "println!",
    "serde",
];

/// Ways to reach out to another computer, and where they may stand: nowhere but in the client that
/// asks the running instance, and in tests.
const REACHING_OUT: [&str; 4] = ["TcpStream::connect", "UdpSocket::bind", "lookup_host", "to_socket_addrs("];
const MAY_REACH_OUT: [&str; 1] = ["crates/tapmap/src/client.rs"];

/// Files that are neither text nor small, and may be there: folders of data and pictures.
const DATA_FOLDERS: [&str; 5] =
    ["crates/tapmap-geodata/data", "crates/tapmap-enrich/data", "fixtures", "docs", "ui/public"];
/// The largest file that needs no such folder.
const LARGEST: u64 = 400_000;

/// How many of the largest are printed.
const SHOWN: usize = 10;

/// Checks the whole repository.
///
/// # Errors
/// With the number of findings, when there are any; each has been printed.
pub(crate) fn tidy() -> Outcome {
    let mut findings = Vec::new();
    let mut sizes = Vec::new();
    let mut functions = Vec::new();
    for file in files()? {
        let path = file.to_string_lossy().replace('\\', "/");
        let size = fs::metadata(root().join(&file)).map_or(0, |metadata| metadata.len());
        if size > LARGEST && !starts_with_any(&path, &DATA_FOLDERS) && !path.ends_with("lock.json") {
            findings.push(format!("{path}: {size} bytes are too many outside the folders of data"));
        }
        if !is_source(&path) {
            continue;
        }
        let text = read(&root().join(&file))?;
        findings.extend(check(&path, &text));
        sizes.push((text.lines().count(), path.clone()));
        if extension(&path) == "rs" {
            functions.extend(
                functions::lengths(&text).into_iter().map(|(lines, name)| (lines, format!("{path}: {name}"))),
            );
        }
    }
    print_largest("files", sizes);
    print_largest("functions", functions);
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() { Ok(()) } else { Err(format!("{} findings", findings.len())) }
}

fn print_largest(what: &str, mut sizes: Vec<(usize, String)>) {
    sizes.sort_by(|left, right| right.cmp(left));
    println!("largest {what}, in lines:");
    for (lines, name) in sizes.iter().take(SHOWN) {
        println!("{lines:>6}  {name}");
    }
}

/// Whether it is source text of ours.
fn is_source(path: &str) -> bool {
    let ours = ["crates/", "xtask/", "fuzz/", "tests/", "ui/"].iter().any(|folder| path.starts_with(folder));
    let generated = path == "ui/src/api/schema.ts";
    ours && !generated && matches!(extension(path), "rs" | "ts" | "svelte" | "mjs")
}

/// What stands after the last dot of a path's name; empty when there is none.
fn extension(path: &str) -> &str {
    Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

fn starts_with_any(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

/// What is out of place in one file.
fn check(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let mut find = |line: usize, problem: &str| findings.push(format!("{path}:{line}: {problem}"));
    if !opens_with_purpose(path, text) {
        find(1, "the file does not begin by saying what it is for");
    }
    if path.ends_with("/mod.rs") {
        find(1, "write foo.rs beside foo/ instead of foo/mod.rs");
    }
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if has_undated_todo(line) {
            find(number, "a TODO needs a date: TODO(2026-12-31)");
        }
        if extension(path) == "rs" && !is_comment(line) {
            for problem in check_rust_line(path, line) {
                find(number, &problem);
            }
        }
    }
    findings
}

/// What is out of place in one line of Rust.
fn check_rust_line(path: &str, line: &str) -> Vec<String> {
    let mut problems = Vec::new();
    // This crate names what it looks for.
    if path.starts_with("xtask/") {
        return problems;
    }
    // Tests and build scripts run on the developer's system and may look at it.
    let system = starts_with_any(path, &SYSTEM_FOLDERS) || !path.contains("/src/") || is_test(path);
    if !system && line.contains("cfg") && SYSTEM_WORDS.iter().any(|word| has_word(line, word)) {
        problems.push(format!("systems are told apart only in {}", SYSTEM_FOLDERS.join(" and ")));
    }
    let is_unsafe =
        ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"].iter().any(|form| line.contains(form));
    if !system && is_unsafe {
        problems.push(format!("unsafe code stands only in {}", SYSTEM_FOLDERS.join(" and ")));
    }
    if path.starts_with("crates/tapmap-core/src") {
        let found = NOT_IN_CORE.iter().filter(|word| line.contains(**word));
        problems.extend(found.map(|word| format!("{word} has no place in the crate of words")));
    }
    if !starts_with_any(path, &MAY_REACH_OUT) && !is_test(path) {
        let found = REACHING_OUT.iter().filter(|way| line.contains(**way));
        problems.extend(found.map(|way| format!("{way} reaches out; the program asks nobody anything")));
    }
    problems
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/")
        || path.ends_with("tests.rs")
        || path.starts_with("tests/")
        || path.contains("/benches/")
}

/// Whether `word` stands in the line by itself, not as part of another.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let inside = |character: Option<char>| character.is_some_and(|it| it.is_alphanumeric() || it == '_');
        !inside(before) && !inside(after)
    })
}

fn has_undated_todo(line: &str) -> bool {
    let marks = ["TODO", "FIXME"];
    marks.iter().any(|mark| has_word(line, mark) && !line.contains(&format!("{mark}(20"))) && is_comment(line)
}

/// Whether the first line that is not a directive is a comment that says something.
fn opens_with_purpose(path: &str, text: &str) -> bool {
    let Some(first) = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!")) else {
        return true;
    };
    let openings: &[&str] = match extension(path) {
        "rs" => &["//!"],
        "svelte" => &["<!--", "<script", "//"],
        _ => &["//", "/*"],
    };
    openings.iter().any(|opening| first.starts_with(opening))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, line: &str) -> usize {
        check(path, &format!("//! What it is for.\n{line}\n")).len()
    }

    #[test]
    fn systems_are_told_apart_in_their_folders_only() {
        let line = "#[cfg(target_os = \"linux\")]";
        assert_eq!(findings("crates/tapmap-web/src/router.rs", line), 1);
        assert_eq!(findings("crates/tapmap-capture/src/os.rs", line), 0);
        assert_eq!(findings("crates/tapmap-capture/src/os/linux.rs", line), 0);
        assert_eq!(findings("crates/tapmap-web/src/router.rs", "#[cfg(test)] // windows_of_time"), 0);
    }

    #[test]
    fn the_crate_of_words_touches_nothing() {
        assert_eq!(findings("crates/tapmap-core/src/live.rs", "use std::fs;"), 1);
        assert_eq!(findings("crates/tapmap-core/src/live.rs", "// std::fs would be wrong here"), 0);
    }

    #[test]
    fn a_todo_has_a_date() {
        assert_eq!(findings("crates/tapmap/src/main.rs", "// TODO: more"), 1);
        assert_eq!(findings("crates/tapmap/src/main.rs", "// TODO(2026-12-31): more"), 0);
    }

    #[test]
    fn a_file_says_what_it_is_for() {
        assert!(!opens_with_purpose("crates/x/src/a.rs", "use std::fs;\n"));
        assert!(opens_with_purpose("ui/src/a.ts", "// The first view.\n"));
        assert!(!opens_with_purpose("ui/src/a.ts", "import x from 'y';\n"));
    }
}

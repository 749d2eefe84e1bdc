//! Which licences the parts by others may have. Every package of Rust and of the page is held
//! against one list; one that offers a choice needs only one licence of the list.

use crate::{
    Outcome,
    dependencies::metadata,
    shell::{read, root},
};
use serde_json::Value;

/// Licences (SPDX) that let the program be given on under its own.
const ALLOWED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BlueOak-1.0.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Python-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages under another licence, and why that is no hindrance.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("lightningcss", "MPL-2.0; used only to build the page, no part of it"),
    ("axe-core", "MPL-2.0; used only in tests"),
    ("caniuse-lite", "CC-BY-4.0; used only to build the page, no part of it"),
];

/// Holds every package against the list.
///
/// # Errors
/// With the packages whose licence is not in it.
pub(crate) fn check() -> Outcome {
    let mut packages = rust_packages(&metadata()?);
    packages.extend(page_packages(&root())?);
    let refused: Vec<String> = packages
        .iter()
        .filter(|(name, licence)| !is_allowed(licence) && !is_exception(name))
        .map(|(name, licence)| format!("{name} ({licence})"))
        .collect();
    println!("{} packages", packages.len());
    if refused.is_empty() {
        Ok(())
    } else {
        Err(format!("not in the list of licences: {}", refused.join(", ")))
    }
}

fn is_exception(name: &str) -> bool {
    EXCEPTIONS.iter().any(|(package, _)| name == *package || name.starts_with(&format!("{package}-")))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("none")
}

fn rust_packages(metadata: &Value) -> Vec<(String, String)> {
    let packages = metadata.get("packages").and_then(Value::as_array);
    let pair = |package: &Value| (text(package, "name").to_owned(), text(package, "license").to_owned());
    packages.into_iter().flatten().map(pair).collect()
}

fn page_packages(root: &std::path::Path) -> Result<Vec<(String, String)>, String> {
    let lock: Value = serde_json::from_str(&read(&root.join("ui/package-lock.json"))?)
        .map_err(|error| format!("ui/package-lock.json: {error}"))?;
    let packages = lock.get("packages").and_then(Value::as_object);
    let named = packages.into_iter().flatten().filter(|(path, _)| !path.is_empty());
    let name = |path: &str| path.rsplit("node_modules/").next().unwrap_or(path).to_owned();
    Ok(named.map(|(path, package)| (name(path), text(package, "license").to_owned())).collect())
}

/// Whether an SPDX expression can be fulfilled with licences of the list.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, broken: false };
    reader.any() && reader.words.is_empty() && !reader.broken
}

/// Reads `A OR B AND (C OR D)`; AND binds more strongly.
struct Reader<'a> {
    words: &'a [&'a str],
    /// Whether a licence was missing where one must stand.
    broken: bool,
}

impl Reader<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn any(&mut self) -> bool {
        let mut allowed = self.all();
        while self.take("OR") {
            allowed |= self.all();
        }
        allowed
    }

    fn all(&mut self) -> bool {
        let mut allowed = self.one();
        while self.take("AND") {
            allowed &= self.one();
        }
        allowed
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let allowed = self.any();
            return self.take(")") && allowed;
        }
        let [licence, rest @ ..] = self.words else {
            self.broken = true;
            return false;
        };
        let mut licence = (*licence).to_owned();
        self.words = rest;
        if self.take("WITH")
            && let [exception, rest @ ..] = self.words
        {
            licence = format!("{licence} WITH {exception}");
            self.words = rest;
        }
        ALLOWED.contains(&licence.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_needs_one_and_a_sum_needs_all() {
        for allowed in ["MIT", "MIT OR GPL-3.0", "MIT/Apache-2.0", "(MIT OR X) AND Unicode-3.0"] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in ["GPL-3.0", "MIT AND GPL-3.0", "", "(MIT", "MIT OR"] {
            assert!(!is_allowed(refused), "{refused}");
        }
        assert!(is_allowed("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
    }
}

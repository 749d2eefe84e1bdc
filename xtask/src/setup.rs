//! Installs what a fresh machine lacks, from the system's own packages, and the page's packages by
//! their lock file. Changes nothing where everything is there.

use crate::{
    Outcome,
    shell::{command, has, npm, output, root, run, variable},
};
use std::fs;

/// A program the tests need, the package that brings it, and what it is for.
const NEEDED: [(&[&str], &str, &str); 6] = [
    (&["chromium", "chromium-browser", "google-chrome"], "chromium", "the browser tests"),
    (&["ip"], "iproute2", "the end-to-end test on a network of its own"),
    (&["python3"], "python3", "the measurement of the whole recorder"),
    (&["git"], "git", "the list of files to check"),
    (&["clang"], "clang", "the programs that run inside the kernel"),
    (&["llvm-strip"], "llvm", "the programs that run inside the kernel"),
];

/// The oldest Node.js that builds the page.
const NODE: (u32, u32) = (20, 19);

/// Installs what is missing of the system's packages.
///
/// # Errors
/// With one sentence that says what to install, when it cannot be done here.
pub(crate) fn system_packages() -> Outcome {
    let missing: Vec<_> =
        NEEDED.iter().filter(|(programs, _, _)| !programs.iter().any(|program| has(program))).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|(_, package, _)| *package).collect();
    let why: Vec<&str> = missing.iter().map(|(_, _, what_for)| *what_for).collect();
    let please = format!("please install {} (for {})", packages.join(", "), why.join(", "));
    if !has("apt-get") {
        return Err(format!("{please}: this system has no apt-get, so it cannot be done for you"));
    }
    let prefix: &[&str] = match user_id().as_deref() {
        Some("0") => &[],
        _ if has("sudo") => &["sudo", "-n"],
        _ => return Err(format!("{please}: it needs root, and there is no sudo")),
    };
    let install = ["apt-get", "install", "-y", "--no-install-recommends"];
    for words in [&["apt-get", "update"][..], &[&install[..], &packages].concat()] {
        let words = [prefix, words].concat();
        let [program, arguments @ ..] = words.as_slice() else { continue };
        let mut install = command(program, arguments);
        install.env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut install).map_err(|problem| format!("{please}: {problem}"))?;
    }
    Ok(())
}

fn user_id() -> Option<String> {
    output(&mut command("id", &["-u"])).ok().map(|text| text.trim().to_owned())
}

/// Installs the page's packages as the lock file says, when they are not there yet.
///
/// # Errors
/// When Node.js is missing or too old, or npm fails.
pub(crate) fn page_packages() -> Outcome {
    let wanted =
        format!("please install Node.js {}.{} or newer, with npm, from https://nodejs.org", NODE.0, NODE.1);
    if !has("node") || !has("npm") {
        return Err(wanted);
    }
    let version = output(&mut command("node", &["--version"]))?;
    if node_version(&version).is_none_or(|found| found < NODE) {
        return Err(format!("{wanted}: this is {}", version.trim()));
    }
    let modified =
        |path: &str| fs::metadata(root().join("ui").join(path)).and_then(|file| file.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    let mut install = npm(&["ci", "--no-audit", "--no-fund", "--prefer-offline"]);
    if variable("CI").is_none() {
        install.arg("--loglevel=error");
    }
    run(&mut install)
}

/// Major and minor of `v20.19.1`.
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_compare_by_number() {
        assert_eq!(node_version("v20.19.1\n"), Some((20, 19)));
        assert!(node_version("v9.20.0").unwrap() < NODE);
        assert!(node_version("v24.0.0").unwrap() >= NODE);
        assert_eq!(node_version("20"), None);
    }
}

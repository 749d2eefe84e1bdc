//! `cargo xtask codegen`: `openapi.json` out of the code, and the page's types out of that. Both are
//! checked in, so that a change of the contract is seen as a change of text.

use crate::{
    Outcome, setup,
    shell::{cargo, npm, output, read, root, run, target},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The contract, from the root of the repository.
const CONTRACT: &str = "openapi.json";
/// The page's types, from the root of the repository.
const TYPES: &str = "ui/src/api/schema.ts";

/// Makes both files.
///
/// # Errors
/// When a program fails or a file cannot be written.
pub(crate) fn write() -> Outcome {
    setup::page_packages()?;
    let contract = root().join(CONTRACT);
    fs::write(&contract, make_contract()?)
        .map_err(|error| format!("{CONTRACT} cannot be written: {error}"))?;
    make_types(&contract, &root().join(TYPES))
}

/// Makes both files elsewhere and compares.
///
/// # Errors
/// When one of them is not current.
pub(crate) fn check() -> Outcome {
    if read(&root().join(CONTRACT))? != make_contract()? {
        return Err(stale(CONTRACT));
    }
    let made = made_types_path()?;
    make_types(&root().join(CONTRACT), &made)?;
    if read(&root().join(TYPES))? == read(&made)? { Ok(()) } else { Err(stale(TYPES)) }
}

fn stale(file: &str) -> String {
    format!("{file} is not what the code makes; run `cargo xtask codegen` and look at the difference")
}

/// The contract as the program prints it.
fn make_contract() -> Result<String, String> {
    output(cargo(&["run", "--quiet", "--package", "tapmap", "--", "openapi"]).env("TAPMAP_UI", "stub"))
}

fn made_types_path() -> Result<PathBuf, String> {
    let folder = target().join("xtask");
    fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    Ok(folder.join("schema.ts"))
}

fn make_types(contract: &Path, to: &Path) -> Outcome {
    let (from, to) = (contract.to_string_lossy(), to.to_string_lossy());
    let mut command = npm(&["exec", "--offline", "--", "openapi-typescript", &from, "--output", &to]);
    run(command.stdout(std::process::Stdio::null()))
}

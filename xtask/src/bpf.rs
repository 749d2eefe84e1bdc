//! `cargo xtask bpf`: compiles the programs that run inside the kernel. The result is checked in, so
//! only who changes them needs clang; `--check` holds the two against each other.

use crate::{
    Outcome,
    shell::{command, output, root, run, target},
};
use std::{fs, path::Path};

/// Where the programs are, and what is made of them.
const FOLDER: &str = "crates/tapmap-capture/bpf";
const SOURCE: &str = "tapmap.bpf.c";
const OBJECT: &str = "tapmap.bpf.o";

/// The compiler that made the object in the repository: another one writes other bytes.
const COMPILER: &str = "clang version 14.";

/// One little-endian object serves every machine that we build for; nothing of the folder's path gets into it.
const FLAGS: [&str; 9] = [
    "--target=bpfel",
    "-mcpu=v3",
    "-O2",
    "-g",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-fdebug-compilation-dir=.",
    "-c",
];

/// Compiles the programs anew.
///
/// # Errors
/// When clang or llvm-strip are missing or fail.
pub(crate) fn write() -> Outcome {
    compile(&root().join(FOLDER).join(OBJECT))
}

/// Compiles them and compares the result with the object in the repository, byte for byte.
///
/// # Errors
/// When they differ, or cannot be compiled.
pub(crate) fn check() -> Outcome {
    let folder = target().join("xtask");
    let fresh = folder.join(OBJECT);
    let cannot = |error: std::io::Error| format!("{} cannot be made: {error}", fresh.display());
    fs::create_dir_all(&folder).map_err(cannot)?;
    compile(&fresh)?;
    let version = output(&mut command("clang", &["--version"]))?;
    let version = version.lines().next().unwrap_or_default();
    if !version.contains(COMPILER) {
        println!("compiled by {version}; only {COMPILER}x writes the bytes that are in the repository");
        return Ok(());
    }
    let kept = fs::read(root().join(FOLDER).join(OBJECT)).map_err(cannot)?;
    if fs::read(&fresh).map_err(cannot)? == kept {
        println!("{} bytes, as {version} compiles them", kept.len());
        return Ok(());
    }
    Err(format!("{FOLDER}/{OBJECT} is not what {SOURCE} compiles to; run `cargo xtask bpf`"))
}

fn compile(to: &Path) -> Outcome {
    let to = to.to_str().ok_or("the folder's path is not text")?;
    let in_folder = |program: &str, arguments: &[&str]| {
        let mut command = command(program, arguments);
        command.current_dir(root().join(FOLDER));
        command
    };
    run(&mut in_folder("clang", &[&FLAGS[..], &[SOURCE, "-o", to]].concat()))?;
    run(&mut in_folder("llvm-strip", &["-g", to]))
}

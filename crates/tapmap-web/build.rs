//! Puts the page into the program: builds it with npm where that is needed and possible, and writes
//! the table of its files. Uses nothing but the standard library.

#[path = "build/media_type.rs"]
mod media_type;
#[path = "build/plan.rs"]
mod plan;

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use plan::{Found, Plan, Wish};

/// Parts of `ui/` that are not sources of the page: made from them, or only for its tests.
const NOT_SOURCES: [&str; 7] =
    ["node_modules", "dist", "generated", "e2e", "test", "test-results", "README.md"];
/// The one page of a program built without a page.
const STUB: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>TapMap</title>\n\
    <h1>TapMap runs, without its page</h1>\n\
    <p>This program was built with TAPMAP_UI=stub. Its interface is at \
    <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p>\n";

fn main() {
    if let Err(lines) = run() {
        for line in lines {
            println!("cargo::error={line}");
        }
    }
}

/// Does it all; fails with the lines to show.
fn run() -> Result<(), Vec<String>> {
    let home = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let dist = home.join("dist");
    let ui = home.join("../../ui");
    println!("cargo::rerun-if-env-changed=TAPMAP_UI");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let word = variable("TAPMAP_UI");
    let wish = plan::wish(&word)
        .ok_or_else(|| vec![format!("TAPMAP_UI is `{word}`; it may be `auto`, `prebuilt` or `stub`")])?;
    if wish != Wish::Stub {
        println!("cargo::rerun-if-changed={}", dist.display());
    }
    let sources = if wish == Wish::Stub { Vec::new() } else { sources_of(&ui) };
    for source in &sources {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    let found = Found {
        sources: sources.iter().filter_map(|source| newest(source)).max(),
        built: modified(&dist.join("index.html")),
        npm: wish == Wish::Auto && answers(&npm(&ui).arg("--version").output()).is_some(),
    };
    let table = match plan::plan(wish, found) {
        Plan::Stub => stub_table(),
        Plan::Embed => table_of(&dist)?,
        Plan::EmbedOld => {
            println!("cargo::warning=the page in crates/tapmap-web/dist is older than its sources in ui/");
            table_of(&dist)?
        }
        Plan::Build => {
            build(&ui, &dist)?;
            table_of(&dist)?
        }
        Plan::Stop => return Err(ways_out(wish)),
    };
    let out = PathBuf::from(variable("OUT_DIR")).join("assets.rs");
    fs::write(&out, table).map_err(|error| vec![format!("failed to write {}: {error}", out.display())])
}

/// A variable that cargo or the user sets for the build; empty when not set.
#[expect(clippy::disallowed_methods, reason = "a build script is told everything by variables")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn ways_out(wish: Wish) -> Vec<String> {
    let why = match wish {
        Wish::Prebuilt => "TAPMAP_UI=prebuilt, and crates/tapmap-web/dist holds no page",
        _ => "the page is not built, and npm was not found to build it",
    };
    vec![
        format!("{why}. Ways out:"),
        "1. install Node.js 20.19 or newer (it brings npm; https://nodejs.org) and build again;".to_owned(),
        "2. unpack a release's page into crates/tapmap-web/dist and build again;".to_owned(),
        "3. build with TAPMAP_UI=stub: the program without its page, for work on the rest.".to_owned(),
    ]
}

/// The files and folders that the page is built from; empty outside a checkout.
fn sources_of(ui: &Path) -> Vec<PathBuf> {
    if !ui.join("package.json").is_file() {
        return Vec::new();
    }
    let entries = fs::read_dir(ui).into_iter().flatten().filter_map(Result::ok);
    let is_source = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && !NOT_SOURCES.contains(&&*name)
    };
    entries.map(|entry| entry.path()).filter(is_source).collect()
}

/// When the newest file at or below a path changed.
fn newest(path: &Path) -> Option<SystemTime> {
    if path.is_file() {
        return modified(path);
    }
    let entries = fs::read_dir(path).ok()?.filter_map(Result::ok);
    entries.filter_map(|entry| newest(&entry.path())).max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn npm(ui: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(if ui.is_dir() { ui } else { Path::new(".") });
    command
}

/// What a command answered, when it could be run and did not fail.
fn answers(output: &io::Result<std::process::Output>) -> Option<String> {
    let output = output.as_ref().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Installs what the page needs, when that is missing or older than the lock file, and builds it.
fn build(ui: &Path, dist: &Path) -> Result<(), Vec<String>> {
    let version = answers(&Command::new("node").arg("--version").output()).unwrap_or_default();
    if !plan::node_is_new_enough(&version) {
        let found = if version.trim().is_empty() { "none".to_owned() } else { version.trim().to_owned() };
        return Err(vec![format!(
            "building the page needs Node.js 20.19 or 22.12 or newer (https://nodejs.org), found {found}; \
             or build with TAPMAP_UI=stub to leave the page out"
        )]);
    }
    let installed = modified(&ui.join("node_modules/.package-lock.json"));
    if installed.is_none() || installed < modified(&ui.join("package-lock.json")) {
        npm_run(ui, &["ci", "--no-audit", "--no-fund"])?;
    }
    npm_run(ui, &["run", "build"])?;
    if dist.join("index.html").is_file() {
        Ok(())
    } else {
        Err(vec![
            "`npm run build` in ui/ ended well but left no crates/tapmap-web/dist/index.html".to_owned(),
        ])
    }
}

fn npm_run(ui: &Path, arguments: &[&str]) -> Result<(), Vec<String>> {
    let what = format!("`npm {}` in ui/", arguments.join(" "));
    let output =
        npm(ui).args(arguments).output().map_err(|error| vec![format!("failed to run {what}: {error}")])?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut shown = vec![format!("{what} failed; its last lines:")];
    shown.extend(lines.iter().skip(lines.len().saturating_sub(30)).map(|line| format!("  {line}")));
    Err(shown)
}

fn stub_table() -> String {
    let digest = digest(STUB.as_bytes());
    format!(
        "static FILES: &[File] = &[File {{ path: \"/index.html\", media_type: \"text/html; charset=utf-8\", \
         etag: \"W/\\\"{digest:016x}\\\"\", immutable: false, raw: {STUB:?}.as_bytes(), brotli: None, gzip: None }}];\n"
    )
}

/// The table of the files below a folder, in the order of their paths.
fn table_of(dist: &Path) -> Result<String, Vec<String>> {
    let mut files = Vec::new();
    collect(dist, &mut files).map_err(|error| vec![format!("failed to read {}: {error}", dist.display())])?;
    files.sort();
    let mut table = String::from("static FILES: &[File] = &[\n");
    for file in &files {
        entry(dist, file, &mut table)
            .map_err(|error| vec![format!("failed to read {}: {error}", file.display())])?;
    }
    table.push_str("];\n");
    Ok(table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if !path.extension().is_some_and(|extension| extension == "br" || extension == "gz") {
            files.push(path);
        }
    }
    Ok(())
}

fn entry(dist: &Path, file: &Path, table: &mut String) -> io::Result<()> {
    let relative = file.strip_prefix(dist).unwrap_or(file).to_string_lossy().replace('\\', "/");
    let content = fs::read(file)?;
    let packed = |suffix: &str| {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        let path = PathBuf::from(path);
        let smaller = fs::metadata(&path).is_ok_and(|packed| packed.len() < content.len() as u64);
        if smaller {
            format!("Some(include_bytes!({:?}))", path.display().to_string())
        } else {
            "None".to_owned()
        }
    };
    let written = writeln!(
        table,
        "File {{ path: {:?}, media_type: {:?}, etag: \"W/\\\"{:016x}\\\"\", immutable: {}, raw: include_bytes!({:?}), \
         brotli: {}, gzip: {} }},",
        format!("/{relative}"),
        media_type::media_type(&relative),
        digest(&content),
        relative.starts_with("assets/"),
        file.display().to_string(),
        packed(".br"),
        packed(".gz"),
    );
    written.map_err(io::Error::other)
}

/// Tells contents apart (FNV-1a, 64 bits); nobody is kept out by it.
fn digest(content: &[u8]) -> u64 {
    content.iter().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

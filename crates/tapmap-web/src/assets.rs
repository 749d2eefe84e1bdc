//! The page's files: from inside the program, or from a folder while the page is worked on.

use std::path::{Path, PathBuf};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    guard::page_for_people,
    problem::{Code, Problem},
};

#[path = "../build/media_type.rs"]
mod media_type;
#[cfg(test)]
mod tests;

use media_type::media_type;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// One file of the page, inside the program.
#[derive(Debug)]
struct File {
    path: &'static str,
    media_type: &'static str,
    etag: &'static str,
    /// Its name holds a digest of its content, so it never changes.
    immutable: bool,
    raw: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// Where the page's files come from.
#[derive(Debug)]
pub(crate) enum Assets {
    /// From inside the program.
    Embedded,
    /// From a folder.
    Folder(PathBuf),
}

impl Assets {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        folder.map_or(Self::Embedded, Self::Folder)
    }
}

/// Answers a request for a file of the page.
pub(crate) fn answer(assets: &Assets, method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Problem::new(Code::MethodNotAllowed, "The page's files can only be read.").into_response();
    }
    let path = if path == "/" { "/index.html" } else { path };
    let found = match assets {
        Assets::Embedded => FILES.iter().find(|file| file.path == path).map(|file| embedded(file, headers)),
        Assets::Folder(folder) => from_folder(folder, path),
    };
    let Some(mut response) = found else {
        return page_for_people(&Problem::new(Code::NotFound, "The page has no such file."));
    };
    if *method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

fn embedded(file: &File, headers: &HeaderMap) -> Response {
    let cache = if file.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let fixed = [
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::ETAG, HeaderValue::from_static(file.etag)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if knows(headers, file.etag) {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    let (encoding, body) = choose(file, headers);
    let mut response = (fixed, body).into_response();
    let answered = response.headers_mut();
    answered.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    answered.insert(header::CONTENT_LENGTH, body.len().into());
    if let Some(encoding) = encoding {
        answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Whether the browser has this very content (RFC 9110 §13.1.2; comparison is weak).
fn knows(headers: &HeaderMap, etag: &str) -> bool {
    let offered = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    offered.flat_map(|value| value.split(',')).any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

/// The smallest form that the browser takes.
fn choose(file: &File, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let takes = |coding: &str| accepts(headers, coding);
    match (file.brotli, file.gzip) {
        (Some(brotli), _) if takes("br") => (Some("br"), brotli),
        (_, Some(gzip)) if takes("gzip") => (Some("gzip"), gzip),
        _ => (None, file.raw),
    }
}

/// Whether `Accept-Encoding` allows a coding: named with a weight above 0, else by `*`
/// (RFC 9110 §12.5.3).
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let mut by_star = false;
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    for entry in values.flat_map(|value| value.split(',')) {
        let (name, weight) = entry.split_once(';').unwrap_or((entry, ""));
        let weight =
            weight.trim().strip_prefix("q=").map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
        if name.trim().eq_ignore_ascii_case(coding) {
            return weight > 0.0;
        }
        if name.trim() == "*" {
            by_star = weight > 0.0;
        }
    }
    by_star
}

/// Reads a file below a folder, afresh each time: only while the page is worked on, so it may wait
/// for the disk.
fn from_folder(folder: &Path, path: &str) -> Option<Response> {
    let relative = plain_path(path)?;
    let folder = folder.canonicalize().ok()?;
    let file = folder.join(relative).canonicalize().ok()?;
    if !file.starts_with(&folder) || !file.is_file() {
        return None;
    }
    let content = std::fs::read(file).ok()?;
    let fixed = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, media_type(relative))];
    Some((fixed, content).into_response())
}

/// A path of plain names only: nothing escaped, no name that begins with a dot, no drive, no step up.
fn plain_path(path: &str) -> Option<&str> {
    let relative = path.strip_prefix('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let good = |name: &str| !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain);
    relative.split('/').all(good).then_some(relative)
}

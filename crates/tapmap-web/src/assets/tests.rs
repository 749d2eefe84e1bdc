//! Which encoding, type and path a request for a file of the page gets.

use axum::http::{HeaderMap, header};

use super::{FILES, File, choose, media_type, plain_path};

fn encoding_for(accepted: &str) -> Option<&'static str> {
    let file = File {
        path: "/assets/app.js",
        media_type: "text/javascript; charset=utf-8",
        etag: "W/\"1\"",
        immutable: true,
        raw: b"raw",
        brotli: Some(b"br"),
        gzip: Some(b"gzip"),
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
    let (encoding, body) = choose(&file, &headers);
    assert_eq!(std::str::from_utf8(body), Ok(encoding.unwrap_or("raw")));
    encoding
}

#[test]
fn the_smallest_form_that_is_accepted_is_sent() {
    for (accepted, expected) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip", Some("gzip")),
        ("GZIP;q=0.5", Some("gzip")),
        ("br;q=0, gzip", Some("gzip")),
        ("br; q=0.0, *", Some("gzip")),
        ("*", Some("br")),
        ("*;q=0", None),
        ("identity", None),
        ("", None),
        ("br;q=much", None),
        ("brotli", None),
    ] {
        assert_eq!(encoding_for(accepted), expected, "{accepted}");
    }
}

#[test]
fn only_plain_paths_reach_the_disk() {
    assert_eq!(plain_path("/assets/app-Ab_1.js"), Some("assets/app-Ab_1.js"));
    for bad in ["", "/", "assets", "/a//b", "/.a", "/a/..", "/a%2fb", "/a\\b", "/a:b", "/a\0b", "/a/"] {
        assert_eq!(plain_path(bad), None, "{bad:?}");
    }
}

#[test]
fn what_is_not_known_is_bytes() {
    assert_eq!(media_type("assets/coast.bin"), "application/octet-stream");
    assert_eq!(media_type("index.html"), "text/html; charset=utf-8");
}

#[test]
fn the_program_holds_a_page_and_compressed_forms_are_smaller() {
    assert!(FILES.iter().any(|file| file.path == "/index.html" && !file.immutable));
    for file in FILES {
        for packed in [file.brotli, file.gzip].into_iter().flatten() {
            assert!(packed.len() < file.raw.len(), "{}", file.path);
        }
    }
}

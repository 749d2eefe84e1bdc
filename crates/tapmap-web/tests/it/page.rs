//! The page's files.

use std::fs;

use axum::{
    body::Body,
    http::{StatusCode, header},
};

use crate::support::{Fixture, HOST, Program, builder};

#[tokio::test]
async fn the_page_is_revalidated_by_its_tag() {
    let fixture = Fixture::new();
    let page = fixture.ask("GET", "/").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert_eq!((page.header("cache-control"), page.header("vary")), ("no-cache", "accept-encoding"));
    assert_eq!(page.header("content-length"), page.body.len().to_string());
    let tag = page.header("etag").to_owned();
    let again = builder("GET", "/index.html").header(header::IF_NONE_MATCH, format!("\"other\", {tag}"));
    let again = fixture.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!((again.status, again.body.len(), again.header("etag")), (StatusCode::NOT_MODIFIED, 0, &*tag));
    let changed = builder("GET", "/").header(header::IF_NONE_MATCH, "\"other\"");
    assert_eq!(fixture.send(changed.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let fixture = Fixture::new();
    let (whole, head) = (fixture.ask("GET", "/").await, fixture.ask("HEAD", "/").await);
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.header("content-length"), whole.header("content-length"));
}

#[tokio::test]
async fn nothing_but_the_pages_files_is_there() {
    let fixture = Fixture::new();
    for target in
        ["/nothing", "/assets/", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", "/index.html/"]
    {
        assert_eq!(fixture.ask("GET", target).await.status, StatusCode::NOT_FOUND, "{target}");
    }
}

#[tokio::test]
async fn a_folder_is_served_afresh_and_never_left() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("dist");
    fs::create_dir_all(folder.join("assets")).unwrap();
    fs::write(around.path().join("secret.txt"), "secret").unwrap();
    fs::write(folder.join("index.html"), "<!doctype html>one").unwrap();
    fs::write(folder.join("assets/app.js"), "let one;").unwrap();
    fs::write(folder.join(".hidden"), "hidden").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(around.path().join("secret.txt"), folder.join("link.txt")).unwrap();
    let fixture = Fixture::with(HOST.parse().unwrap(), Program::default(), Some(folder.clone()));
    let script = fixture.ask("GET", "/assets/app.js").await;
    assert_eq!((script.text().as_str(), script.header("cache-control")), ("let one;", "no-store"));
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    fs::write(folder.join("index.html"), "<!doctype html>two").unwrap();
    assert_eq!(fixture.ask("GET", "/").await.text(), "<!doctype html>two");
    let outside = [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..\u{5c}secret.txt",
        "//secret.txt",
        "/.hidden",
        "/link.txt",
        "/assets",
        "/./index.html",
        "/C:/secret.txt",
    ];
    for target in outside {
        let Ok(request) = builder("GET", target).body(Body::empty()) else { continue };
        let answer = fixture.send(request).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{target}");
        assert!(!answer.text().contains("secret"), "{target}");
    }
}

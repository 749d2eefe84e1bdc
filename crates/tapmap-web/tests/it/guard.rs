//! Attacks on the page and its interface.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::support::{Fixture, HOST, TOKEN, builder, change, request};

/// A request with these headers instead of a page's own.
fn with(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn only_this_servers_own_names_are_answered_to() {
    let fixture = Fixture::new();
    for good in ["127.0.0.1:8050", "localhost:8050", "LOCALHOST:8050", "[::1]:8050", "127.0.0.2:8050"] {
        let answer = fixture.send(with("GET", "/api/v1/status", &[("host", good)])).await;
        assert_eq!(answer.status, StatusCode::OK, "{good}");
    }
    let bad = [
        "evil.example:8050",
        "127.0.0.1",
        "127.0.0.1:8051",
        "localhost",
        "localhost.evil.example:8050",
        "127.0.0.1.nip.io:8050",
        "localhost.:8050",
        "0.0.0.0:8050",
        "192.168.1.20:8050",
        "testing:8050",
        "[::1]:8051",
        "[::1",
        "[::ffff:192.0.2.1]:8050",
        "127.0.0.1:8050@evil.example",
        "evil.example:8050#127.0.0.1:8050",
        "127.0.0.1:+8050",
        "127.0.0.1:8050:8050",
        "0x7f000001:8050",
        "2130706433:8050",
        "",
        ":8050",
    ];
    for bad in bad {
        let answer = fixture.send(with("GET", "/api/v1/status", &[("host", bad)])).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::FORBIDDEN, "host_refused".to_owned()),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_missing_or_second_host_is_refused() {
    let fixture = Fixture::new();
    assert_eq!(fixture.send(with("GET", "/api/v1/status", &[])).await.code(), "host_refused");
    let twice = with("GET", "/api/v1/status", &[("host", HOST), ("host", "evil.example")]);
    assert_eq!(fixture.send(twice).await.code(), "host_refused");
    let other_target = with("GET", "http://evil.example:8050/api/v1/status", &[("host", HOST)]);
    assert_eq!(fixture.send(other_target).await.code(), "host_refused");
}

#[tokio::test]
async fn a_rebound_name_gets_nothing_of_the_page_either() {
    let answer = Fixture::new().send(with("GET", "/", &[("host", "evil.example:8050")])).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.text().contains("evil"), "nothing of the request is repeated");
}

#[tokio::test]
async fn other_sites_may_not_ask() {
    let fixture = Fixture::new();
    let origins = [
        "http://evil.example",
        "null",
        "https://127.0.0.1:8050",
        "http://127.0.0.1:9000",
        "http://localhost:8050",
        "http://127.0.0.1:8050.evil.example",
        "",
    ];
    for origin in origins {
        let answer = fixture.send(with("GET", "/api/v1/flows", &[("host", HOST), ("origin", origin)])).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::FORBIDDEN, "origin_refused".to_owned()),
            "{origin}"
        );
    }
    for site in ["cross-site", "same-site", "none, same-origin", ""] {
        let answer =
            fixture.send(with("GET", "/api/v1/flows", &[("host", HOST), ("sec-fetch-site", site)])).await;
        assert_eq!(answer.code(), "origin_refused", "{site}");
    }
    for site in ["same-origin", "none"] {
        let headers = [("host", HOST), ("origin", "http://127.0.0.1:8050"), ("sec-fetch-site", site)];
        assert_eq!(
            fixture.send(with("GET", "/api/v1/flows", &headers)).await.status,
            StatusCode::OK,
            "{site}"
        );
    }
}

#[tokio::test]
async fn a_token_does_not_help_another_site() {
    let request = builder("DELETE", "/api/v1/own-place")
        .header("x-tapmap-token", TOKEN)
        .header(header::ORIGIN, "http://evil.example")
        .body(Body::empty());
    assert_eq!(Fixture::new().send(request.unwrap()).await.code(), "origin_refused");
}

#[tokio::test]
async fn a_link_from_another_site_leads_to_the_page_only() {
    let fixture = Fixture::new();
    let followed = |target| {
        let headers = [
            ("host", HOST),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        with("GET", target, &headers)
    };
    assert_eq!(fixture.send(followed("/")).await.status, StatusCode::OK);
    assert_eq!(fixture.send(followed("/api/v1/flows")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(fixture.send(followed("/open?key=1")).await.status, StatusCode::FORBIDDEN);
    let framed = [
        ("host", HOST),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "iframe"),
    ];
    assert_eq!(fixture.send(with("GET", "/", &framed)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nothing_lets_other_sites_in() {
    let fixture = Fixture::new();
    let preflight =
        [("host", HOST), ("origin", "http://127.0.0.1:8050"), ("access-control-request-method", "PUT")];
    let answer = fixture.send(with("OPTIONS", "/api/v1/own-place", &preflight)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let answer = fixture.ask("GET", "/api/v1/flows").await;
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
}

#[tokio::test]
async fn changing_something_needs_the_token_in_its_header() {
    let fixture = Fixture::new();
    let routes = [
        ("PUT", "/api/v1/own-place", r#"{"latitude":1,"longitude":1}"#),
        ("DELETE", "/api/v1/own-place", ""),
        ("POST", "/api/v1/geo/recheck", "{}"),
        ("POST", "/api/v1/one-time-keys", ""),
        ("PUT", "/api/v1/marks", r#"{"subject":{"of":"port","port":443},"kind":"known"}"#),
        ("POST", "/api/v1/marks/undo", "{}"),
        ("PUT", "/api/v1/preferences", "{}"),
        ("DELETE", "/api/v1/marks?all=true", ""),
    ];
    for (method, target, body) in routes {
        let bare = builder(method, target).header(header::CONTENT_TYPE, "application/json");
        let answer = fixture.send(bare.body(Body::from(body)).unwrap()).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::UNAUTHORIZED, "token_missing".to_owned()),
            "{target}"
        );
        let by_cookie = builder(method, target).header(header::COOKIE, format!("tapmap_token={TOKEN}"));
        let answer = fixture.send(by_cookie.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.code(), "token_missing", "{target}");
        assert_eq!(fixture.send(change(method, target, body)).await.status, StatusCode::OK, "{target}");
    }
}

#[tokio::test]
async fn no_other_token_will_do() {
    let fixture = Fixture::new();
    let upper = TOKEN.to_uppercase();
    let longer = format!("{TOKEN}0");
    for token in ["", "0", &TOKEN[1..], &longer, &upper, "\u{e9}"] {
        let request = builder("DELETE", "/api/v1/own-place").header("x-tapmap-token", token);
        let answer = fixture.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::FORBIDDEN, "token_wrong".to_owned()),
            "{token}"
        );
    }
}

#[test]
fn a_token_holds_nothing_that_a_header_could_not() {
    let secret = "0123456789abcdef0123456789abcdef";
    assert!(tapmap_web::Token::new(secret).is_ok());
    let short = &secret[1..];
    for bad in [short, &format!("{secret}\r\nSet-Cookie: a=b"), &format!("{secret};"), &format!("{short}é")]
    {
        assert!(tapmap_web::Token::new(bad).is_err(), "{bad}");
    }
    assert_eq!(format!("{:?}", tapmap_web::Token::new(secret)), "Ok(Token(…))");
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let fixture = Fixture::new();
    let large = format!(r#"{{"latitude":1,"longitude":1,"x":"{}"}}"#, "x".repeat(20_000));
    let announced = builder("PUT", "/api/v1/own-place")
        .header("x-tapmap-token", TOKEN)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, large.len());
    let answer = fixture.send(announced.body(Body::from(large.clone())).unwrap()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large".to_owned()));
    let answer = fixture.send(change("PUT", "/api/v1/own-place", &large)).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large".to_owned()));
}

#[tokio::test]
async fn a_form_cannot_change_anything() {
    let request = builder("POST", "/api/v1/geo/recheck")
        .header("x-tapmap-token", TOKEN)
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Body::from("{}"));
    let answer = Fixture::new().send(request.unwrap()).await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type".to_owned())
    );
}

#[tokio::test]
async fn a_one_time_key_works_once() {
    let fixture = Fixture::new();
    let path = fixture.app.open_path();
    let answer = fixture.ask("GET", &path).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, &*format!("/#t={TOKEN}")));
    assert_eq!((answer.header("cache-control"), answer.header("set-cookie")), ("no-store", ""));
    let again = fixture.ask("GET", &path).await;
    assert_eq!((again.status, again.header("location")), (StatusCode::FORBIDDEN, ""));
    assert!(!again.text().contains(TOKEN));
}

#[tokio::test]
async fn a_look_ahead_does_not_use_a_key_up() {
    let fixture = Fixture::new();
    let path = fixture.app.open_path();
    assert_eq!(fixture.ask("HEAD", &path).await.header("location"), "");
    let prefetch = [("host", HOST), ("sec-purpose", "prefetch;prerender")];
    assert_eq!(fixture.send(with("GET", &path, &prefetch)).await.header("location"), "");
    assert_eq!(fixture.ask("GET", &path).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn unknown_and_old_keys_do_not_open() {
    let fixture = Fixture::new();
    let oldest = fixture.app.open_path();
    for target in ["/open", "/open?key=", "/open?key=0", "/open?key=%0d%0aSet-Cookie:%20a=b", "/open?other=1"]
    {
        let answer = fixture.ask("GET", target).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (StatusCode::FORBIDDEN, ""), "{target}");
    }
    for _ in 0..32 {
        fixture.app.open_path();
    }
    assert_eq!(fixture.ask("GET", &oldest).await.status, StatusCode::FORBIDDEN, "at most 32 keys wait");
}

#[tokio::test]
async fn a_running_program_gives_a_second_start_a_link() {
    let fixture = Fixture::new();
    let made = fixture.send(change("POST", "/api/v1/one-time-keys", "")).await.json();
    let answer = fixture.ask("GET", made["path"].as_str().unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn beyond_loopback_everything_needs_the_token() {
    let fixture = Fixture::bound_to("0.0.0.0:8050");
    assert!(fixture.app.is_beyond_loopback());
    for target in
        ["/api/v1/flows", "/api/v1/snapshot", "/api/v1/stream", "/api/v1/openapi.json", "/", "/assets/app.js"]
    {
        let answer = fixture.ask("GET", target).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{target}");
    }
    let by_header = with("GET", "/api/v1/flows", &[("host", "192.168.1.20:8050"), ("x-tapmap-token", TOKEN)]);
    assert_eq!(fixture.send(by_header).await.status, StatusCode::OK);
    let wrong =
        with("GET", "/api/v1/flows", &[("host", "testing.local:8050"), ("cookie", "tapmap_token=wrong")]);
    assert_eq!(fixture.send(wrong).await.code(), "token_wrong");
    let rebound = with("GET", "/api/v1/flows", &[("host", "evil.example:8050"), ("x-tapmap-token", TOKEN)]);
    assert_eq!(fixture.send(rebound).await.code(), "host_refused");
}

#[tokio::test]
async fn beyond_loopback_the_link_gives_a_cookie_for_reading() {
    let fixture = Fixture::bound_to("[::]:8050");
    let opened = fixture.ask("GET", &fixture.app.open_path()).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let cookie = opened.header("set-cookie");
    assert_eq!(cookie, format!("tapmap_token={TOKEN}; Path=/; HttpOnly; SameSite=Strict"));
    let cookie = format!("other=1; {}", cookie.split(';').next().unwrap());
    let read = with("GET", "/api/v1/flows", &[("host", "testing:8050"), ("cookie", &cookie)]);
    assert_eq!(fixture.send(read).await.status, StatusCode::OK);
    let changed = with("DELETE", "/api/v1/own-place", &[("host", "testing:8050"), ("cookie", &cookie)]);
    assert_eq!(fixture.send(changed).await.code(), "token_missing");
}

#[tokio::test]
async fn every_answer_carries_the_defence() {
    let fixture = Fixture::new();
    let refused = with("GET", "/api/v1/status", &[("host", "evil.example")]);
    let answers = [
        fixture.ask("GET", "/").await,
        fixture.ask("GET", "/nothing").await,
        fixture.ask("GET", "/api/v1/status").await,
        fixture.ask("GET", &fixture.app.open_path()).await,
        fixture.send(refused).await,
        fixture.send(request("GET", "/api/v1/nothing")).await,
    ];
    for answer in answers {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(
            policy.contains("require-trusted-types-for 'script'; trusted-types svelte-trusted-html"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
}

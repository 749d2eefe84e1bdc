//! The grammar, by examples and by what must hold for any text. Whether SQL agrees is tested where SQL is.

use super::{Filter, FilterError, Pattern, Test};
use crate::{Day, Direction, Event, Facet, Protocol, Reason, ReasonKind, Timestamp};
use std::time::Duration;

fn parse(text: &str) -> Filter {
    Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    Filter::parse(text).expect_err(text).to_string()
}

#[test]
fn every_field_is_read() {
    let filter = parse(
        "app:firefox name:*.example.org country:NO,SE city:Oslo operator:\"Deutsche Telekom\" user:ann \
         asn:13335,AS15169 address:192.0.2.0/24,2001:db8::1 port:443,8000-8999 protocol:UDP direction:in \
         scope:public since:1h hello",
    );
    assert_eq!(filter.terms.len(), 14);
    assert!(filter.terms.iter().all(|term| !term.negated));
    assert_eq!(filter.terms[4].test, Test::Operator(vec![Pattern::new("Deutsche Telekom")]));
    assert_eq!(filter.terms[9].test, Test::Protocol(Protocol::Udp));
    assert_eq!(filter.terms[10].test, Test::Direction(Direction::Inbound));
    assert_eq!(filter.terms[12].test, Test::Since(Duration::from_hours(1)));
    assert_eq!(filter.terms[13].test, Test::Text(Pattern::new("hello")));
}

#[test]
fn a_minus_turns_a_term_round() {
    let filter = parse("-country:NO -text");
    assert!(filter.terms.iter().all(|term| term.negated));
    assert_eq!(parse(" \t ").terms, []);
}

#[test]
fn an_address_is_no_field() {
    assert_eq!(parse("fe80::1").terms[0].test, Test::Text(Pattern::new("fe80::1")));
    assert_eq!(parse("\"a:b\"").terms[0].test, Test::Text(Pattern::new("a:b")));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases = [
        ("app:x prot:443", "character 7: there is no field \"prot\"; there are app, name, "),
        ("port:99999", "character 6: expected a port or a range, as in 443 or 8000-8999"),
        ("port:443,http", "character 10: expected a port"),
        ("port:9-3", "character 6: expected a port"),
        ("protocol:tcp,udp", "character 14: only one value may stand here"),
        ("app:", "character 5: here a value is missing; \"\" means: not known"),
        ("app:a,,b", "character 7: here a value is missing"),
        ("app:\"a", "character 5: the quotation that begins here does not end"),
        ("app:\"a\"b", "character 8: a blank is missing"),
        ("app:\"a\\n\"", "character 8: after \\ only"),
        ("app:a\"b", "character 6: a quotation mark may only stand around a whole value"),
        ("since:1y", "character 7: expected a time"),
        ("since:-1h", "character 7: expected a time"),
        ("asn:x", "character 5: expected a number"),
        ("address:192.0.2.1/24", "character 9: expected an address"),
        ("scope:world", "character 7: expected a scope"),
        ("-", "character 2: here a text to look for is missing"),
        ("ä app:", "character 7: here a value is missing"),
    ];
    for (text, expected) in cases {
        let told = refused(text);
        assert!(told.starts_with(expected), "{text}: {told}");
    }
    assert!(
        matches!(Filter::parse(&"x ".repeat(101)), Err(FilterError { problem, .. }) if problem.contains("100"))
    );
    assert!(refused(&"x".repeat(5000)).contains("4096 bytes"));
}

#[test]
fn patterns_fit_as_a_whole_and_without_case() {
    for (pattern, text, fits) in [
        ("firefox", Some("Firefox"), true),
        ("fire", Some("Firefox"), false),
        ("fire*", Some("Firefox"), true),
        ("*.example.org", Some("www.example.org"), true),
        ("*.example.org", Some("example.org"), false),
        ("*a*a", Some("a"), false),
        ("a*a", Some("a"), false),
        ("a*b*c", Some("a1b2c"), true),
        ("*", Some(""), true),
        ("*", None, false),
        ("", None, true),
        ("", Some(""), false),
        ("ÄPFEL", Some("äpfel"), true),
    ] {
        assert_eq!(Pattern::new(pattern).fits(text), fits, "{pattern} on {text:?}");
    }
    assert!(Pattern::new("fox").is_within("Firefox"));
    assert!(Pattern::new("f*x").is_within("a Firefox!"));
    assert!(!Pattern::new("x*f").is_within("Firefox"));
}

/// Texts made of pieces of the language in every order: all are read or refused with a place in them.
#[test]
fn no_text_breaks_the_reader() {
    const PIECES: [&str; 12] = ["-", "app", ":", ",", "\"", "\\", " ", "*", "é", "443", "since:1h", "/"];
    let mut number = 1_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PIECES[usize::try_from(number >> 40).unwrap() % PIECES.len()]);
        }
        if let Err(error) = Filter::parse(&text) {
            assert!((1..=text.chars().count() + 1).contains(&error.position), "{text}: {error}");
        }
    }
}

#[test]
fn events_are_chosen_by_who_what_and_when() {
    let reason = |kind, facet, value: &str| Reason {
        kind,
        facet,
        value: value.into(),
        returned_after: None,
        flows: 1,
    };
    let event = Event {
        day: Day(20_000),
        at: Some(Timestamp::from_millis(3_600_000)),
        app: Some("sshd".into()),
        reasons: vec![
            reason(ReasonKind::Used, Facet::Country, "NO"),
            reason(ReasonKind::Listening(Protocol::Tcp), Facet::Port, "22"),
        ],
    };
    let now = Timestamp::from_millis(2 * 3_600_000);
    let asked = |text: &str| parse(text).fits_event(&event, Timestamp::from_millis(0), now);
    for text in [
        "",
        "app:SSH*",
        "country:SE,NO",
        "port:20-30",
        "protocol:tcp",
        "direction:out",
        "since:1h",
        "ssh",
        "-name:x",
    ] {
        assert!(asked(text), "{text}");
    }
    for text in ["app:ssh", "-country:NO", "port:23", "protocol:udp", "direction:in", "since:59m", "telnet"] {
        assert!(!asked(text), "{text}");
    }
    assert_eq!(parse("app:other user:ann").not_of_events(), Some("user"));
    assert_eq!(parse("app:other ann since:1d").not_of_events(), None);
}

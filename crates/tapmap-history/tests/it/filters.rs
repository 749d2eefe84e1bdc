//! SQL and core's own look at a record agree, on made-up flows and made-up filters.

use crate::support::*;
use proptest::prelude::*;
use std::ops::ControlFlow;
use tapmap_core::{Direction, Filter, FlowQuery, HistoryStore, Protocol, Retention};

/// Terms over the values that the flows have, and some that none has.
fn term() -> impl Strategy<Value = String> {
    let app = prop::sample::select(vec!["app:firefox", "app:fire*", "app:curl,wget", "app:\"\"", "app:*"]);
    let place = prop::sample::select(vec![
        "country:no",
        "country:NO,FR",
        "country:\"\"",
        "city:os*",
        "operator:telenor",
        "operator:EXAMPLE-64501",
        "operator:\"\"",
        "asn:64500,64502",
        "scope:public",
        "scope:lan,local",
    ]);
    let address = prop::sample::select(vec![
        "address:8.8.0.0/16",
        "address:8.8.8.3",
        "address:2001:db9::/32",
        "port:443",
        "port:53,8000-9000",
        "protocol:udp",
        "direction:in",
    ]);
    let name = prop::sample::select(vec![
        "name:*.example.org",
        "name:a.example.org",
        "name:\"\"",
        "user:ann",
        "user:\"\"",
    ]);
    let text = prop::sample::select(vec![
        "fox", "exam*org", "8.8", "oslo", "or", "since:5m", "since:1d", "since:0s",
    ]);
    (prop_oneof![app, place, address, name, text], any::<bool>())
        .prop_map(|(term, negated)| if negated { format!("-{term}") } else { term.to_owned() })
}

fn made_up() -> impl Strategy<Value = (u8, u8, u8, u8, u16, i64, i64)> {
    (
        0..5_u8,
        0..6_u8,
        0..10_u8,
        0..5_u8,
        prop::sample::select(vec![443, 53, 8080, 22]),
        0..20 * MINUTE,
        0..20 * MINUTE,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_file_and_a_look_at_each_record_agree(
        flows in prop::collection::vec(made_up(), 1..25),
        filters in prop::collection::vec(prop::collection::vec(term(), 0..3), 12),
    ) {
        let (_folder, mut store) = sqlite();
        store.begin(&session(NOON, "")).unwrap();
        let now = NOON + 40 * MINUTE;
        for (number, (who, net, last, name, port, begin, lasted)) in flows.into_iter().enumerate() {
            let owner = match who {
                0 => nobody(),
                1 => app("curl", 7),
                2 => app("wget", 8),
                _ => app("Firefox", u32::from(who)),
            };
            let address = match net {
                0 => format!("10.0.0.{last}"),
                1 => format!("2001:db9::{last}"),
                _ => format!("8.{net}.8.{last}"),
            };
            let first = NOON + begin;
            let mut flow = flow(u64::try_from(number).unwrap(), owner, &address, first, first + lasted);
            flow.remote = tapmap_core::Endpoint::new(flow.remote.address(), port);
            if net == 3 {
                flow.protocol = Protocol::Udp;
            }
            if last == 4 {
                flow.direction = Direction::Inbound;
            }
            let flow = match name {
                0 => named(flow, &["a.example.org"]),
                1 => named(flow, &["b.example.org", "Other.example"]),
                _ => flow,
            };
            let batch = if last == 9 { open(now, &[flow]) } else { ended(now, &[flow]) };
            store.append(&batch).unwrap();
        }
        let reader = store.reader().unwrap();
        let everything = everything(&store, now);
        for terms in filters {
            let text = terms.join(" ");
            let filter = Filter::parse(&text).unwrap();
            let expected: Vec<_> = everything.iter().filter(|it| filter.fits(it, at(now))).cloned().collect();
            let query = FlowQuery { filter, ..FlowQuery::default() };
            prop_assert_eq!(all(&*reader, &query, now), expected, "{}", text);
        }
    }
}

/// So many that an index is the shorter way to what is rare among them; single and folded.
#[test]
fn what_is_rare_is_found_among_many() {
    let (_folder, mut store) = sqlite();
    store.begin(&session(NOON, "")).unwrap();
    let flows: Vec<_> = (0..7000_u64)
        .map(|number| {
            let is_rare = number % 500 < 4;
            let owner = if is_rare { app("curl", 7) } else { app("Firefox", 5) };
            let first = NOON + i64::try_from(number).unwrap() * 1000;
            let address = if number % 700 < 5 { "8.9.8.6" } else { "8.8.8.3" };
            let mut flow = flow(number, owner, address, first, first + 10);
            if number % 900 < 4 {
                flow.remote = tapmap_core::Endpoint::new(flow.remote.address(), 22);
            }
            if number % 800 < 4 { named(flow, &["rare.example"]) } else { flow }
        })
        .collect();
    store.append(&ended(NOON + 2 * HOUR, &flows)).unwrap();
    let mut now = NOON + 2 * HOUR;
    for _ in 0..2 {
        let reader = store.reader().unwrap();
        for (text, count) in [
            ("app:curl", 56),
            ("country:no", 50),
            ("port:22", 32),
            ("port:20-30 app:firefox", 24),
            ("name:rare.*", 36),
            ("rare", 36),
            ("8.9.8.6", 50),
            ("cur", 56),
            ("country:no app:curl", 8),
            ("-app:firefox -country:fr", 8),
            ("nowhere", 0),
            ("app:nobody", 0),
            ("user:nobody", 0),
        ] {
            let query = FlowQuery { filter: Filter::parse(text).unwrap(), ..FlowQuery::default() };
            let mut expected = Vec::new();
            let mut visit = |record: tapmap_core::FlowRecord| {
                expected.extend(query.filter.fits(&record, at(now)).then_some(record));
                ControlFlow::Continue(())
            };
            reader.each_flow(&FlowQuery::default(), at(now), &mut visit).unwrap();
            assert_eq!(all(&*reader, &query, now), expected, "{text}");
            assert_eq!(expected.len(), count, "{text}");
        }
        now += 3 * DAY;
        while store.tidy(at(now), Retention { days: 30, bytes: 1 << 40 }).unwrap() {}
        assert!(store.reader().unwrap().stats().unwrap().folded > 5000);
    }
}

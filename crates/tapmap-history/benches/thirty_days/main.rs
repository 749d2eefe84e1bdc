//! What a month of history costs: a made-up one of three million flows is written, then asked. Prints
//! each number beside its budget, and fails when the best of five tries is over it.
//!
//! `TAPMAP_BENCH_FLOWS` makes another size. `TAPMAP_BENCH_FILE` names a file that the month is kept in,
//! and taken from the next time. `TAPMAP_BENCH_MINUTES` says for how long is written busily: one, if not.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first surprise, and prints"
)]
#![expect(clippy::disallowed_methods, reason = "a bench measures time")]

mod made_up;

use made_up::{DAYS, MadeUp, START};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tapmap_core::{
    Batch, Day, Ending, Facet, Filter, FlowEntry, FlowQuery, HistoryReader, HistoryStore, Retention, Session,
    TimelineQuery, Timestamp,
};
use tapmap_engine::remembered::{self, EventQuery};
use tapmap_history::SqliteStore;

const DAY: i64 = 86_400_000;
/// How many flows are written in one transaction while the month is made.
const BATCH: usize = 20_000;
/// How many times each question is asked; the best counts.
const TRIES: usize = 5;

fn main() {
    let flows: usize = std::env::var("TAPMAP_BENCH_FLOWS").map_or(3_000_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let mut over = Vec::new();
    let mut check = |what: &str, took: Duration, budget: u64| {
        println!("{what}: {:.1} ms (budget {budget} ms)", took.as_secs_f64() * 1000.0);
        if took > Duration::from_millis(budget) {
            over.push(what.to_owned());
        }
    };

    match std::env::var_os("TAPMAP_BENCH_FILE") {
        None => write_month(&path, flows),
        Some(kept) => {
            if !Path::new(&kept).exists() {
                write_month(&path, flows);
                fs::copy(&path, &kept).unwrap();
            }
            fs::copy(&kept, &path).unwrap();
        }
    }
    let began = Instant::now();
    let mut store = SqliteStore::open(&path, at(START + DAYS * DAY)).unwrap().store;
    store.begin(&session(START + DAYS * DAY)).unwrap();
    check("start with that history", began.elapsed(), 300);

    let reader = store.reader().unwrap();
    let now = at(START + DAYS * DAY);
    for filter in FILTERS {
        let query = FlowQuery { filter: Filter::parse(filter).unwrap(), limit: 100, ..FlowQuery::default() };
        let found = reader.flows(&query, now).unwrap().flows.len();
        check(
            &format!("page of {found} flows, {filter:?}"),
            best(|| drop(reader.flows(&query, now).unwrap())),
            30,
        );
    }
    for (what, slot, filter, budget) in [
        ("timeline of 30 days", Duration::from_hours(1), "", 80),
        ("timeline of 24 hours", Duration::from_mins(5), "", 80),
        ("timeline of 30 days of one app", Duration::from_hours(1), "app:app-40", 2000),
    ] {
        let days = if slot < Duration::from_hours(1) { 1 } else { DAYS };
        let from = at(START + (DAYS - days) * DAY);
        let query = TimelineQuery { from, to: now, slot, filter: Filter::parse(filter).unwrap() };
        check(what, best(|| drop(reader.timeline(&query, now).unwrap())), budget);
    }
    let all_facets = || Facet::ALL.map(|facet| reader.days(facet, Day(0), Day(i32::MAX)).unwrap().len());
    println!("rows of days by facet: {:?}", all_facets());
    let four = [Facet::App, Facet::Operator, Facet::Country, Facet::Port];
    let whole = (Day(0), Day(i32::MAX));
    let totals = || four.map(|facet| reader.totals(facet, whole.0, whole.1).unwrap().len());
    check("days of the four facets of the reference", best(|| assert!(totals()[0] > 0)), 50);
    let by_app = || four.map(|facet| reader.days(facet, whole.0, whole.1).unwrap().len());
    check("the same by app", best(|| assert!(by_app()[0] > 0)), 2000);

    let last = reader.calendar().unwrap().day_of(at(START + DAYS * DAY - 1));
    check("insights of a day", best(|| drop(remembered::insights(&*reader, last, now).unwrap())), 50);
    for (filter, budget) in [("app:app-40", 2000), ("port:443", 20_000)] {
        let chosen = Filter::parse(filter).unwrap();
        let report = |reader: &dyn HistoryReader| remembered::report(reader, last, None, now);
        let took = best(|| drop(remembered::of_chosen(&*reader, &chosen, now, report).unwrap()));
        check(&format!("report of a day of {filter}"), took, budget);
    }
    check("report of a day", best(|| drop(remembered::report(&*reader, last, None, now).unwrap())), 200);
    let query = EventQuery { limit: 100, ..EventQuery::all(|name| Some(name)) };
    check("a page of events", best(|| drop(remembered::events(&*reader, &query, now).unwrap())), 200);
    // Worked out once a minute at most.
    check(
        "rhythms of a day",
        best(|| drop(remembered::rhythms(&*reader, last, &Filter::default(), now).unwrap())),
        1000,
    );

    write_busily(&mut store);
    fold_all(&mut store);
    quiet_desktop(&folder.path().join("quiet.db"));
    assert!(over.is_empty(), "over budget: {over:?}");
}

/// Filters of every kind: what is frequent, what is rare, and what is both.
const FILTERS: [&str; 12] = [
    "",
    "app:app-0",
    "app:app-58",
    "country:US",
    "country:IS",
    "-country:US",
    "port:443",
    "port:5228",
    "name:www.site-77.example",
    "name:*.site-7*.example",
    "app:app-0 country:IS",
    "site-2999",
];

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn session(started_at: i64) -> Session {
    Session { started_at: at(started_at), zone: "Europe/Vienna".into(), ..Session::default() }
}

/// The shortest of some tries.
fn best(mut work: impl FnMut()) -> Duration {
    let tries = (0..TRIES).map(|_| {
        let began = Instant::now();
        work();
        began.elapsed()
    });
    tries.min().unwrap()
}

fn write_month(path: &Path, flows: usize) {
    let mut store = SqliteStore::open(path, at(START)).unwrap().store;
    store.begin(&session(START)).unwrap();
    let began = Instant::now();
    let mut made_up = MadeUp::new(20_261_125, flows);
    loop {
        let batch: Vec<FlowEntry> =
            made_up.by_ref().take(BATCH).map(|flow| FlowEntry { flow, ending: Ending::Seen }).collect();
        let Some(last) = batch.last() else { break };
        let at = last.flow.span.first_seen;
        store.append(&Batch { at, flows: batch, ..Batch::default() }).unwrap();
    }
    store.append(&Batch { at: at(START + DAYS * DAY), ..Batch::default() }).unwrap();
    let stats = store.reader().unwrap().stats().unwrap();
    println!(
        "{} flows written in {:.1} s; {} MB on disk, {} bytes a row with indexes, dictionaries and counts (budget 200)",
        stats.flows,
        began.elapsed().as_secs_f64(),
        stats.bytes / 1_000_000,
        stats.bytes / stats.rows.max(1),
    );
    assert!(stats.bytes / stats.rows.max(1) <= 200, "a row is too large");
}

/// A month of ten thousand flows a day, when all is folded that may be. No two of them are alike, so this
/// is more than a real desktop's.
fn quiet_desktop(path: &Path) {
    write_month(path, 300_000);
    let mut store = SqliteStore::open(path, at(START + DAYS * DAY)).unwrap().store;
    while store.tidy(at(START + DAYS * DAY), Retention { days: 400, bytes: 1 << 50 }).unwrap() {}
    let stats = store.reader().unwrap().stats().unwrap();
    let megabytes = (stats.bytes - stats.free_bytes) / 1_000_000;
    println!("a quiet desktop's 30 days: {} flows, {megabytes} MB on disk (budget 60)", stats.flows);
    assert!(megabytes <= 60, "a quiet desktop's history is too large");
}

/// Two thousand new flows a second, each ended in the second after.
fn write_busily(store: &mut SqliteStore) {
    let minutes: i64 = std::env::var("TAPMAP_BENCH_MINUTES").map_or(1, |text| text.parse().unwrap());
    let seconds = u32::try_from(minutes * 60).unwrap();
    let mut made_up = MadeUp::new(7, usize::MAX);
    let begin = START + (DAYS + 1) * DAY;
    let before = resident();
    let (mut took, mut worst, mut busy) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let mut last: Vec<FlowEntry> = Vec::new();
    for second in 0..minutes * 60 {
        let opened: Vec<FlowEntry> = made_up
            .by_ref()
            .take(2000)
            .enumerate()
            .map(|(number, flow)| {
                let moment = at(begin + second * 1000 + i64::try_from(number / 2).unwrap());
                let mut flow = (*flow).clone();
                flow.span = tapmap_core::Span { first_seen: moment, last_seen: moment };
                FlowEntry { flow: flow.into(), ending: Ending::Open }
            })
            .collect();
        let ended = last.drain(..).map(|entry| FlowEntry { ending: Ending::Seen, ..entry });
        let flows: Vec<FlowEntry> = ended.chain(opened.iter().cloned()).collect();
        last = opened;
        let batch = Batch { at: at(begin + (second + 1) * 1000), flows, ..Batch::default() };
        let (start, worked) = (Instant::now(), on_processor());
        store.append(&batch).unwrap();
        busy += on_processor().saturating_sub(worked);
        took += start.elapsed();
        worst = worst.max(start.elapsed());
    }
    println!(
        "2000 new flows a second for {minutes} min: {:.1} % of a core (goal 15), {:.1} % with waiting, the slowest batch {:.0} ms; \
         memory {} MB before, {} MB after",
        busy.as_secs_f64() / f64::from(seconds) * 100.0,
        took.as_secs_f64() / f64::from(seconds) * 100.0,
        worst.as_secs_f64() * 1000.0,
        before,
        resident(),
    );
}

/// What folding makes of it.
fn fold_all(store: &mut SqliteStore) {
    let began = Instant::now();
    let now = at(START + (DAYS + 2) * DAY);
    let keep = Retention { days: 400, bytes: 1 << 50 };
    let mut worst = Duration::ZERO;
    loop {
        let piece = Instant::now();
        if !store.tidy(now, keep).unwrap() {
            break;
        }
        worst = worst.max(piece.elapsed());
    }
    let stats = store.reader().unwrap().stats().unwrap();
    println!(
        "folded in {:.1} s, the longest piece {:.0} ms: {} of {} flows lie in {} rows; {} bytes a flow in use",
        began.elapsed().as_secs_f64(),
        worst.as_secs_f64() * 1000.0,
        stats.folded,
        stats.flows,
        stats.rows,
        (stats.bytes - stats.free_bytes) / stats.flows.max(1),
    );
    let reader: &dyn HistoryReader = &*store.reader().unwrap();
    for filter in FILTERS {
        let query = FlowQuery { filter: Filter::parse(filter).unwrap(), limit: 100, ..FlowQuery::default() };
        let took = best(|| drop(reader.flows(&query, now).unwrap()));
        println!("page after folding, {filter:?}: {:.1} ms", took.as_secs_f64() * 1000.0);
    }
}

/// How long this thread has been on a processor; nothing where the system does not tell.
fn on_processor() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

/// Memory in use, in megabytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) / 1000
}

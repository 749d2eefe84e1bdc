//! The measurements themselves.

mod floor;
mod talker;

use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    time::{ClockId, clock_gettime},
};
use tapmap_capture::os::linux::SockDiagSource;
use tapmap_core::SnapshotSource as _;

use self::{floor::Floor, talker::Talker};

/// Sockets of the listing measurement, and the processes that hold them.
const LISTED: usize = 10_000;
const HOLDERS: usize = 5;
/// Lists of each kind.
const RUNS: usize = 31;
/// Busy processes of the search measurement, and the sockets in each.
const BUSY: usize = 10;
const SOCKETS_EACH: usize = 1_100;
/// Searches of each kind.
const SEARCHES: usize = 200;

/// CPU time of this thread in milliseconds.
fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let millis = time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6;
    millis
}

/// CPU milliseconds that something takes.
fn cost<T>(work: impl FnOnce() -> T) -> f64 {
    let before = cpu_ms();
    let result = work();
    drop(result);
    cpu_ms() - before
}

/// The value that a share of the measurements does not exceed.
fn quantile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

pub(crate) fn main() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, Rlimit { ..limit }).unwrap();
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("talker") => talker::talk(arguments[2].parse().unwrap()),
        Some("lone") => talker::lone(arguments[2].parse().unwrap()),
        _ => {
            small();
            listing();
            searching();
        }
    }
}

/// What a desktop pays: few sockets, looks that find nothing.
fn small() {
    let _holder = Talker::start(100);
    let mut source = SockDiagSource::new();
    let sockets = source.snapshot().unwrap().sockets.len();
    let looks = sorted((0..10 * RUNS).map(|_| cost(|| source.may_have_opened())).collect());
    let lists = sorted((0..10 * RUNS).map(|_| cost(|| source.snapshot().unwrap())).collect());
    println!("{sockets} sockets, CPU ms, median");
    println!("  look whether something opened                  {:>8.3}", quantile(&looks, 50));
    println!("  snapshot with owners                           {:>8.3}", quantile(&lists, 50));
}

fn listing() {
    let holders: Vec<Talker> = (0..HOLDERS).map(|_| Talker::start(LISTED / HOLDERS)).collect();
    let mut floor = Floor::open();
    let mut source = SockDiagSource::new();
    let first = cost(|| source.snapshot().unwrap());
    let sockets = source.snapshot().unwrap().sockets.len();
    assert!(sockets >= LISTED);
    let (mut bare, mut separate, mut ours) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        bare.push(cost(|| floor.dump_as_we_do()));
        ours.push(cost(|| source.snapshot().unwrap()));
        separate.push(cost(|| floor.dump_by_family()));
    }
    let (bare, separate, ours) = (sorted(bare), sorted(separate), sorted(ours));
    println!(
        "listing {sockets} sockets of {} processes, CPU ms, median of {RUNS} alternated runs",
        holders.len()
    );
    println!("  bare dump with tcp_info, thrown away           {:>8.2}", quantile(&bare, 50));
    println!("  the same in one request per address family     {:>8.2}", quantile(&separate, 50));
    println!("  snapshot with owners                           {:>8.2}", quantile(&ours, 50));
    println!("  first snapshot, which reads every process      {first:>8.2}");
    println!(
        "  ratio snapshot / bare dump (target 1.20)       {:>8.2}",
        quantile(&ours, 50) / quantile(&bare, 50)
    );
}

fn searching() {
    let mut busy: Vec<Talker> = (0..BUSY).map(|_| Talker::start(SOCKETS_EACH)).collect();
    let mut source = SockDiagSource::new();
    let sockets = source.snapshot().unwrap().sockets.len();
    println!(
        "owner of a new connection among {sockets} sockets in {BUSY} busy processes,\n  CPU ms without the dump (target p95 2.00)"
    );
    println!("  {:<44} {:>8} {:>8} {:>8} {:>9}", "", "p50", "p95", "worst", "found");
    for (label, command, spread) in [
        ("by the process that opened the last one", b'c', 1),
        ("by one of the busy processes", b'c', BUSY),
        ("by a new process each time", b'n', 1),
        ("by one whose closed file left the number free", b'f', BUSY),
    ] {
        let (mut costs, mut found, mut asked) = (Vec::new(), 0, 0);
        for turn in 0..SEARCHES {
            let opened = busy[turn * 7 % spread].command(command);
            source.list().unwrap();
            let before = cpu_ms();
            let table = source.attribute();
            costs.push(cpu_ms() - before);
            asked += 1;
            let row = table
                .sockets
                .iter()
                .find(|row| row.local == opened.local && row.remote == Some(opened.remote));
            let owner = row.and_then(|row| row.owner.process());
            found += usize::from(owner.is_some_and(|process| process.key.pid == opened.pid));
        }
        let costs = sorted(costs);
        println!(
            "  {label:<44} {:>8.3} {:>8.3} {:>8.3} {:>4}/{asked:<4}",
            quantile(&costs, 50),
            quantile(&costs, 95),
            quantile(&costs, 100),
            found
        );
    }
}

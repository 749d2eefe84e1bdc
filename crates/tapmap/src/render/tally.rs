//! How much was seen, in sentences.

use super::count;
use tapmap_web::wire::{StatusTally, Tally};

/// What ended, whose it was, and what the kernel counted, in one line.
pub(crate) fn sentence(tally: StatusTally) -> String {
    let [ended, known, unknown] = [tally.ended, tally.with_owner, tally.without_owner].map(count);
    let kernel = tally.kernel_closed.map_or_else(String::new, |closed| {
        let (closed, seen) = (count(closed), count(tally.seen_closed));
        format!("; of TCP the kernel counted {closed} ends, and {seen} were seen")
    });
    format!("saw {ended} ends, {known} with owner, {unknown} not{kernel}")
}

/// The same at length, a line for each matter.
pub(crate) fn lines(tally: &Tally) -> Vec<String> {
    let mut lines = vec![sentence(tally.into())];
    let udp = count(tally.udp.seen_closed);
    lines.push(format!(
        "of UDP the kernel counts nothing, so what was missed is unknown; {udp} flows were seen"
    ));
    let owners = tally.owners;
    lines.extend(parts(
        "owners",
        &[
            (owners.descriptor, "by the socket that a process holds"),
            (owners.event, "named by the kernel"),
            (owners.remembered, "remembered"),
            (tally.ambiguous, "one of several"),
        ],
    ));
    let names = tally.names;
    lines.extend(parts(
        "names",
        &[
            (names.tls_server_name, "from TLS"),
            (names.quic_server_name, "from QUIC"),
            (names.dns_of_app, "from DNS answers to the app"),
            (names.dns, "from DNS answers to others"),
            (names.hosts_file, "from the hosts file"),
            (names.reverse_dns, "reverse"),
        ],
    ));
    let alone = tally.seen_alone;
    lines.extend(parts(
        "seen in one way alone",
        &[
            (alone.list, "by the list of sockets"),
            (alone.end, "by their end"),
            (alone.event, "as it happened"),
            (alone.files, "by files"),
        ],
    ));
    if tally.overruns > 0 || tally.lost > 0 {
        let (overruns, lost) = (count(tally.overruns), count(tally.lost));
        lines.push(format!("full queues: {overruns}, observations known to be lost: {lost}"));
    }
    lines
}

/// Those numbers of a kind that are not 0, in a line; none when all are.
fn parts(title: &str, numbers: &[(u64, &str)]) -> Option<String> {
    let told: Vec<String> = numbers
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, meaning)| format!("{} {meaning}", count(*number)))
        .collect();
    (!told.is_empty()).then(|| format!("{title}: {}", told.join(", ")))
}

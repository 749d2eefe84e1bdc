//! Words for changes, one line each, as scenarios expect them.

use std::fmt::Write as _;

use tapmap_core::{
    Attribution, Change, Changes, Flow, Listener, MatchQuality, Namespace, Process, Timestamp,
};

/// One line for each change, most telling words first:
///
/// ```text
/// 09:00:00 open #1 outbound tcp 10.0.0.5:50000 > 192.0.2.7:443 established firefox
/// 09:00:01 update #1 …            (the same words)
/// 09:00:01 count #1 120 4096      (bytes sent and received, - where not known)
/// 09:00:02 close #1 …             (the same words)
/// 09:00:00 listen tcp 0.0.0.0:22 sshd @3
/// 09:00:02 unlisten @3            (@ is the socket)
/// 09:00:05 lost overrun 09:00:03 3
/// ```
///
/// Owners are written as in [`super::row`], without pids; the other end of a connection within
/// this computer follows as `peer=postgres`, then, where there are any, `possibly=Firefox`,
/// `name=www.example.org|example.org/dns` and `network=2`.
pub fn describe_changes(changes: &Changes) -> Vec<String> {
    let time = clock(changes.at);
    changes.items.iter().map(|change| format!("{time} {}", describe(change))).collect()
}

fn describe(change: &Change) -> String {
    match change {
        Change::Opened(flow) => format!("open {}", words_of_flow(flow)),
        Change::Updated(flow) => format!("update {}", words_of_flow(flow)),
        Change::Counted(id, counters, _) => {
            let number = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
            format!("count #{} {} {}", id.0, number(counters.bytes_sent), number(counters.bytes_received))
        }
        Change::Closed(flow) => format!("close {}", words_of_flow(flow)),
        Change::ListenerOpened(listener) => format!("listen {}", words_of_listener(listener)),
        Change::ListenerClosed(socket) => format!("unlisten @{}", socket.0),
        Change::Lost(gap) => {
            let mut words = format!("lost {} {}", gap.reason.word(), clock(gap.from));
            if let Some(lost) = gap.lost {
                // Writing into a string cannot fail.
                let _infallible = write!(words, " {lost}");
            }
            words
        }
    }
}

fn words_of_flow(flow: &Flow) -> String {
    let peer = flow.peer.as_ref().map(|peer| format!(" peer={}", words_of_owner(&peer.attribution)));
    let possibly = flow.possibly.as_ref().map(|app| format!(" possibly={}", app.name));
    let name =
        flow.name.as_ref().map(|name| format!(" name={}/{}", name.candidates.join("|"), name.source.word()));
    let network = (flow.namespace != Namespace::OWN).then(|| format!(" network={}", flow.namespace.0));
    format!(
        "#{} {} {} {} > {} {} {}{}{}{}{}",
        flow.id.0,
        flow.direction.word(),
        flow.protocol,
        flow.local,
        flow.remote,
        flow.state.word(),
        words_of_owner(&flow.attribution),
        peer.unwrap_or_default(),
        possibly.unwrap_or_default(),
        name.unwrap_or_default(),
        network.unwrap_or_default(),
    )
}

fn words_of_listener(listener: &Listener) -> String {
    format!(
        "{} {} {} @{}",
        listener.protocol,
        listener.local,
        words_of_owner(&listener.attribution),
        listener.id.0
    )
}

fn words_of_owner(owner: &Attribution) -> String {
    let name = |process: &Process| format!("{}{}", process.app.name, if process.own { "!" } else { "" });
    match owner {
        Attribution::Owned { process, quality: MatchQuality::Descriptor } => name(process),
        Attribution::Owned { process, quality: MatchQuality::Event } => format!("!{}", name(process)),
        Attribution::Owned { process, quality: MatchQuality::Remembered } => format!("~{}", name(process)),
        Attribution::Ambiguous(processes) => {
            processes.iter().map(|process| name(process)).collect::<Vec<_>>().join("|")
        }
        Attribution::Unknown { reason, app: None } => format!("?{}", reason.word()),
        Attribution::Unknown { reason, app: Some(app) } => format!("?{}={}", reason.word(), app.name),
    }
}

/// The time of day in UTC, with milliseconds where there are any.
fn clock(at: Timestamp) -> String {
    let millis = at.as_millis().rem_euclid(86_400_000);
    let seconds = millis / 1000;
    let mut text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if millis % 1000 != 0 {
        let _infallible = write!(text, ".{:03}", millis % 1000);
    }
    text
}

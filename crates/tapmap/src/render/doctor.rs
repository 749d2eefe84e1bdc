//! What `tapmap doctor` prints. A sign never stands alone: the word beside it says the same.

use super::{bytes, count, harmless, lists::flows::no_longer_listed, tally};
use std::{fmt::Write as _, path::Path};
use tapmap_web::wire::{Coverage, CoverageLine, Gap, GapReason, HistoryStats, Layer, LayerName};

/// What the recorder can see and what is remembered, or why nothing is, as text. `url` is the page of the
/// recorder that said so; without it none runs.
pub(crate) fn doctor(
    coverage: &Coverage,
    history: &Result<HistoryStats, String>,
    url: Option<&str>,
    folder: &Path,
) -> String {
    let mut text = head(coverage, url, folder);
    text += &line(&match history {
        Ok(stats) => remembered(stats),
        Err(problem) => format!("history: {problem}"),
    });
    let (protecting, seeing): (Vec<_>, Vec<_>) =
        coverage.layers.iter().partition(|layer| is_protection(layer.name));
    if seeing.is_empty() {
        section(&mut text, "What can be seen", coverage.sights.iter().map(sight));
    } else {
        section(&mut text, "How it sees", seeing.into_iter().map(layer));
    }
    section(&mut text, "How it is confined", protecting.into_iter().map(layer));
    section(&mut text, "What is wrong now", coverage.problems.iter().map(|problem| line(problem)));
    if let Some(total) = &coverage.total {
        let title = format!("What was seen, {} to {}", total.from, total.until);
        let more = Some(no_longer_listed(&coverage.folded)).filter(|line| !line.is_empty());
        section(&mut text, &title, tally::lines(total).iter().map(|text| line(text)).chain(more));
        let none = coverage.gaps.is_empty().then(|| line("none"));
        section(&mut text, "What was missed", coverage.gaps.iter().map(gap).chain(none));
    }
    text
}

fn head(coverage: &Coverage, url: Option<&str>, folder: &Path) -> String {
    let version = &coverage.version;
    let running = match (url, &coverage.started_at) {
        (Some(url), Some(since)) => format!("TapMap {version}, recording since {since}, page {url}"),
        (Some(url), None) => format!("TapMap {version}, page {url}"),
        (None, _) => format!("TapMap {version}; none is running, so this is what one started now would see"),
    };
    format!("{}data folder {}", line(&running), line(&folder.display().to_string()))
}

fn remembered(stats: &HistoryStats) -> String {
    let since = stats.oldest.as_ref().map(|oldest| format!(" since {oldest}")).unwrap_or_default();
    format!("history: {} connections{since}, {} on disk", stats.flows, bytes(stats.bytes))
}

/// A title and what stands below it; nothing at all when nothing does.
fn section(text: &mut String, title: &str, parts: impl Iterator<Item = String>) {
    let parts: String = parts.collect();
    if !parts.is_empty() {
        let _written = write!(text, "\n{title}\n{parts}");
    }
}

fn line(text: &str) -> String {
    harmless(text) + "\n"
}

fn sign(works: bool) -> &'static str {
    if works { "✓ works  " } else { "– off    " }
}

fn layer(layer: &Layer) -> String {
    let mut text = format!("{}{}\n", sign(layer.active), title(layer.name));
    let mut say = |label: &str, value: &str| {
        let _written = write!(text, "         {label}{}", line(value));
    };
    say("", &layer.reason);
    if !layer.active {
        say("would add: ", &layer.adds);
    }
    if let Some(command) = &layer.command {
        say("command: ", command);
    }
    text
}

/// What stands for a layer where there is none, as with a recording.
fn sight(sight: &CoverageLine) -> String {
    let mut text = format!("{}{}", sign(sight.seen), line(&sight.reason));
    if let Some(remedy) = &sight.remedy {
        let _written = write!(text, "         {}", line(remedy));
    }
    text
}

fn gap(gap: &Gap) -> String {
    let why = match gap.reason {
        GapReason::SourceFailed => "the source failed",
        GapReason::Overrun => "a queue was full",
        GapReason::Asleep => "the computer slept, or the program was held up",
    };
    let lost = gap.lost.map_or_else(String::new, |lost| format!(", {} observations lost", count(lost)));
    line(&format!("{} to {}: {why}{lost}", gap.from, gap.until))
}

/// Whether a layer sees nothing itself but keeps the recorder from doing harm.
fn is_protection(name: LayerName) -> bool {
    matches!(
        name,
        LayerName::TwoProcesses | LayerName::DroppedRights | LayerName::Landlock | LayerName::Seccomp
    )
}

fn title(name: LayerName) -> &'static str {
    match name {
        LayerName::SocketList => "the kernel's list of sockets",
        LayerName::SocketEnds => "sockets that end",
        LayerName::ProcessBirths => "programs that begin",
        LayerName::ProcessFiles => "owners by the files of processes",
        LayerName::TcpEvents => "every TCP connection as it happens",
        LayerName::KernelFiles => "owners by the kernel's list of files",
        LayerName::UdpDestinations => "where UDP sockets send",
        LayerName::UdpBytes => "bytes of UDP sockets",
        LayerName::OtherNamespaces => "containers and other networks",
        LayerName::DnsAnswers => "names from answers to queries",
        LayerName::ServerNames => "names from TLS and QUIC",
        LayerName::Resolved => "names from systemd-resolved",
        LayerName::HostsFile => "names from the hosts file",
        LayerName::ReverseDns => "reverse names",
        LayerName::Presence => "whether anybody is at the computer",
        LayerName::TwoProcesses => "recorder and server in two processes",
        LayerName::DroppedRights => "rights given back after the start",
        LayerName::Landlock => "server kept to its files and its port (Landlock)",
        LayerName::Seccomp => "server kept to the system calls it needs (seccomp)",
    }
}

#[cfg(test)]
mod tests;

//! What was seen, held against what the kernel counted: the recorder's honesty in numbers.

use std::{
    collections::{HashSet, VecDeque},
    mem,
    time::Duration,
};

use crate::{
    Change, Changes, Evidence, Flow, FlowId, GapReason, MatchQuality, NameSource, Protocol, SocketId,
    SocketState, Timestamp, attribution::Attribution,
};

/// How long one period is.
const PERIOD: Duration = Duration::from_hours(1);
/// How many periods are kept, the current one among them.
const PERIODS: usize = 48;

/// The kernel's own counters of TCP, for the network that the recorder is in (on Linux
/// `/proc/net/snmp`; RFC 4022). They run since the system started, and there are none for UDP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelCount {
    /// Connections that programs here began, also those that failed (`tcpActiveOpens`).
    pub active_opens: u64,
    /// Connections that programs here took (`tcpPassiveOpens`).
    pub passive_opens: u64,
    /// Of all, those that are established or half closed now (`tcpCurrEstab`).
    pub established: u64,
}

/// One period of the account. Numbers of TCP count sockets, as the kernel does: a connection
/// within this computer is two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// TCP sockets that connected according to the kernel; `None` when it does not tell.
    pub kernel_opened: Option<u64>,
    /// TCP sockets whose connection ended according to the kernel; `None` when it does not tell.
    pub kernel_closed: Option<u64>,
    /// TCP sockets that were seen to connect, or seen connected for the first time.
    pub seen_opened: u64,
    /// TCP sockets whose end was seen.
    pub seen_closed: u64,
    /// UDP flows that were seen to begin.
    pub udp_opened: u64,
    /// UDP flows that ended.
    pub udp_closed: u64,
    /// Flows that ended, by how their owner was found; in the order of [`MatchQuality::ALL`].
    pub owned: [u64; 3],
    /// Flows that ended with several possible owners.
    pub ambiguous: u64,
    /// Flows that ended with an owner that was not identified.
    pub unowned: u64,
    /// Flows that ended with a name, by its source; in the order of [`NameSource::ALL`].
    pub named: [u64; 6],
    /// Flows that ended and had been seen in one way alone; in the order of [`Evidence::ALL`].
    pub seen_alone: [u64; 4],
    /// Times that something got lost because a queue was full.
    pub overruns: u64,
    /// Observations that are known to be lost.
    pub lost: u64,
}

impl Tally {
    fn starting(at: Timestamp) -> Self {
        Self {
            from: at,
            until: at,
            kernel_opened: None,
            kernel_closed: None,
            seen_opened: 0,
            seen_closed: 0,
            udp_opened: 0,
            udp_closed: 0,
            owned: [0; 3],
            ambiguous: 0,
            unowned: 0,
            named: [0; 6],
            seen_alone: [0; 4],
            overruns: 0,
            lost: 0,
        }
    }

    /// Flows that ended.
    pub fn ended(&self) -> u64 {
        self.owned.iter().sum::<u64>() + self.ambiguous + self.unowned
    }

    /// Flows that ended and whose owner was known.
    pub fn ended_with_owner(&self) -> u64 {
        self.owned.iter().sum()
    }

    /// Takes the period that follows in, so that this one stands for both.
    pub fn add(&mut self, other: &Self) {
        self.until = other.until;
        self.kernel_opened = sum(self.kernel_opened, other.kernel_opened);
        self.kernel_closed = sum(self.kernel_closed, other.kernel_closed);
        self.seen_opened += other.seen_opened;
        self.seen_closed += other.seen_closed;
        self.udp_opened += other.udp_opened;
        self.udp_closed += other.udp_closed;
        self.ambiguous += other.ambiguous;
        self.unowned += other.unowned;
        self.overruns += other.overruns;
        self.lost += other.lost;
        let counts = self.owned.iter_mut().chain(&mut self.named).chain(&mut self.seen_alone);
        let others = other.owned.iter().chain(&other.named).chain(&other.seen_alone);
        counts.zip(others).for_each(|(count, more)| *count += more);
    }

    /// A flow opened.
    fn note_opened(&mut self, flow: &Flow) {
        match flow.protocol {
            Protocol::Tcp => self.seen_opened += sockets(flow),
            Protocol::Udp => self.udp_opened += 1,
        }
    }

    /// A flow ended, and so many of its sockets.
    fn note_closed(&mut self, flow: &Flow, sockets: u64) {
        match flow.protocol {
            Protocol::Tcp => self.seen_closed += sockets,
            Protocol::Udp => self.udp_closed += 1,
        }
        self.note_end(flow);
    }

    fn note_end(&mut self, flow: &Flow) {
        match &flow.attribution {
            Attribution::Owned { quality, .. } => count(&mut self.owned, &MatchQuality::ALL, quality),
            Attribution::Ambiguous(_) => self.ambiguous += 1,
            Attribution::Unknown { .. } => self.unowned += 1,
        }
        if let Some(name) = &flow.name {
            count(&mut self.named, &NameSource::ALL, &name.source);
        }
        if let Some(evidence) = flow.evidence.only() {
            count(&mut self.seen_alone, &Evidence::ALL, &evidence);
        }
    }
}

fn count<T: PartialEq>(counts: &mut [u64], all: &[T], one: &T) {
    if let Some(count) = all.iter().position(|other| other == one).and_then(|index| counts.get_mut(index)) {
        *count += 1;
    }
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    }
}

/// How many sockets of the recorder's own network a flow stands for.
fn sockets(flow: &Flow) -> u64 {
    match (flow.namespace, &flow.peer) {
        (crate::Namespace::OWN, Some(_)) => 2,
        (crate::Namespace::OWN, None) => 1,
        _ => 0,
    }
}

/// The ends that go on as flows of their own when the flow ends which they were the other end of.
fn parted(changes: &Changes) -> HashSet<SocketId> {
    let (mut opened, mut parted) = (HashSet::new(), HashSet::new());
    for change in changes.items.iter().rev() {
        match change {
            Change::Opened(flow) => {
                opened.insert(flow.socket);
            }
            Change::Closed(flow) => {
                let left = flow.peer.as_ref().map(|peer| peer.socket);
                parted.extend(left.filter(|socket| opened.contains(socket)));
            }
            Change::Updated(_)
            | Change::Counted(..)
            | Change::ListenerOpened(_)
            | Change::ListenerClosed(_)
            | Change::Lost(_) => {}
        }
    }
    parted
}

/// What was seen, by hours since the recorder started, for two days.
#[derive(Debug, Default)]
pub struct Account {
    periods: VecDeque<Tally>,
    kernel: Option<KernelCount>,
    /// The open flows within this computer of which both ends are counted.
    pairs: HashSet<FlowId>,
    /// Connections that were open when the kernel was first asked are not news to it.
    first_look: Option<Timestamp>,
}

impl Account {
    /// Takes the kernel's counters in. They are compared with those before, so the first say nothing.
    pub fn note_kernel(&mut self, now: KernelCount, at: Timestamp) {
        let before = self.kernel.replace(now);
        let period = self.period(at);
        let Some(before) = before else { return };
        let opens = |count: KernelCount| count.active_opens.wrapping_add(count.passive_opens);
        let opened = opens(now).saturating_sub(opens(before));
        let closed = (opened + before.established).saturating_sub(now.established);
        period.kernel_opened = sum(period.kernel_opened, Some(opened));
        period.kernel_closed = sum(period.kernel_closed, Some(closed));
    }

    /// Takes changes in. What the first look finds is not counted: it opened, or ended, before.
    pub fn note(&mut self, changes: &Changes) {
        let first_look = *self.first_look.get_or_insert(changes.at);
        let is_first_look = first_look == changes.at;
        // What the first look found in its last state is told one look later.
        let was_over = |flow: &Flow| flow.state == SocketState::TimeWait && flow.span.last_seen <= first_look;
        let (merged, parted) = (changes.merged(), parted(changes));
        let mut pairs = mem::take(&mut self.pairs);
        let period = self.period(changes.at);
        for change in &changes.items {
            if let Change::Opened(flow) | Change::Updated(flow) = change
                && flow.peer.is_some()
                && pairs.insert(flow.id)
                && matches!(change, Change::Updated(_))
                && !is_first_look
            {
                // The other end was seen later: one more socket.
                period.seen_opened += if flow.protocol == Protocol::Tcp { sockets(flow) / 2 } else { 0 };
            }
            match change {
                Change::Opened(flow) | Change::Closed(flow) if is_first_look || was_over(flow) => {}
                Change::Opened(flow) if parted.contains(&flow.socket) => {}
                Change::Opened(flow) => period.note_opened(flow),
                // It was counted when it opened, and again as the other end of another flow.
                Change::Closed(flow) if merged.contains(&flow.id) => match flow.protocol {
                    Protocol::Tcp => period.seen_opened = period.seen_opened.saturating_sub(sockets(flow)),
                    Protocol::Udp => period.udp_opened = period.udp_opened.saturating_sub(1),
                },
                Change::Closed(flow) => {
                    pairs.remove(&flow.id);
                    let goes_on = flow.peer.as_ref().is_some_and(|peer| parted.contains(&peer.socket));
                    period.note_closed(flow, if goes_on { sockets(flow) / 2 } else { sockets(flow) });
                }
                Change::Lost(gap) => {
                    period.overruns += u64::from(gap.reason == GapReason::Overrun);
                    period.lost += gap.lost.unwrap_or(0);
                }
                Change::Updated(_)
                | Change::Counted(..)
                | Change::ListenerOpened(_)
                | Change::ListenerClosed(_) => {}
            }
        }
        self.pairs = pairs;
    }

    /// The periods, oldest first; none before anything was observed.
    pub fn periods(&self) -> impl Iterator<Item = &Tally> {
        self.periods.iter()
    }

    /// All kept periods together; `None` before anything was observed.
    pub fn total(&self) -> Option<Tally> {
        let mut periods = self.periods.iter();
        let mut total = periods.next()?.clone();
        periods.for_each(|period| total.add(period));
        Some(total)
    }

    /// The period that `at` lies in, begun when it is new.
    fn period(&mut self, at: Timestamp) -> &mut Tally {
        let is_new = self.periods.back().is_none_or(|last| at.since(last.from) >= PERIOD);
        if is_new {
            if self.periods.len() == PERIODS {
                self.periods.pop_front();
            }
            self.periods.push_back(Tally::starting(at));
        }
        let last = self.periods.len() - 1;
        let period = &mut self.periods[last];
        period.until = period.until.max(at);
        period
    }
}

#[cfg(test)]
mod tests;

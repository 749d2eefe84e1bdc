//! The flows that ended lately, so that they can be shown a while longer; of those beyond what is kept
//! one by one, only sums remain, by app and far address.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use tapmap_core::{Flow, Timestamp};

/// How long they are kept.
const KEPT: Duration = Duration::from_mins(10);
/// How many of them at most: some 8 MB.
const LIMIT: usize = 10_000;
/// How many sums are kept by app and address; what is beyond goes into the sum of all.
const SUMS: usize = 256;

/// What ended lately.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// With the moments at which their ends were told, oldest first.
    flows: VecDeque<(Timestamp, Arc<Flow>)>,
    folded: Folded,
    sums: HashMap<(Option<Arc<str>>, IpAddr), usize>,
}

/// Ended flows that are counted but no longer listed, since there were too many within ten minutes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// How many, since the recorder started.
    pub flows: u64,
    /// When the first of them ended; `None` when there are none.
    pub from: Option<Timestamp>,
    /// When the last of them ended.
    pub until: Option<Timestamp>,
    /// The largest groups of them that can be told apart, in the order in which they came up.
    pub groups: Vec<FoldedGroup>,
}

/// Folded flows of one app to one address.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedGroup {
    /// The app; `None` when it was not identified.
    pub app: Option<Arc<str>>,
    /// The far address.
    pub remote: IpAddr,
    /// How many.
    pub flows: u64,
    /// Bytes sent by those that could be counted.
    pub bytes_sent: u64,
    /// Bytes received by those that could be counted.
    pub bytes_received: u64,
    /// Lowest and highest service port among them.
    pub ports: (u16, u16),
}

impl Ended {
    /// Keeps a flow whose end was told now.
    pub(crate) fn keep(&mut self, told: Timestamp, flow: &Arc<Flow>) {
        self.flows.push_back((told, Arc::clone(flow)));
        while self.flows.len() > LIMIT {
            if let Some((told, flow)) = self.flows.pop_front() {
                self.fold(told, &flow);
            }
        }
    }

    /// Forgets those that have been shown long enough.
    pub(crate) fn forget_before(&mut self, now: Timestamp) {
        while self.flows.front().is_some_and(|(told, _)| now.since(*told) > KEPT) {
            self.flows.pop_front();
        }
    }

    /// Those whose end was told within the last `time`, oldest first.
    pub(crate) fn within(&self, time: Duration, now: Timestamp) -> Vec<Arc<Flow>> {
        let recent = |(told, _): &&(Timestamp, Arc<Flow>)| now.since(*told) <= time;
        self.flows.iter().filter(recent).map(|(_, flow)| Arc::clone(flow)).collect()
    }

    /// Those that are no longer listed one by one.
    pub(crate) fn folded(&self) -> &Folded {
        &self.folded
    }

    fn fold(&mut self, told: Timestamp, flow: &Flow) {
        self.folded.flows += 1;
        self.folded.from.get_or_insert(told);
        self.folded.until = Some(told);
        let key = (flow.attribution.app().map(|app| Arc::clone(&app.name)), flow.remote.address());
        let port = flow.service_port();
        let index = match self.sums.get(&key) {
            Some(index) => *index,
            None if self.folded.groups.len() < SUMS => {
                let (app, remote) = key.clone();
                let group = FoldedGroup {
                    app,
                    remote,
                    flows: 0,
                    bytes_sent: 0,
                    bytes_received: 0,
                    ports: (port, port),
                };
                self.folded.groups.push(group);
                self.sums.insert(key, self.folded.groups.len() - 1);
                self.folded.groups.len() - 1
            }
            None => return,
        };
        if let Some(group) = self.folded.groups.get_mut(index) {
            group.flows += 1;
            group.bytes_sent += flow.counters.bytes_sent.unwrap_or(0);
            group.bytes_received += flow.counters.bytes_received.unwrap_or(0);
            group.ports = (group.ports.0.min(port), group.ports.1.max(port));
        }
    }
}

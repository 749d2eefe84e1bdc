//! The cheap look: did anything open since the last list? Reads counters of a few hundred bytes from
//! files kept open; what opened is for the list to say.

use std::{io, path::Path, time::Duration};

use rustix::{
    fd::OwnedFd,
    fs::{CWD, Mode, OFlags, openat},
    io::pread,
};
use tapmap_core::{KernelCount, Timestamp};

use crate::parse::counters::{in_use, tcp, time_waits};

/// Between two counts that are told.
const COUNT_INTERVAL: Duration = Duration::from_secs(1);

/// Counters that rise when something opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Reading {
    /// TCP connections since boot.
    tcp: KernelCount,
    /// Sockets in use: TCP, UDP, TCP over v6, UDP over v6.
    in_use: [u64; 4],
    /// TCP connections that the kernel keeps for a while after their end.
    time_waits: Option<u64>,
}

/// Whether something may have opened.
#[derive(Debug)]
pub(super) struct Gate {
    snmp: OwnedFd,
    sockstat: OwnedFd,
    /// Missing where the kernel has no v6.
    sockstat6: Option<OwnedFd>,
    buffer: Vec<u8>,
    last: Option<Reading>,
    opened: bool,
    /// The count that was told last, and when.
    told: Option<(Timestamp, KernelCount)>,
}

impl Gate {
    /// Opens the counters of the calling thread's network namespace.
    pub(super) fn open() -> io::Result<Self> {
        let folder = Path::new("/proc/thread-self/net");
        let open = |name| openat(CWD, folder.join(name), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
        Ok(Self {
            snmp: open("snmp")?,
            sockstat: open("sockstat")?,
            sockstat6: open("sockstat6").ok(),
            buffer: vec![0; 8192],
            last: None,
            opened: true,
            told: None,
        })
    }

    /// The kernel's count of connections as of the last look, at most once a second and when it is another
    /// than the one before.
    pub(super) fn count(&mut self, at: Timestamp) -> Option<KernelCount> {
        let count = self.last?.tcp;
        let is_news = self
            .told
            .is_none_or(|(then, before)| before != count && (at < then || at.since(then) >= COUNT_INTERVAL));
        is_news.then(|| self.told = Some((at, count))).map(|()| count)
    }

    /// How many connections the kernel keeps for a while after their end, as of the last look.
    pub(super) fn time_waits(&self) -> Option<u64> {
        self.last?.time_waits
    }

    /// Whether something may have opened since [`Gate::listed`]. UDP sockets show only in the number
    /// in use: one that closes while another opens goes unnoticed here, and is seen in the next list.
    pub(super) fn look(&mut self) -> bool {
        let now = self.read();
        self.opened |= match (self.last, now) {
            (Some(last), Some(now)) => {
                let opens = |reading: Reading| (reading.tcp.active_opens, reading.tcp.passive_opens);
                opens(now) != opens(last) || now.in_use.iter().zip(last.in_use).any(|(now, last)| *now > last)
            }
            _ => true,
        };
        self.last = now;
        self.opened
    }

    /// Call before a list begins: remembers the counters as they are before it.
    pub(super) fn begin(&mut self) {
        self.opened = true;
        self.last = self.read();
    }

    /// Call after a list that began with [`Gate::begin`] succeeded.
    pub(super) fn listed(&mut self) {
        self.opened = false;
    }

    fn read(&mut self) -> Option<Reading> {
        let mut reading = Reading { tcp: tcp(text(&self.snmp, &mut self.buffer)?)?, ..Reading::default() };
        let sockets = text(&self.sockstat, &mut self.buffer)?;
        reading.in_use[0] = in_use(sockets, "TCP")?;
        reading.in_use[1] = in_use(sockets, "UDP")?;
        reading.time_waits = time_waits(sockets);
        if let Some(sockets) = self.sockstat6.as_ref().and_then(|file| text(file, &mut self.buffer)) {
            reading.in_use[2] = in_use(sockets, "TCP6").unwrap_or(0);
            reading.in_use[3] = in_use(sockets, "UDP6").unwrap_or(0);
        }
        Some(reading)
    }
}

/// Reads a small file of the kernel's again from its beginning.
fn text<'buffer>(file: &OwnedFd, buffer: &'buffer mut [u8]) -> Option<&'buffer [u8]> {
    let length = pread(file, &mut *buffer, 0).ok()?;
    buffer.get(..length)
}

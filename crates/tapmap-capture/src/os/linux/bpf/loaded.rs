//! The programs in the kernel, and what comes from them: two rings, a count of what found no room there,
//! and lists. Everything goes through descriptors that are held, so it works without any right.

use std::{fmt, io::Read as _, time::Duration};

use aya::{
    Ebpf,
    maps::{Array, MapData, RingBuf},
    programs::{Iter, Program},
};
use rustix::{
    io::Errno,
    time::{ClockId, clock_gettime},
};

use super::refusal::{Refusal, Refusals};
use crate::parse::kernel::{self, HeldSocket, KernelEvent, KernelPacket, ListedProcess};

/// An event is read within some tenths of a second; one that seems older was told by another clock.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// So many events at most are taken at once; what comes faster than it is read waits for the next time.
const MOST: usize = 1 << 18;

/// What was loaded, for as long as it is in the kernel.
#[derive(Debug)]
pub(super) struct Loaded {
    /// What the programs tell.
    pub(super) rings: Rings,
    /// What they list.
    pub(super) lists: Lists,
    /// The inode number of the recorder's network namespace.
    pub(super) network: Option<u32>,
    /// What the kernel did not take.
    pub(super) refusals: Refusals,
}

/// What the programs tell by themselves.
pub(super) struct Rings {
    events: RingBuf<MapData>,
    packets: RingBuf<MapData>,
    lost: Array<MapData, u64>,
    /// What was lost when it was last asked.
    lost_before: u64,
    /// Whether the kernel refuses to tell it: before Linux 5.19, to who gave up the rights.
    pub(super) uncounted: bool,
}

/// What the programs list when they are asked. Holds all programs: they leave the kernel with it.
pub(super) struct Lists {
    programs: Ebpf,
    list: Vec<u8>,
    /// Why nothing can be listed any more.
    pub(super) refused: Option<Refusal>,
}

impl fmt::Debug for Rings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rings").field("lost", &self.lost_before).finish_non_exhaustive()
    }
}

impl fmt::Debug for Lists {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lists").field("refused", &self.refused).finish_non_exhaustive()
    }
}

impl Rings {
    /// What comes through these.
    pub(super) fn new(
        events: RingBuf<MapData>,
        packets: RingBuf<MapData>,
        lost: Array<MapData, u64>,
    ) -> Self {
        Self { events, packets, lost, lost_before: 0, uncounted: false }
    }

    /// Hands over the events since the last time, oldest first, with how long ago they happened.
    pub(super) fn each_event(&mut self, mut each: impl FnMut(&KernelEvent<'_>, Duration)) {
        let now = monotonic_millis();
        for _ in 0..MOST {
            let Some(item) = self.events.next() else { return };
            if let Some(event) = kernel::event(&item) {
                let ago = kernel::told_at(&item).map_or(Duration::ZERO, |told| time_since(told, now));
                each(&event, ago);
            }
        }
    }

    /// Hands over the packets that may hold names since the last time, oldest first.
    pub(super) fn each_packet(&mut self, mut each: impl FnMut(&KernelPacket<'_>)) {
        for _ in 0..MOST {
            let Some(item) = self.packets.next() else { return };
            if let Some(packet) = kernel::packet(&item) {
                each(&packet);
            }
        }
    }

    /// How many events found no room in the ring since the last time, when there were any. Lost packets
    /// are no gap: a name is missing, not a connection.
    pub(super) fn newly_lost(&mut self) -> Option<u64> {
        let lost = self.lost.get(&0, 0);
        self.uncounted = lost.is_err();
        let lost = lost.ok()?;
        let newly = lost.saturating_sub(std::mem::replace(&mut self.lost_before, lost));
        (newly > 0).then_some(newly)
    }
}

impl Lists {
    /// What these programs list.
    pub(super) fn new(programs: Ebpf, refused: Option<Refusal>) -> Self {
        Self { programs, list: Vec::new(), refused }
    }

    /// Lists the sockets that processes hold, in every network.
    pub(super) fn held_sockets(&mut self) -> impl Iterator<Item = HeldSocket<'_>> + Clone {
        self.read("held_sockets");
        kernel::held_sockets(&self.list)
    }

    /// Lists the processes.
    pub(super) fn processes(&mut self) -> impl Iterator<Item = ListedProcess<'_>> {
        self.read("processes");
        kernel::processes(&self.list)
    }

    /// Runs one of the lists. When it cannot be made, it is empty, and the reason is kept.
    fn read(&mut self, name: &str) {
        self.list.clear();
        if self.refused.is_some() {
            return;
        }
        let Some(Program::Iter(program)) = self.programs.program_mut(name) else { return };
        if let Err(refusal) = read(program, &mut self.list) {
            self.list.clear();
            self.refused = Some(if refusal == Refusal::Denied { Refusal::RightsGone } else { refusal });
        }
    }
}

/// Attaches a list, which makes it, and reads it.
fn read(program: &mut Iter, list: &mut Vec<u8>) -> Result<(), Refusal> {
    let of = |error| Refusal::of(&error);
    let link = program.attach().map_err(of)?;
    let link = program.take_link(link).map_err(of)?;
    let mut file = link.into_file().map_err(|error| Refusal::of(&error))?;
    loop {
        match file.read_to_end(list) {
            Ok(_) => return Ok(()),
            // The kernel gives way to others, and goes on when it is asked again.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::AGAIN) => {}
            Err(error) => return Err(Refusal::of(&error)),
        }
    }
}

/// How long ago something was told. More may be told while the ring is read, so after `now`.
fn time_since(told: u32, now: u32) -> Duration {
    let millis = now.wrapping_sub(told).cast_signed();
    Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(LONGEST_WAIT)
}

/// The lower 32 bits of the kernel's monotonic clock in milliseconds: what the programs' events are told by.
fn monotonic_millis() -> u32 {
    let now = clock_gettime(ClockId::Monotonic);
    let millis = now.tv_sec.wrapping_mul(1000).wrapping_add(now.tv_nsec / 1_000_000);
    u32::try_from(millis & 0xFFFF_FFFF).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_while_it_is_read_is_not_long_ago() {
        assert_eq!(time_since(1_000, 1_250), Duration::from_millis(250));
        assert_eq!(time_since(1_001, 1_000), Duration::ZERO);
        assert_eq!(time_since(u32::MAX - 9, 10), Duration::from_millis(20), "the clock began anew");
        assert_eq!(time_since(0, 4_000_000), LONGEST_WAIT, "another clock");
    }
}

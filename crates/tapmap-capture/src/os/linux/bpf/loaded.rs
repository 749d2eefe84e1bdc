//! The programs in the kernel, and what comes from them: two rings, a count of what found no room there,
//! and lists. Everything goes through descriptors that are held, so it works without any right.

use std::{fmt, io::Read as _};

use aya::{
    Ebpf,
    maps::{Array, MapData, RingBuf},
    programs::{Iter, Program},
};
use rustix::io::Errno;
use tapmap_core::LayerName;

use super::refusal::{Refusal, Refusals};
use crate::parse::kernel::{self, HeldSocket, KernelAnswer, KernelEvent, ListedProcess};

/// So many events at most are taken at once; what comes faster than it is read waits for the next time.
const MOST: usize = 1 << 18;

/// The programs, for as long as they are in the kernel.
pub(super) struct Loaded {
    programs: Ebpf,
    events: RingBuf<MapData>,
    answers: RingBuf<MapData>,
    lost: Array<MapData, u64>,
    /// What was lost when it was last asked.
    lost_before: u64,
    /// The inode number of the recorder's network namespace.
    pub(super) network: Option<u32>,
    /// What the kernel did not take.
    pub(super) refusals: Refusals,
    list: Vec<u8>,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Loaded").field("refusals", &self.refusals).finish_non_exhaustive()
    }
}

impl Loaded {
    /// What was loaded.
    pub(super) fn new(
        programs: Ebpf,
        events: RingBuf<MapData>,
        answers: RingBuf<MapData>,
        lost: Array<MapData, u64>,
        network: Option<u32>,
        refusals: Refusals,
    ) -> Self {
        Self { programs, events, answers, lost, lost_before: 0, network, refusals, list: Vec::new() }
    }

    /// Hands over the events since the last time, oldest first.
    pub(super) fn each_event(&mut self, mut each: impl FnMut(KernelEvent<'_>)) {
        for _ in 0..MOST {
            let Some(item) = self.events.next() else { return };
            if let Some(event) = kernel::event(&item) {
                each(event);
            }
        }
    }

    /// Hands over the answers to name queries since the last time, oldest first.
    pub(super) fn each_answer(&mut self, mut each: impl FnMut(KernelAnswer<'_>)) {
        for _ in 0..MOST {
            let Some(item) = self.answers.next() else { return };
            if let Some(answer) = kernel::answer(&item) {
                each(answer);
            }
        }
    }

    /// How many events found no room in the ring since the last time, when there were any. Lost answers to
    /// name queries are no gap: a name is missing, not a connection.
    pub(super) fn newly_lost(&mut self) -> Option<u64> {
        let lost = self.lost.get(&0, 0).ok()?;
        let newly = lost.saturating_sub(std::mem::replace(&mut self.lost_before, lost));
        (newly > 0).then_some(newly)
    }

    /// Lists the sockets that processes hold, in every network.
    pub(super) fn held_sockets(&mut self) -> impl Iterator<Item = HeldSocket<'_>> {
        self.read_list("held_sockets");
        kernel::held_sockets(&self.list)
    }

    /// Lists the processes.
    pub(super) fn processes(&mut self) -> impl Iterator<Item = ListedProcess<'_>> {
        self.read_list("processes");
        kernel::processes(&self.list)
    }

    /// Runs one of the lists. What cannot be listed is left out, and the layer says so from then on.
    fn read_list(&mut self, name: &str) {
        self.list.clear();
        if !self.refusals.works(LayerName::KernelFiles) {
            return;
        }
        let Some(Program::Iter(program)) = self.programs.program_mut(name) else { return };
        if let Err(refusal) = read(program, &mut self.list) {
            let refusal = if refusal == Refusal::Denied { Refusal::RightsGone } else { refusal };
            self.refusals.note(LayerName::KernelFiles, Some(refusal));
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
            // The kernel gives way to others and goes on when it is asked again.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::AGAIN) => {}
            Err(error) => return Err(Refusal::of(&error)),
        }
    }
}

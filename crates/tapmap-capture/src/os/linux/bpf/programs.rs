//! The program files of processes that may not be looked into: the kernel lists them for us.

use std::sync::Arc;

use tapmap_core::Process;

use super::{happened::Sources, loaded::Lists};
use crate::{
    os::linux::{coverage::Rights, owners::Owners},
    parse::kernel::KernelProcess,
};

/// The list of processes, made at most once for as long as this lives: one tick of the recorder.
pub(super) struct Programs<'lists> {
    /// `None` once it was asked, or where every process may be looked into.
    lists: Option<&'lists mut Lists>,
}

/// Whether the programs of other users' processes can be known only from the kernel's list.
pub(super) fn needed() -> bool {
    !Rights::now().others
}

impl<'lists> Programs<'lists> {
    /// Asks only when somebody wants to know of a process that is not known yet.
    pub(super) fn new(lists: &'lists mut Lists) -> Self {
        Self { lists: needed().then_some(lists) }
    }

    /// Sees to it that the program of this process is known, when it lives.
    pub(super) fn know(&mut self, process: &KernelProcess<'_>, owners: &mut Owners) {
        if self.lists.is_some()
            && !owners.knows_program(process)
            && let Some(lists) = self.lists.take()
        {
            owners.learn_programs(lists.processes());
        }
    }
}

impl Sources<'_> {
    /// A process that the kernel told of.
    pub(super) fn process(&mut self, process: &KernelProcess<'_>) -> Arc<Process> {
        self.programs.know(process, self.owners);
        self.owners.told(process)
    }
}

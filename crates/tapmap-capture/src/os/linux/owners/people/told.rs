//! Processes as the kernel tells of them while they act: mostly they can still be looked at, else their
//! names are all that is left of them.

use std::{sync::Arc, time::Duration};

use tapmap_core::{App, AppEvidence, Process, ProcessKey};

use super::People;
use crate::{
    os::linux::proc_fs::ProcFs,
    parse::kernel::{KernelProcess, ListedProcess},
};

/// So many processes that had gone before they were looked at are kept as they were told.
const MOST_STRANGERS: usize = 4096;

/// A process that had gone, and its name then: one process may have several, one after the other.
pub(super) type Stranger = (ProcessKey, Box<[u8]>);

/// The program of a process, as the kernel listed it.
#[derive(Debug)]
pub(super) struct Program {
    key: ProcessKey,
    /// The name of the process then: another one says that it runs another program now.
    name: Box<[u8]>,
    path: Arc<str>,
}

impl People {
    /// A process that the kernel told of.
    pub(in super::super) fn told(
        &mut self,
        proc_fs: Option<&mut ProcFs>,
        told: &KernelProcess<'_>,
    ) -> Arc<Process> {
        let key = ProcessKey { pid: told.pid, start: self.ticks(told.start) };
        if let Some(person) = self.persons.get(&told.pid)
            && person.process.key == key
            && person.process.name.as_bytes() == told.name
        {
            return Arc::clone(&person.process);
        }
        if let Some(process) = self.strangers.get(&(key, told.name.into())) {
            return Arc::clone(process);
        }
        // Not read yet, or it runs another program by now.
        if let Some(person) = self.persons.get_mut(&told.pid) {
            person.read = 0;
        }
        let found = proc_fs.and_then(|proc_fs| self.person(proc_fs, told.pid));
        if let Some((process, _)) = found.filter(|(process, _)| process.key == key) {
            return process;
        }
        self.stranger(key, told)
    }

    /// A process that cannot be looked at any more.
    fn stranger(&mut self, key: ProcessKey, told: &KernelProcess<'_>) -> Arc<Process> {
        let name: Arc<str> = String::from_utf8_lossy(told.name).into();
        let process = Arc::new(Process {
            key,
            app: self
                .namer
                .unit_of_cgroup(told.cgroup)
                .unwrap_or_else(|| App { name: Arc::clone(&name), evidence: AppEvidence::ProcessName }),
            name,
            executable: None,
            file: None,
            user: Some(self.user(told.user)),
            started: self.started(key.start),
            own: false,
        });
        if self.strangers.len() >= MOST_STRANGERS {
            self.strangers.clear();
        }
        self.strangers.insert((key, told.name.into()), Arc::clone(&process));
        process
    }

    /// A time since boot in the unit of `/proc/<pid>/stat`.
    fn ticks(&self, since_boot: Duration) -> u64 {
        let nanos_of_a_tick = 1_000_000_000 / u128::from(self.ticks_per_second.max(1));
        u64::try_from(since_boot.as_nanos() / nanos_of_a_tick).unwrap_or(u64::MAX)
    }

    /// Whether the kernel listed this process, as what it is called now.
    pub(in super::super) fn knows_program(&self, told: &KernelProcess<'_>) -> bool {
        let key = ProcessKey { pid: told.pid, start: self.ticks(told.start) };
        self.programs.get(&told.pid).is_some_and(|program| program.key == key && *program.name == *told.name)
    }

    /// Takes a whole list of the processes in.
    pub(in super::super) fn learn_programs<'list>(
        &mut self,
        listed: impl Iterator<Item = ListedProcess<'list>>,
    ) {
        self.programs.clear();
        for ListedProcess { process, program, .. } in listed {
            let key = ProcessKey { pid: process.pid, start: self.ticks(process.start) };
            let path = String::from_utf8_lossy(program).into();
            self.programs.insert(process.pid, Program { key, name: process.name.into(), path });
        }
    }

    /// The path of a process' program as the kernel listed it.
    pub(super) fn listed_program(&self, key: ProcessKey) -> Option<String> {
        let program = self.programs.get(&key.pid).filter(|program| program.key == key)?;
        let path = program.path.strip_suffix(" (deleted)").unwrap_or(&program.path);
        (!path.is_empty()).then(|| path.to_owned())
    }
}

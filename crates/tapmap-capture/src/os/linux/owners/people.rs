//! What to say about a process that owns sockets: name, program, app, user, start. Which process owns
//! which socket is found elsewhere.

mod told;

use std::{fs, sync::Arc};

use tapmap_core::{App, AppEvidence, Process, ProcessKey, Timestamp};

use super::{
    search::{Search, own_pid},
    wanted::Holder,
};
use crate::{
    Map,
    os::linux::{
        app::AppNamer,
        births::{Births, Facts},
        proc_fs::{ProcFs, Target, file_at},
    },
    parse::process::{boot_seconds, stat, users},
};

/// How far up the parents a socket is followed: it may have been there before a fork.
const GENERATIONS: usize = 4;

/// So many processes that have gone are kept as they were described.
const MOST_GONE: usize = 1024;

/// A process that owns sockets.
#[derive(Debug)]
struct Person {
    process: Arc<Process>,
    parent: u32,
    /// The search in which it was last read.
    read: u64,
}

/// The processes that own sockets, and what is needed to describe them.
pub(super) struct People {
    namer: AppNamer,
    users: Map<u32, Arc<str>>,
    boot_seconds: Option<u64>,
    ticks_per_second: u64,
    persons: Map<u32, Person>,
    strangers: Map<told::Stranger, Arc<Process>>,
    programs: Map<u32, told::Program>,
    searches: u64,
    births: Births,
    /// Processes that had gone before they were read.
    gone: Map<ProcessKey, Arc<Process>>,
}

impl std::fmt::Debug for People {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("People").field("persons", &self.persons).finish_non_exhaustive()
    }
}

impl People {
    /// Knows nobody yet.
    pub(super) fn new(births: Births) -> Self {
        Self {
            births,
            gone: Map::default(),
            namer: AppNamer::new(),
            users: Map::default(),
            boot_seconds: fs::read("/proc/stat").ok().and_then(|text| boot_seconds(&text)),
            ticks_per_second: rustix::param::clock_ticks_per_second(),
            persons: Map::default(),
            strangers: Map::default(),
            programs: Map::default(),
            searches: 0,
        }
    }

    /// The unit or container behind a control group.
    pub(super) fn unit(&mut self, cgroup: u64) -> Option<App> {
        self.namer.unit_of_cgroup(cgroup)
    }

    /// Forgets the owners that have ended, and returns them. Costs one system call for each owner.
    pub(super) fn take_gone(&mut self, search: &mut Search) -> Vec<ProcessKey> {
        self.searches += 1;
        self.persons
            .extract_if(|pid, _| !lives(*pid))
            .map(|(pid, person)| {
                search.forget(pid);
                person.process.key
            })
            .collect()
    }

    /// Describes the processes that hold a socket, the earliest started first. With `follow`, for searches
    /// that did not ask every process, parents that hold it under the same number are added: they had it
    /// before they forked.
    pub(super) fn holders(
        &mut self,
        search: &mut Search,
        holders: &[Holder],
        inode: u32,
        follow: bool,
    ) -> Vec<Arc<Process>> {
        let mut found: Vec<(Arc<Process>, u32)> = Vec::with_capacity(holders.len());
        for Holder { pid, descriptor, .. } in holders.iter().copied() {
            let mut next = Some(pid);
            for _ in 0..GENERATIONS {
                let Some(pid) = next else { break };
                if found.iter().any(|(process, _)| process.key.pid == pid) {
                    break;
                }
                let Some((process, parent)) = self.person(&mut search.proc_fs, pid) else { break };
                found.push((process, descriptor));
                next = (follow && parent != 0 && holds(&search.proc_fs, parent, descriptor, inode))
                    .then_some(parent);
            }
        }
        // A copy that was about to become another program was seen with what it then closed.
        if found.windows(2).any(|pair| pair[0].0.app.name != pair[1].0.app.name) {
            found.retain(|(process, number)| holds(&search.proc_fs, process.key.pid, *number, inode));
        }
        found.sort_by_key(|(process, _)| (process.key.start, process.key.pid));
        found.into_iter().map(|(process, _)| process).collect()
    }

    /// A process as it is now, or as it was when it was read last.
    pub(super) fn process(&mut self, proc_fs: &mut ProcFs, pid: u32) -> Option<Arc<Process>> {
        self.person(proc_fs, pid).map(|(process, _)| process)
    }

    /// Reads a process anew when it is asked for next; all, when none is named.
    pub(super) fn forget_details(&mut self, pid: Option<u32>) {
        match pid {
            Some(pid) => {
                if let Some(person) = self.persons.get_mut(&pid) {
                    person.read = 0;
                }
            }
            None => self.persons.values_mut().for_each(|person| person.read = 0),
        }
    }

    /// A process that has gone, as it was read when it began, and its parent. One that ended sooner did
    /// what its parent did, unless it ran another program.
    fn gone(&mut self, proc_fs: &mut ProcFs, pid: u32) -> Option<(Arc<Process>, u32)> {
        let born = self.births.get(pid)?;
        // The clocks differ by the time that the machine slept; where the start was not read, it is
        // only a number that tells this process from others.
        let start = born.start.unwrap_or(born.at / (1_000_000_000 / self.ticks_per_second.max(1)));
        let key = ProcessKey { pid, start };
        if let Some(process) = self.gone.get(&key) {
            return Some((Arc::clone(process), born.parent));
        }
        let process = match born.facts.as_deref() {
            Some(facts) => self.as_it_was(key, facts),
            None if born.is_copy() && self.births.get(born.parent).is_none() => {
                let (parent, _) = self.person(proc_fs, born.parent)?;
                Arc::new(Process { key, started: self.started(start), own: false, ..(*parent).clone() })
            }
            None => return None,
        };
        if self.gone.len() >= MOST_GONE {
            self.gone.clear();
        }
        self.gone.insert(key, Arc::clone(&process));
        Some((process, born.parent))
    }

    fn as_it_was(&mut self, key: ProcessKey, facts: &Facts) -> Arc<Process> {
        let kept = |file: &str| match file {
            "cgroup" => facts.groups.clone(),
            "cmdline" => facts.command_line.clone(),
            _ => None,
        };
        let executable = facts.executable.as_deref();
        let app = self.namer.describe_from(&kept, &facts.name, executable).unwrap_or_else(|| App {
            name: format!("process {}", key.pid).into(),
            evidence: AppEvidence::ProcessName,
        });
        Arc::new(Process {
            key,
            name: facts.name.as_str().into(),
            executable: executable.map(Into::into),
            file: facts.file,
            app,
            user: facts.user.map(|user| self.user(user)),
            started: self.started(key.start),
            own: false,
        })
    }

    /// A process as it is now, and its parent; or as it was, when it has gone. Read at most once in a list.
    fn person(&mut self, proc_fs: &mut ProcFs, pid: u32) -> Option<(Arc<Process>, u32)> {
        if let Some(person) = self.persons.get(&pid).filter(|person| person.read == self.searches) {
            return Some((Arc::clone(&person.process), person.parent));
        }
        let Some(stat) = proc_fs.file(pid, "stat").and_then(stat) else { return self.gone(proc_fs, pid) };
        let (parent, key) = (stat.parent, ProcessKey { pid, start: stat.start });
        let name = String::from_utf8_lossy(stat.name).into_owned();
        let executable = proc_fs.executable(pid).or_else(|| self.listed_program(key));
        let unchanged = self.persons.get(&pid).map(|person| &person.process).filter(|process| {
            process.key == key
                && *process.name == *name
                && process.executable.as_deref() == executable.as_deref()
        });
        let process = if let Some(process) = unchanged {
            Arc::clone(process)
        } else {
            let app = self.namer.describe(pid, &name, executable.as_deref());
            // Where the process may not be looked at, its file is the one at its path, unless a container has
            // files of its own.
            let path = executable.as_deref().filter(|_| app.evidence != AppEvidence::Container);
            Arc::new(Process {
                key,
                app,
                name: name.into(),
                file: proc_fs.program_file(pid).or_else(|| file_at(path?)),
                executable: executable.map(Into::into),
                user: proc_fs.folder_user(pid).map(|user| self.user(user)),
                started: self.started(key.start),
                own: pid == own_pid(),
            })
        };
        let person = Person { process: Arc::clone(&process), parent, read: self.searches };
        self.persons.insert(pid, person);
        Some((process, parent))
    }

    /// A user's name, or the number where the list of users has none.
    fn user(&mut self, number: u32) -> Arc<str> {
        if let Some(name) = self.users.get(&number) {
            return Arc::clone(name);
        }
        // The list may have grown since it was read.
        let list = fs::read("/etc/passwd").unwrap_or_default();
        for (number, name) in users(&String::from_utf8_lossy(&list)) {
            self.users.entry(number).or_insert_with(|| name.into());
        }
        let name = self.users.entry(number).or_insert_with(|| number.to_string().into());
        Arc::clone(name)
    }

    fn started(&self, ticks: u64) -> Option<Timestamp> {
        let since_boot = ticks.checked_mul(1000)?.checked_div(self.ticks_per_second)?;
        let millis = self.boot_seconds?.checked_mul(1000)?.checked_add(since_boot)?;
        i64::try_from(millis).ok().map(Timestamp::from_millis)
    }
}

/// Whether a process has a socket under this number now.
fn holds(proc_fs: &ProcFs, pid: u32, descriptor: u32, inode: u32) -> bool {
    proc_fs.descriptor(pid, descriptor) == Ok(Target::Socket(inode))
}

/// Whether a process with this number exists. A refusal to signal it says that it does.
fn lives(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

//! The processes that began lately, and those that ended a moment ago: a bounded memory. It asks nobody;
//! what it is told it keeps, so that who owned a connection can be named when the process has gone.

use std::{collections::VecDeque, sync::Arc};

use tapmap_core::FileIdentity;

use crate::Map;

/// At most so many processes are remembered.
const LIMIT: usize = 4096;
/// So long a process is remembered after its end, in nanoseconds, as far as there is room.
const AFTER_END: u64 = 60_000_000_000;

/// What was read of a process while it lived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::os::linux) struct Facts {
    /// The kernel's short name for it.
    pub(in crate::os::linux) name: String,
    /// Its program file, where it may be read.
    pub(in crate::os::linux) executable: Option<String>,
    /// Which file that was.
    pub(in crate::os::linux) file: Option<FileIdentity>,
    /// The user it ran as.
    pub(in crate::os::linux) user: Option<u32>,
    /// The text of its `cgroup` file.
    pub(in crate::os::linux) groups: Option<String>,
    /// The beginning of its command line, each word ended by a zero byte.
    pub(in crate::os::linux) command_line: Option<String>,
}

/// A process that began while the recorder ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::os::linux) struct Born {
    /// The process that made it.
    pub(in crate::os::linux) parent: u32,
    /// When it began, in clock ticks since boot; `None` when it ended before that could be read.
    pub(in crate::os::linux) start: Option<u64>,
    /// When it began, in nanoseconds of the kernel's monotonic clock.
    pub(in crate::os::linux) at: u64,
    /// What was read of it, or what it took over from its parent.
    pub(in crate::os::linux) facts: Option<Arc<Facts>>,
    /// When it began another program than its parent's, by the same clock.
    executed: Option<u64>,
    /// When it ended, in nanoseconds of the same clock.
    ended: Option<u64>,
}

impl Born {
    /// Whether it does what its parent does.
    pub(in crate::os::linux) fn is_copy(&self) -> bool {
        self.executed.is_none()
    }

    /// Whether its end was told.
    #[cfg(test)]
    pub(in crate::os::linux) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }
}

/// The memory.
#[derive(Debug, Default)]
pub(super) struct Recent {
    born: Map<u32, Born>,
    /// Ends, oldest first.
    ends: VecDeque<(u64, u32)>,
}

impl Recent {
    /// A process by its number: the latest that had it.
    pub(super) fn get(&self, pid: u32) -> Option<Born> {
        let mut born = self.born.get(&pid)?.clone();
        if born.facts.is_none() {
            born.facts = self.parents_facts(&born);
        }
        Some(born)
    }

    /// What a copy took over from its parent, where the parent was read only after the copy was made.
    fn parents_facts(&self, copy: &Born) -> Option<Arc<Facts>> {
        let parent = self.born.get(&copy.parent).filter(|_| copy.is_copy())?;
        let is_unchanged = parent.executed.unwrap_or(parent.at) <= copy.at;
        parent.facts.clone().filter(|_| is_unchanged)
    }

    /// A process made a copy of itself, which does what its parent does until it runs another program.
    pub(super) fn fork(&mut self, parent: u32, child: u32, at: u64) {
        let facts = self.born.get(&parent).and_then(|parent| parent.facts.clone());
        self.insert(child, Born { parent, start: None, at, facts, executed: None, ended: None });
    }

    /// A process runs another program from now on: what was read of it is no longer true.
    pub(super) fn exec(&mut self, pid: u32, at: u64) {
        if !self.born.contains_key(&pid) {
            self.fork(0, pid, at);
        }
        if let Some(born) = self.born.get_mut(&pid) {
            (born.facts, born.executed) = (None, Some(at));
        }
    }

    /// A process ended.
    pub(super) fn exit(&mut self, pid: u32, at: u64) {
        if let Some(born) = self.born.get_mut(&pid) {
            born.ended = Some(at);
            self.ends.push_back((at, pid));
        }
        let is_old = |ended: u64| ended.saturating_add(AFTER_END) < at;
        while self.ends.len() > LIMIT || self.ends.front().is_some_and(|(ended, _)| is_old(*ended)) {
            self.forget_oldest_end();
        }
    }

    /// Something was read of a process.
    pub(super) fn learn(&mut self, pid: u32, parent: u32, start: u64, facts: Option<Facts>) {
        let Some(born) = self.born.get_mut(&pid) else { return };
        (born.parent, born.start) = (parent, Some(start));
        if let Some(facts) = facts {
            born.facts = Some(Arc::new(facts));
        }
    }

    fn insert(&mut self, pid: u32, born: Born) {
        while self.born.len() >= LIMIT && self.forget_oldest_end() {}
        if self.born.len() >= LIMIT {
            // All of them live, so `/proc` still tells of any that is forgotten here.
            let any = self.born.keys().next().copied();
            any.and_then(|pid| self.born.remove(&pid));
        }
        self.born.insert(pid, born);
    }

    /// Forgets the process that ended first; says whether there was one.
    fn forget_oldest_end(&mut self) -> bool {
        let Some((at, pid)) = self.ends.pop_front() else { return false };
        // The number may have come again.
        if self.born.get(&pid).is_some_and(|born| born.ended == Some(at)) {
            self.born.remove(&pid);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(name: &str) -> Facts {
        Facts { name: name.to_owned(), ..Facts::default() }
    }

    fn name(recent: &Recent, pid: u32) -> Option<String> {
        Some(recent.get(pid)?.facts?.name.clone())
    }

    #[test]
    fn a_copy_is_what_its_parent_was_until_it_runs_another_program() {
        let mut recent = Recent::default();
        recent.exec(10, 1);
        recent.learn(10, 1, 100, Some(facts("shell")));
        recent.fork(10, 11, 2);
        assert_eq!(name(&recent, 11).as_deref(), Some("shell"));
        recent.exec(11, 3);
        assert_eq!(name(&recent, 11), None);
        recent.learn(11, 10, 101, Some(facts("curl")));
        recent.exec(10, 4);
        assert_eq!(name(&recent, 11).as_deref(), Some("curl"));
        assert_eq!(recent.get(11).map(|born| (born.parent, born.start)), Some((10, Some(101))));
    }

    #[test]
    fn a_copy_that_was_made_before_its_parent_was_read_is_what_its_parent_was() {
        let mut recent = Recent::default();
        recent.exec(10, 1);
        recent.fork(10, 11, 2);
        recent.exit(11, 3);
        recent.learn(10, 1, 100, Some(facts("shell")));
        assert_eq!(name(&recent, 11).as_deref(), Some("shell"));
        recent.exec(10, 4);
        recent.learn(10, 1, 100, Some(facts("curl")));
        assert_eq!(name(&recent, 11), None);
    }

    #[test]
    fn the_ended_are_remembered_for_a_minute() {
        let mut recent = Recent::default();
        recent.fork(1, 10, 0);
        recent.exit(10, 5);
        recent.fork(1, 11, 6);
        recent.exit(11, AFTER_END + 5);
        assert!(recent.get(10).is_some() && recent.get(11).is_some());
        recent.exit(12, AFTER_END + 6);
        assert!(recent.get(10).is_none() && recent.get(11).is_some());
    }

    #[test]
    fn a_number_that_came_again_is_another_process() {
        let mut recent = Recent::default();
        recent.fork(1, 10, 0);
        recent.exit(10, 5);
        recent.fork(2, 10, 6);
        recent.exit(99, AFTER_END + 9);
        assert_eq!(recent.get(10).map(|born| born.parent), Some(2));
    }

    #[test]
    fn the_memory_stays_small_whatever_begins() {
        let mut recent = Recent::default();
        for pid in 0..3 * 4096 {
            recent.fork(1, pid, u64::from(pid));
            if pid < 4096 {
                recent.exit(pid, u64::from(pid));
            }
            assert!(recent.born.len() <= LIMIT && recent.ends.len() <= LIMIT);
        }
        assert!(recent.get(3 * 4096 - 1).is_some() && recent.get(5).is_none());
        for at in 0..3 * 4096 {
            recent.fork(1, 7, at);
            recent.exit(7, at);
        }
        assert!(recent.ends.len() <= LIMIT, "{}", recent.ends.len());
    }
}

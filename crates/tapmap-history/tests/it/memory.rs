//! A history in memory, written in the plainest way: what the contract is held against beside SQLite.

use std::{
    collections::HashMap,
    ops::{ControlFlow, RangeInclusive},
    sync::{Arc, Mutex},
};

use tapmap_core::{
    Away, Batch, Calendar, Day, DayUse, Ending, Facet, FlowId, FlowPage, FlowQuery, FlowRecord, Forget,
    Forgetting, HistoryReader, HistoryStats, HistoryStore, ListenerRecord, OwnerRecord, ProgramSeen,
    RecordId, Retention, Session, SessionRecord, Slot, SocketId, StoreError, TimelineQuery, Timestamp,
    Unobserved, WhyUnobserved,
};
use tapmap_history::LocalDays;

#[derive(Default)]
pub(crate) struct MemoryStore(Arc<Shared>);

#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    flows: Vec<FlowRecord>,
    /// What each flow is counted as, by day: bytes sent and received, first and last moment.
    days: Vec<(usize, Day, u64, u64, Timestamp, Timestamp)>,
    open: HashMap<FlowId, usize>,
    listeners: Vec<ListenerRecord>,
    open_listeners: HashMap<SocketId, usize>,
    gaps: Vec<Unobserved>,
    away: Vec<Away>,
    programs: Vec<ProgramSeen>,
    sessions: Vec<SessionRecord>,
    forgetting: Vec<Forgetting>,
    imported: Vec<(Facet, DayUse)>,
    asked: i64,
}

impl State {
    fn calendar(&self) -> LocalDays {
        let zone = self.sessions.last().map_or("", |last| &*last.session.zone);
        LocalDays::of_zone(zone).unwrap()
    }

    /// Who used which values on some days, where a flow has one.
    fn uses(
        &self,
        days: RangeInclusive<Day>,
        value: impl Fn(&FlowRecord) -> Option<Arc<str>>,
    ) -> Vec<DayUse> {
        let shown: Vec<RecordId> = self.shown().iter().map(|record| record.id).collect();
        let mut uses: Vec<DayUse> = Vec::new();
        for (index, day, sent, received, first, last) in &self.days {
            let record = &self.flows[*index];
            let Some(value) = value(record).filter(|_| days.contains(day) && shown.contains(&record.id))
            else {
                continue;
            };
            let one = DayUse {
                day: *day,
                value,
                app: record.app().cloned(),
                flows: 1,
                mapped: u64::from(record.remote.is_mapped()),
                sent: *sent,
                received: *received,
                first_seen: Some(*first),
                last_seen: Some(*last),
                imported: false,
            };
            match uses.iter_mut().find(|it| (it.day, &it.value, &it.app) == (one.day, &one.value, &one.app)) {
                None => uses.push(one),
                Some(known) => {
                    known.flows += 1;
                    known.mapped += one.mapped;
                    known.sent += one.sent;
                    known.received += one.received;
                    known.first_seen = known.first_seen.min(one.first_seen);
                    known.last_seen = known.last_seen.max(one.last_seen);
                }
            }
        }
        uses
    }

    fn alive_at(&self) -> Timestamp {
        self.sessions.last().map_or_else(Timestamp::default, |last| last.alive_at)
    }

    fn hides_program(&self, one: &Forgetting, seen: &ProgramSeen) -> bool {
        match &one.what {
            Forget::App(app) => seen.app == *app,
            Forget::Before(day) => seen.first_seen < self.calendar().begin_of(*day),
            Forget::All => seen.first_seen < one.asked_at,
        }
    }

    fn hides(&self, what: &Forget, asked_at: Timestamp, record: &FlowRecord) -> bool {
        match what {
            Forget::Before(day) => record.span.first_seen < self.calendar().begin_of(*day),
            Forget::App(app) => record.app() == Some(app),
            Forget::All => record.span.first_seen < asked_at,
        }
    }

    fn shown(&self) -> Vec<FlowRecord> {
        let hidden =
            |record: &FlowRecord| self.forgetting.iter().any(|it| self.hides(&it.what, it.asked_at, record));
        let mut shown: Vec<FlowRecord> = self.flows.iter().filter(|it| !hidden(it)).cloned().collect();
        for record in shown.iter_mut().filter(|record| record.ending == Ending::Open) {
            record.span.last_seen = record.span.last_seen.max(self.alive_at());
        }
        shown.sort_by_key(|record| std::cmp::Reverse(record.id));
        shown
    }

    fn count(&mut self, index: usize, at: Timestamp, bytes: (u64, u64)) {
        let day = self.calendar().day_of(at);
        match self.days.iter_mut().find(|it| (it.0, it.1) == (index, day)) {
            Some(known) => {
                *known = (index, day, known.2 + bytes.0, known.3 + bytes.1, known.4, known.5.max(at));
            }
            None => self.days.push((index, day, bytes.0, bytes.1, at, at)),
        }
    }

    fn write(&mut self, entry: &tapmap_core::FlowEntry, at: Timestamp) {
        let flow = &entry.flow;
        let mut record = FlowRecord::of(flow, entry.ending, RecordId(0));
        let first_seen = flow.span.first_seen;
        record.span.last_seen =
            if entry.ending == Ending::Open { at } else { flow.span.last_seen }.max(first_seen);
        let known = self.open.get(&flow.id).copied();
        let index = known.unwrap_or(self.flows.len());
        let before = known.map_or((0, 0), |known| {
            let known = &self.flows[known];
            (known.sent.unwrap_or(0), known.received.unwrap_or(0))
        });
        if known.is_none() {
            let lowest = first_seen.as_millis() << 20;
            let last =
                self.flows.iter().map(|it| it.id.0).filter(|id| id >> 20 == first_seen.as_millis()).max();
            record.id = RecordId(last.map_or(lowest, |last| last + 1));
            self.flows.push(record.clone());
            self.count(index, first_seen, (0, 0));
        }
        record.id = self.flows[index].id;
        let more = |now: Option<u64>, before: u64| now.unwrap_or(0).saturating_sub(before);
        let bytes = (more(record.sent, before.0), more(record.received, before.1));
        self.count(index, record.span.last_seen, bytes);
        self.flows[index] = record;
        if entry.ending == Ending::Open {
            self.open.insert(flow.id, index);
        } else {
            self.open.remove(&flow.id);
        }
    }
}

impl HistoryStore for MemoryStore {
    fn begin(&mut self, session: &Session) -> Result<(), StoreError> {
        let mut state = self.0.0.lock().unwrap();
        let alive_at = state.alive_at();
        for record in state.flows.iter_mut().filter(|record| record.ending == Ending::Open) {
            record.ending = Ending::Unseen;
            record.span.last_seen = record.span.last_seen.max(alive_at);
        }
        for listener in state.listeners.iter_mut().filter(|listener| listener.open) {
            listener.open = false;
            listener.last_seen = listener.last_seen.max(alive_at);
        }
        state.open.clear();
        state.open_listeners.clear();
        if !state.sessions.is_empty() {
            let back = session.started_at < alive_at;
            let (from, until) =
                if back { (session.started_at, alive_at) } else { (alive_at, session.started_at) };
            let why = if back { WhyUnobserved::ClockSet } else { WhyUnobserved::NotRunning };
            state.gaps.push(Unobserved { from, until, why, lost: None });
        }
        state.sessions.push(SessionRecord { session: session.clone(), alive_at: session.started_at });
        Ok(())
    }

    fn append(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let mut state = self.0.0.lock().unwrap();
        if let (Some(zone), Some(last)) = (&batch.new_zone, state.sessions.last().cloned())
            && *zone != last.session.zone
        {
            let session = Session { zone: Arc::clone(zone), started_at: batch.at, ..last.session };
            state.sessions.push(SessionRecord { session, alive_at: batch.at });
        }
        let alive_at = state.alive_at();
        if alive_at.since(batch.at).as_secs() > 2 {
            let why = WhyUnobserved::ClockSet;
            state.gaps.push(Unobserved { from: batch.at, until: alive_at, why, lost: None });
        }
        state.gaps.extend(batch.gaps.iter().cloned());
        for seen in &batch.programs {
            let is_known = |it: &&ProgramSeen| it.app == seen.app && it.file == seen.file;
            if state.programs.iter().find(is_known).is_none() {
                state.programs.push(seen.clone());
            }
        }
        for away in &batch.away {
            state.away.retain(|known| known.from != away.from);
            state.away.push(*away);
        }
        for entry in &batch.flows {
            state.write(entry, batch.at);
        }
        if state.calendar().day_of(alive_at) != state.calendar().day_of(batch.at) {
            let open: Vec<usize> = state.open.values().copied().collect();
            for index in open {
                state.count(index, batch.at, (0, 0));
            }
        }
        for entry in &batch.listeners {
            let listener = &entry.listener;
            let record = ListenerRecord {
                protocol: listener.protocol,
                local: listener.local,
                owner: Arc::new(OwnerRecord::from(&listener.attribution)),
                first_seen: listener.first_seen,
                last_seen: entry.closed_at.unwrap_or(batch.at),
                open: entry.closed_at.is_none(),
            };
            let index = state.open_listeners.get(&listener.id).copied().unwrap_or(state.listeners.len());
            if index == state.listeners.len() {
                state.listeners.push(record);
            } else {
                state.listeners[index] = record;
            }
            match entry.closed_at {
                Some(_) => state.open_listeners.remove(&listener.id),
                None => state.open_listeners.insert(listener.id, index),
            };
        }
        if let Some(last) = state.sessions.last_mut() {
            last.alive_at = batch.at;
        }
        Ok(())
    }

    fn forget(&mut self, what: &Forget, at: Timestamp, due_at: Timestamp) -> Result<Forgetting, StoreError> {
        let mut state = self.0.0.lock().unwrap();
        state.asked += 1;
        let forgetting = Forgetting { id: state.asked, what: what.clone(), asked_at: at, due_at };
        state.forgetting.push(forgetting.clone());
        Ok(forgetting)
    }

    fn restore(&mut self, id: i64) -> Result<bool, StoreError> {
        let mut state = self.0.0.lock().unwrap();
        let before = state.forgetting.len();
        state.forgetting.retain(|it| it.id != id);
        Ok(state.forgetting.len() < before)
    }

    /// Erases what is due and too old; keeps the places of what is gone, so that numbers stay.
    fn tidy(&mut self, now: Timestamp, keep: Retention) -> Result<bool, StoreError> {
        let mut state = self.0.0.lock().unwrap();
        let calendar = state.calendar();
        let first = Day(calendar.day_of(now).0 - i32::try_from(keep.days).unwrap() + 1);
        let (due, waiting): (Vec<_>, Vec<_>) = state.forgetting.drain(..).partition(|it| it.due_at <= now);
        state.forgetting = waiting;
        let begin = calendar.begin_of(first);
        let is_kept = |state: &State, record: &FlowRecord| {
            (record.ending == Ending::Open || record.span.last_seen >= begin)
                && !due.iter().any(|it| state.hides(&it.what, it.asked_at, record))
        };
        let kept: Vec<bool> = state.flows.iter().map(|record| is_kept(&state, record)).collect();
        let all = due.iter().any(|it| it.what == Forget::All);
        let before = due
            .iter()
            .filter_map(|it| match it.what {
                Forget::Before(day) => Some(day),
                _ => None,
            })
            .max();
        state.days.retain(|it| kept[it.0] && it.1 >= first && before.is_none_or(|day| it.1 >= day));
        state.imported.retain(|(_, it)| !all && it.day >= first && before.is_none_or(|day| it.day >= day));
        state.gaps.retain(|_| !all);
        state.away.retain(|away| !all && away.until >= begin);
        let programs = std::mem::take(&mut state.programs);
        state.programs =
            programs.into_iter().filter(|seen| !due.iter().any(|it| state.hides_program(it, seen))).collect();
        let numbers: HashMap<usize, usize> = kept
            .iter()
            .enumerate()
            .filter(|(_, kept)| **kept)
            .map(|(old, _)| old)
            .enumerate()
            .map(|(new, old)| (old, new))
            .collect();
        state.flows = std::mem::take(&mut state.flows)
            .into_iter()
            .zip(&kept)
            .filter(|(_, kept)| **kept)
            .map(|(it, _)| it)
            .collect();
        state.days = std::mem::take(&mut state.days)
            .into_iter()
            .map(|it| (numbers[&it.0], it.1, it.2, it.3, it.4, it.5))
            .collect();
        state.open = std::mem::take(&mut state.open)
            .into_iter()
            .filter_map(|(id, old)| Some((id, *numbers.get(&old)?)))
            .collect();
        Ok(false)
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn import(&mut self, facet: Facet, uses: &[DayUse]) -> Result<(), StoreError> {
        let mut state = self.0.0.lock().unwrap();
        for one in uses {
            let one = (facet, one.clone());
            if !state.imported.contains(&one) {
                state.imported.push(one);
            }
        }
        Ok(())
    }

    fn begin_anew(&mut self, _: &str, _: Timestamp) -> Result<String, StoreError> {
        *self.0.0.lock().unwrap() = State::default();
        Ok("nowhere".to_owned())
    }

    fn reader(&self) -> Result<Arc<dyn HistoryReader>, StoreError> {
        Ok(Arc::clone(&self.0) as Arc<dyn HistoryReader>)
    }
}

impl HistoryReader for Shared {
    fn flows(&self, query: &FlowQuery, now: Timestamp) -> Result<FlowPage, StoreError> {
        let mut flows = Vec::new();
        self.each_flow(query, now, &mut |record| {
            if query.before.is_none_or(|before| record.id < before) {
                flows.push(record);
            }
            ControlFlow::Continue(())
        })?;
        let more = flows.len() > query.limit;
        flows.truncate(query.limit);
        let next = flows.last().filter(|_| more).map(|last| last.id);
        Ok(FlowPage { flows, next })
    }

    fn each_flow(
        &self,
        query: &FlowQuery,
        now: Timestamp,
        visit: &mut dyn FnMut(FlowRecord) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        for record in self.0.lock().unwrap().shown() {
            let in_time = query.from.is_none_or(|from| record.span.last_seen >= from)
                && query.to.is_none_or(|to| record.span.first_seen < to);
            if in_time && query.filter.fits(&record, now) && visit(record).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn timeline(&self, query: &TimelineQuery, now: Timestamp) -> Result<Vec<Slot>, StoreError> {
        let slot = i64::try_from(query.slot.as_millis()).unwrap();
        let (from, to) = (query.from.as_millis(), query.to.as_millis());
        let begins = (from..to).step_by(usize::try_from(slot).unwrap());
        let mut slots: Vec<Slot> =
            begins.map(|from| Slot { from: Timestamp::from_millis(from), ..Slot::default() }).collect();
        for record in self.0.lock().unwrap().shown().iter().filter(|it| query.filter.fits(it, now)) {
            let number = |at: Timestamp| usize::try_from((at.as_millis() - from).div_euclid(slot)).ok();
            if let Some(slot) = number(record.span.first_seen).and_then(|number| slots.get_mut(number)) {
                slot.flows += 1;
            }
            if let Some(slot) = number(record.span.last_seen).and_then(|number| slots.get_mut(number)) {
                slot.sent += record.sent.unwrap_or(0);
                slot.received += record.received.unwrap_or(0);
            }
        }
        Ok(slots)
    }

    fn days(&self, facet: Facet, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError> {
        let counted = |record: &FlowRecord| {
            record.value_of(facet).filter(|_| record.remote.counts() && !record.owner.own)
        };
        let state = self.0.lock().unwrap();
        let mut uses = state.uses(from..=to, counted);
        let imported =
            state.imported.iter().filter(|(it, one)| *it == facet && (from..=to).contains(&one.day));
        uses.extend(imported.map(|(_, one)| one.clone()));
        Ok(uses)
    }

    fn inbound(&self, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError> {
        let port = |record: &FlowRecord| record.comes_in().then(|| record.service_port().to_string().into());
        Ok(self.0.lock().unwrap().uses(from..=to, port))
    }

    fn listeners(&self, from: Timestamp, to: Timestamp) -> Result<Vec<ListenerRecord>, StoreError> {
        let state = self.0.lock().unwrap();
        let mut found = state.listeners.clone();
        for listener in found.iter_mut().filter(|listener| listener.open) {
            listener.last_seen = listener.last_seen.max(state.alive_at());
        }
        found.retain(|it| it.first_seen < to && it.last_seen >= from);
        Ok(found)
    }

    fn programs(&self) -> Result<Vec<ProgramSeen>, StoreError> {
        let state = self.0.lock().unwrap();
        let is_hidden = |seen: &ProgramSeen| state.forgetting.iter().any(|it| state.hides_program(it, seen));
        let mut found = state.programs.clone();
        found.retain(|seen| !is_hidden(seen));
        found.sort_by_key(|seen| seen.first_seen);
        Ok(found)
    }

    fn away(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Away>, StoreError> {
        let state = self.0.lock().unwrap();
        let shown_from = state.forgetting.iter().filter_map(|it| match it.what {
            Forget::Before(day) => Some(state.calendar().begin_of(day)),
            Forget::All => Some(it.asked_at),
            Forget::App(_) => None,
        });
        let from = shown_from.max().map_or(from, |shown_from| shown_from.max(from));
        let known = state.away.iter().filter(|away| away.from < to && away.until > from);
        Ok(known.map(|it| Away { from: it.from.max(from), until: it.until.min(to), ..*it }).collect())
    }

    fn unobserved(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Unobserved>, StoreError> {
        let state = self.0.lock().unwrap();
        Ok(state.gaps.iter().filter(|gap| gap.from < to && gap.until >= from).cloned().collect())
    }

    fn sessions(&self) -> Result<Vec<SessionRecord>, StoreError> {
        Ok(self.0.lock().unwrap().sessions.clone())
    }

    fn calendar(&self) -> Result<Box<dyn Calendar>, StoreError> {
        Ok(Box::new(self.0.lock().unwrap().calendar()))
    }

    fn forgetting(&self) -> Result<Vec<Forgetting>, StoreError> {
        Ok(self.0.lock().unwrap().forgetting.clone())
    }

    fn stats(&self) -> Result<HistoryStats, StoreError> {
        let state = self.0.lock().unwrap();
        let shown = state.shown();
        let count = u64::try_from(shown.len()).unwrap();
        Ok(HistoryStats {
            flows: count,
            rows: count,
            oldest: shown.last().map(|record| record.span.first_seen),
            newest: shown.first().map(|record| record.span.first_seen),
            sessions: u64::try_from(state.sessions.len()).unwrap(),
            ..HistoryStats::default()
        })
    }

    fn verify(&self, _: bool) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}

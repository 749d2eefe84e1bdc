//! On which days other computers came in, by app and port.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

use tapmap_core::{
    AddressScope, Calendar, Day, Direction, Filter, FlowQuery, FlowRecord, HistoryReader, PortUse,
    ReasonKind, StoreError, Term, Test, Timestamp,
};

/// One app at one port on one day.
type Where = (Option<Arc<str>>, u16, Day);

/// When other computers came in. Looks at each flow that did, which few computers have many of.
pub(super) fn inbound(reader: &dyn HistoryReader, now: Timestamp) -> Result<Vec<PortUse>, StoreError> {
    let calendar = reader.calendar()?;
    let inbound = Term { negated: false, test: Test::Direction(Direction::Inbound) };
    let query = FlowQuery { filter: Filter { terms: vec![inbound] }, ..FlowQuery::default() };
    let mut found: BTreeMap<Where, (Timestamp, u64)> = BTreeMap::new();
    reader.each_flow(&query, now, &mut |record| {
        if is_from_another_computer(&record) {
            let at = record.span.first_seen;
            let seen = found.entry(place(&record, &*calendar)).or_insert((at, 0));
            *seen = (seen.0.min(at), seen.1 + 1);
        }
        ControlFlow::Continue(())
    })?;
    let uses = found.into_iter().map(|((app, port, day), (first_seen, flows))| PortUse {
        kind: ReasonKind::Inbound,
        port,
        app,
        from: day,
        to: day,
        first_seen,
        flows,
    });
    Ok(uses.collect())
}

fn is_from_another_computer(record: &FlowRecord) -> bool {
    let here = [AddressScope::Local, AddressScope::Unspecified].contains(&record.remote.scope);
    record.direction == Direction::Inbound && !record.owner.own && !here
}

fn place(record: &FlowRecord, calendar: &dyn Calendar) -> Where {
    (record.app().map(Arc::clone), record.service_port(), calendar.day_of(record.span.first_seen))
}

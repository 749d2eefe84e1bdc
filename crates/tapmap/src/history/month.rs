//! The invented month before the invented day: what that day uses was used on some days before too, so
//! that insights and the report have something to tell in the demo.

use std::{collections::BTreeSet, sync::Arc};
use tapmap_capture::replay::Replay;
use tapmap_core::{
    AddressScope, Day, DayUse, Direction, Enricher, Facet, Observation, RemoteInfo, Sighting, SocketRow,
    WINDOW,
};

/// What the day uses, by facet.
type Values = BTreeSet<(Facet, Arc<str>)>;

/// The uses of the days before `today`, by facet.
pub(super) fn before(today: Day, mut day: Replay, enricher: &dyn Enricher) -> Vec<(Facet, Vec<DayUse>)> {
    let mut values = Values::new();
    while let Ok(Some(observation)) = day.next() {
        for row in rows(&observation) {
            note(row, enricher, &mut values);
        }
    }
    let of_facet = |facet| {
        let values = values.iter().filter(move |(of, _)| *of == facet);
        values.flat_map(move |(_, value)| days(value).map(move |back| used(value, today, back))).collect()
    };
    Facet::ALL.into_iter().map(|facet| (facet, of_facet(facet))).collect()
}

fn rows(observation: &Observation) -> &[SocketRow] {
    match &observation.sighting {
        Sighting::Table(table) => &table.sockets,
        Sighting::Socket(row) | Sighting::Destination(row) => std::slice::from_ref(row),
        _ => &[],
    }
}

fn note(row: &SocketRow, enricher: &dyn Enricher, values: &mut Values) {
    let Some(remote) = row.remote else { return };
    let info = enricher.remote(remote.address());
    let direction = if remote.port() < row.local.port() { Direction::Outbound } else { Direction::Inbound };
    if !counts(&info) || direction == Direction::Inbound {
        return;
    }
    let country = info.place.as_ref().and_then(|place| place.country);
    let named = [
        (Facet::App, row.owner.app().map(|app| Arc::clone(&app.name))),
        (Facet::Operator, info.system.as_ref().map(|system| Arc::clone(&system.operator))),
        (Facet::Country, country.map(|country| country.code().into())),
        (Facet::Port, Some(remote.port().to_string().into())),
    ];
    values.extend(named.into_iter().filter_map(|(facet, value)| Some((facet, value?))));
}

fn counts(info: &RemoteInfo) -> bool {
    let is_known = info.place.is_some() || info.system.is_some() || info.anycast.is_some();
    info.scope == AddressScope::Public && is_known
}

/// How many days before the day itself a value was used: always the same for the same value, and of every
/// class some.
fn days(value: &str) -> impl Iterator<Item = u32> {
    let mark = value.bytes().fold(17_u32, |mark, byte| mark.wrapping_mul(31).wrapping_add(byte.into()));
    (1..WINDOW).filter(move |back| match mark % 12 {
        0..5 => true,
        5 | 6 => back % 7 < 5,
        7 | 8 => (back + mark / 12) % 4 == 0,
        9 => *back == 3 + mark / 12 % 20,
        _ => false,
    })
}

fn used(value: &Arc<str>, today: Day, back: u32) -> DayUse {
    DayUse {
        day: Day(today.0.saturating_sub_unsigned(back)),
        value: Arc::clone(value),
        app: None,
        flows: 1,
        mapped: 1,
        sent: 0,
        received: 0,
        first_seen: None,
        last_seen: None,
        imported: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_days_and_every_class_has_some() {
        let counts: BTreeSet<usize> = (0..200).map(|number| days(&format!("app {number}")).count()).collect();
        assert_eq!(counts.first(), Some(&0), "something is new on the day itself");
        assert!(counts.contains(&1) && counts.contains(&29) && counts.iter().any(|days| *days < 9));
        assert!(days("firefox").eq(days("firefox")));
        assert!((0..200).all(|number| days(&number.to_string()).all(|back| (1..30).contains(&back))));
    }
}

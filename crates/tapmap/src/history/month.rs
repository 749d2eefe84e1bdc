//! The invented month before the invented day: what that day uses was used on some days before too, so
//! that insights and the report have something to tell in the demo.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};
use tapmap_capture::replay::Replay;
use tapmap_core::{
    AddressScope, Day, DayUse, Direction, Enricher, Facet, Observation, RemoteInfo, Sighting, SocketRow,
    WINDOW,
};

/// What the day uses, and in how many rows.
type Values = BTreeMap<(Facet, Arc<str>), usize>;

/// The uses of the days before `today`, by facet.
pub(super) fn before(today: Day, mut day: Replay, enricher: &dyn Enricher) -> Vec<(Facet, Vec<DayUse>)> {
    let mut values = Values::new();
    while let Ok(Some(observation)) = day.next() {
        for row in rows(&observation) {
            note(row, enricher, &mut values);
        }
    }
    let of_facet = |facet| {
        let mut ranked: Vec<(&Arc<str>, usize)> = values
            .iter()
            .filter(|((of, _), _)| *of == facet)
            .map(|((_, value), rows)| (value, *rows))
            .collect();
        ranked.sort_by_key(|(_, rows)| Reverse(*rows));
        let all = ranked.len();
        let ranked = ranked.into_iter().enumerate();
        ranked
            .flat_map(|(rank, (value, _))| days(rank, all).map(move |back| used(value, today, back)))
            .collect()
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
    for key in named.into_iter().filter_map(|(facet, value)| Some((facet, value?))) {
        *values.entry(key).or_default() += 1;
    }
}

fn counts(info: &RemoteInfo) -> bool {
    let is_known = info.place.is_some() || info.system.is_some() || info.anycast.is_some();
    info.scope == AddressScope::Public && is_known
}

/// How many days before the day itself the value of a rank was used: what the day uses most every day, what
/// it uses least never before.
fn days(rank: usize, all: usize) -> impl Iterator<Item = u32> {
    let tenth = rank * 10 / all.max(1);
    let seed = u32::try_from(rank % 20).unwrap_or(0);
    (1..WINDOW).filter(move |back| match tenth {
        0..5 => true,
        5 | 6 => back % 7 < 5,
        7 => (back + seed) % 4 == 0,
        8 => *back == 3 + seed,
        _ => false,
    })
}

fn used(value: &Arc<str>, today: Day, back: u32) -> DayUse {
    DayUse::imported(Day(today.0.saturating_sub_unsigned(back)), Arc::clone(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_every_class_there_are_some_and_what_is_rare_is_new() {
        let counts: Vec<usize> = (0..30).map(|rank| days(rank, 30).count()).collect();
        assert_eq!((counts.first(), counts.last()), (Some(&29), Some(&0)));
        assert!(counts.contains(&1) && counts.iter().any(|days| (2..9).contains(days)));
        assert!((0..7).all(|rank| days(rank, 7).all(|back| (1..30).contains(&back))));
        assert_eq!(days(0, 0).count(), 29);
    }
}

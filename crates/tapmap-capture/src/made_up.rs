//! Made-up observations of every kind, for the tests of what writes and reads them.

use std::{net::IpAddr, sync::Arc, time::Duration};

use proptest::prelude::*;
use tapmap_core::{
    App, AppEvidence, Attribution, Counters, Coverage, CoverageLine, Endpoint, Evidence, Gap, Heard,
    HeardKind, KernelCount, Layer, LayerName, LeadsTo, MatchQuality, NameHeard, NameSource, Namespace,
    Observation, Process, ProcessKey, Protocol, Sight, Sighting, SocketId, SocketRow, SocketTable, Timestamp,
};

use crate::recording::{GAP_REASONS, REASONS, STATES};

/// Tables have no order.
pub(crate) fn sorted(mut observation: Observation) -> Observation {
    if let Sighting::Table(table) = &mut observation.sighting {
        table.sockets.sort_by_key(|row| row.id);
    }
    observation
}

pub(crate) fn observations() -> impl Strategy<Value = Vec<Observation>> {
    let observation = (any::<i64>(), sightings())
        .prop_map(|(at, sighting)| Observation { at: Timestamp::from_millis(at), sighting });
    prop::collection::vec(observation, 0..12)
}

fn sightings() -> impl Strategy<Value = Sighting> {
    prop_oneof![
        6 => prop::collection::vec(sockets(), 0..6).prop_map(|mut sockets| {
            sockets.sort_by_key(|row| row.id);
            sockets.dedup_by_key(|row| row.id);
            Sighting::Table(SocketTable { sockets })
        }),
        2 => sockets().prop_map(Sighting::Socket),
        1 => sockets().prop_map(Sighting::Destination),
        1 => (any::<u64>(), counters())
            .prop_map(|(id, counters)| Sighting::Closed { socket: SocketId(id), counters }),
        1 => heard().prop_map(Sighting::Heard),
        1 => named().prop_map(Sighting::Named),
        1 => any::<(u64, u64, u64)>().prop_map(|(active_opens, passive_opens, established)| {
            Sighting::Kernel(KernelCount { active_opens, passive_opens, established })
        }),
        1 => coverage().prop_map(Sighting::Coverage),
        1 => prop::option::of(texts()).prop_map(Sighting::Trouble),
        1 => (any::<i64>(), any::<i64>(), prop::sample::select(&GAP_REASONS), any::<Option<u64>>())
            .prop_map(|(from, until, reason, lost)| {
                let (from, until) = (Timestamp::from_millis(from), Timestamp::from_millis(until));
                Sighting::Lost(Gap { from, until, reason, lost })
            }),
    ]
}

fn texts() -> impl Strategy<Value = Arc<str>> {
    ".{0,8}".prop_map(Into::into)
}

fn endpoints() -> impl Strategy<Value = Endpoint> {
    (any::<IpAddr>(), any::<u16>()).prop_map(|(address, port)| Endpoint::new(address, port))
}

fn counters() -> impl Strategy<Value = Counters> {
    (any::<Option<u64>>(), any::<Option<u64>>(), any::<Option<u32>>()).prop_map(
        |(bytes_sent, bytes_received, micros)| Counters {
            bytes_sent,
            bytes_received,
            round_trip: micros.map(|micros| Duration::from_micros(micros.into())),
        },
    )
}

fn processes() -> impl Strategy<Value = Arc<Process>> {
    (0_u32..4, 0_u64..2, ".{0,8}", any::<Option<i64>>(), any::<bool>()).prop_map(
        |(pid, start, name, started, own)| {
            let app = App { name: name.as_str().into(), evidence: AppEvidence::FileName };
            Arc::new(Process {
                key: ProcessKey { pid, start },
                name: name.as_str().into(),
                executable: own.then(|| format!("/usr/bin/{name}").into()),
                file: None,
                app,
                user: (pid > 1).then(|| "ada".into()),
                started: started.map(Timestamp::from_millis),
                own,
            })
        },
    )
}

fn owners() -> impl Strategy<Value = Attribution> {
    prop_oneof![
        (processes(), prop::sample::select(&MatchQuality::ALL))
            .prop_map(|(process, quality)| Attribution::Owned { process, quality }),
        prop::collection::vec(processes(), 1..3).prop_map(Attribution::Ambiguous),
        (prop::sample::select(&REASONS), any::<bool>()).prop_map(|(reason, unit)| {
            let app = unit.then(|| App { name: "nginx".into(), evidence: AppEvidence::Unit });
            Attribution::Unknown { reason, app }
        }),
    ]
}

fn sockets() -> impl Strategy<Value = SocketRow> {
    (
        // Few ids, so that rows change from table to table.
        (0_u64..6, any::<bool>(), 0_u32..2, prop::sample::select(&Evidence::ALL)),
        endpoints(),
        prop::option::of(endpoints()),
        prop::sample::select(&STATES),
        owners(),
        counters(),
    )
        .prop_map(|((id, tcp, namespace, evidence), local, remote, state, owner, counters)| SocketRow {
            id: SocketId(id),
            protocol: if tcp { Protocol::Tcp } else { Protocol::Udp },
            local,
            remote,
            state,
            owner,
            counters,
            namespace: Namespace(namespace),
            evidence,
        })
}

fn heard() -> impl Strategy<Value = Heard> {
    let bytes = prop::collection::vec(any::<u8>(), 0..40);
    (prop::sample::select(&HeardKind::ALL), bytes, prop::option::of(processes()))
        .prop_map(|(kind, bytes, process)| Heard { kind, bytes: bytes.into(), process })
}

fn named() -> impl Strategy<Value = NameHeard> {
    let connection = (endpoints(), endpoints()).prop_map(|(from, to)| LeadsTo::Connection { from, to });
    let addresses = prop::collection::vec(any::<IpAddr>(), 0..3);
    let answer = (addresses, prop::option::of(processes()), any::<u32>()).prop_map(
        |(addresses, asked_by, seconds)| LeadsTo::Addresses {
            addresses,
            asked_by,
            time_to_live: Duration::from_secs(seconds.into()),
        },
    );
    let aliases = prop::collection::vec(texts(), 0..3);
    (texts(), aliases, prop::sample::select(&NameSource::ALL), prop_oneof![connection, answer])
        .prop_map(|(name, aliases, source, leads_to)| NameHeard { name, aliases, source, leads_to })
}

fn coverage() -> impl Strategy<Value = Coverage> {
    let sights = [Sight::TcpSockets, Sight::Names];
    let line = (prop::sample::select(sights.to_vec()), any::<bool>(), texts(), prop::option::of(texts()))
        .prop_map(|(sight, seen, reason, remedy)| CoverageLine { sight, seen, reason, remedy });
    let layer =
        (prop::sample::select(&LayerName::ALL), any::<bool>(), texts(), texts(), prop::option::of(texts()))
            .prop_map(|(name, active, reason, adds, command)| Layer { name, active, reason, adds, command });
    (prop::collection::vec(line, 0..3), prop::collection::vec(layer, 0..3))
        .prop_map(|(lines, layers)| Coverage { lines, layers })
}

//! Rows, dictionaries and deltas, as a page receives them.

use std::sync::Arc;

use tapmap_core::{
    AddressScope, Attribution, Changes, Counters, Direction, Evidence, Flow, FlowId, LiveView, Namespace,
    Protocol, Rates, RemoteInfo, Service, SocketId, SocketState, Span, Timestamp, UnknownOwner,
};

use super::{Encoder, Flushed};

const AT: Timestamp = Timestamp::from_millis(1_000);

fn flow(id: u64) -> Arc<Flow> {
    let endpoint = |text: &str| text.parse::<std::net::SocketAddr>().unwrap().into();
    Arc::new(Flow {
        id: FlowId(id),
        socket: SocketId(id),
        protocol: Protocol::Tcp,
        local: endpoint("192.168.1.20:50000"),
        remote: endpoint(&format!("203.0.113.{}:443", id % 200)),
        direction: Direction::Outbound,
        state: SocketState::Established,
        span: Span { first_seen: AT, last_seen: AT },
        attribution: Attribution::Unknown { reason: UnknownOwner::Pending, app: None },
        peer: None,
        info: Arc::new(RemoteInfo::bare(AddressScope::Public)),
        service: Service::default(),
        counters: Counters::default(),
        possibly: None,
        rates: Rates::default(),
        name: None,
        namespace: Namespace::OWN,
        evidence: Evidence::List.into(),
    })
}

fn view(ids: std::ops::Range<u64>) -> LiveView {
    LiveView { flows: ids.map(flow).collect(), ..LiveView::default() }
}

#[test]
fn a_view_after_a_gap_becomes_the_changes_that_lead_to_it() {
    let mut encoder = Encoder::new("a", AT, view(1..4), None);
    encoder.reconcile(view(3..6));
    let Flushed::Delta(delta) = encoder.flush(false) else { panic!("changes are told") };
    let added: Vec<&str> = delta.add.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(
        (added, delta.del, delta.upd.len()),
        (vec!["4", "5"], vec!["1".to_owned(), "2".to_owned()], 0)
    );
    encoder.reconcile(view(3..6));
    assert!(matches!(encoder.flush(false), Flushed::Nothing), "the same view changes nothing");
}

#[test]
fn dictionaries_that_hold_too_much_begin_a_new_epoch() {
    let mut encoder = Encoder::new("a", AT, view(1..101), None);
    encoder.limit_spare_entries(50);
    assert_eq!(encoder.snapshot(false).dict.remotes.len(), 100);
    encoder.reconcile(view(99..101));
    assert!(matches!(encoder.flush(false), Flushed::NewEpoch));
    let snapshot = encoder.snapshot(false);
    assert_eq!((snapshot.epoch.as_str(), snapshot.seq), ("a00000001", 0));
    assert_eq!((snapshot.dict.remotes.len(), snapshot.flows.remote), (2, vec![0, 1]));
    assert!(matches!(encoder.flush(false), Flushed::Nothing));
}

#[test]
fn an_entry_whose_facts_changed_gets_a_new_index() {
    let mut encoder = Encoder::new("a", AT, view(1..2), None);
    let mut known = (*flow(1)).clone();
    known.info = Arc::new(RemoteInfo { role: None, ..RemoteInfo::bare(AddressScope::Cgnat) });
    let changes = Changes { seq: 1, at: AT, items: vec![tapmap_core::Change::Updated(Arc::new(known))] };
    encoder.apply(&changes);
    let Flushed::Delta(delta) = encoder.flush(false) else { panic!("changes are told") };
    assert_eq!((delta.upd[0].remote, delta.dict.remotes[0].0), (1, 1));
}

#[test]
fn cells_that_are_not_known_are_left_out_at_the_end_of_a_row() {
    let cells = |flow: &Arc<Flow>| {
        let view = LiveView { flows: vec![Arc::clone(flow)], ..LiveView::default() };
        let mut encoder = Encoder::new("a", AT, LiveView::default(), None);
        encoder.reconcile(view);
        let Flushed::Delta(delta) = encoder.flush(false) else { panic!("changes are told") };
        serde_json::to_value(&delta.add[0]).unwrap().as_array().unwrap()[15..].to_vec()
    };
    assert_eq!(cells(&flow(1)), [serde_json::json!(false)]);
    let foreign = Flow { namespace: Namespace(7), ..(*flow(1)).clone() };
    assert_eq!(serde_json::json!(cells(&Arc::new(foreign))), serde_json::json!([false, null, null, null, 7]));
}

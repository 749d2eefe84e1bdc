//! Networks beside the recorder's own, as containers have.

use end_to_end::Rights;

use crate::{brief, of, stage};

#[test]
fn a_connection_inside_another_network_with_full_rights() {
    shown_with_its_network(Rights::Full);
}

#[test]
fn a_connection_inside_another_network_without_rights() {
    shown_with_its_network(Rights::Ordinary);
}

fn shown_with_its_network(rights: Rights) {
    let Some(stage) = stage(rights) else { return };
    // With full rights the recorder sees the programs of the other check too.
    let app = format!("contained-{rights:?}");
    let _program = stage.contained_traffic(&app, &["within", "127.0.0.1:7777"]).unwrap();
    let flows = stage.flows_when(of(&app), |flows| !flows.is_empty()).unwrap();
    assert_eq!(flows.len(), 1, "{}", brief(&flows));
    assert!(flows[0]["network"].is_u64() && flows[0]["remote_port"] == 7777, "{}", flows[0]);
}

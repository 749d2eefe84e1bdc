//! Connections that are not simply open are shown as what they are.

use end_to_end::{Rights, SILENT};

use crate::{are_over, brief, of, stage, to};

#[test]
fn attempts_and_half_closed_connections_with_full_rights() {
    shown_as_what_they_are(Rights::Full);
}

#[test]
fn attempts_and_half_closed_connections_without_rights() {
    shown_as_what_they_are(Rights::Ordinary);
}

fn shown_as_what_they_are(rights: Rights) {
    let Some(stage) = stage(rights) else { return };
    let silent = format!("{SILENT}:443");
    for (way, remote, state) in
        [("attempt", silent.as_str(), "syn_sent"), ("half_closed", "128.138.140.44:7004", "fin_wait_2")]
    {
        let program = stage.traffic(way, &[way, remote]).unwrap();
        let is_shown = |flow: &serde_json::Value| flow["state"] == state && of(way)(flow);
        let flows =
            stage.flows_when(to(remote), |flows| flows.iter().all(is_shown) && flows.len() == 1).unwrap();
        assert!(flows.len() == 1 && is_shown(&flows[0]), "{way}: {}", brief(&flows));
        program.end().unwrap();
        let flows = stage.flows_when(to(remote), |flows| are_over(flows) && flows.len() == 1).unwrap();
        assert!(flows.len() == 1 && are_over(&flows), "{way}: {}", brief(&flows));
    }
}

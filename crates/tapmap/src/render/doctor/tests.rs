//! The doctor's account, as a person reads it.

use super::*;
use serde_json::{Value, json};

fn coverage(more: &Value) -> Coverage {
    let mut told = json!({
        "version": "0.1.0", "mode": "live", "started_at": null, "observed_at": null, "sights": [],
        "layers": [], "total": null, "hours": [], "gaps": [], "problems": [],
        "folded": { "flows": 0, "from": null, "until": null, "groups": [] },
    });
    told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(told).unwrap()
}

fn some() -> HistoryStats {
    let told = json!({
        "flows": 4711, "folded": 12, "rows": 4700, "bytes": 1_234_567, "free_bytes": 0,
        "oldest": "2026-11-01T08:00:00.000Z", "newest": null, "sessions": 3, "imported_days": 0, "forgetting": [],
    });
    serde_json::from_value(told).unwrap()
}

fn layers() -> Value {
    json!([
        {
            "name": "socket_list", "active": true, "reason": "The kernel lists the open sockets of every user.",
            "adds": "Everything that is open.", "command": null,
        },
        {
            "name": "tcp_events", "active": false, "reason": "TapMap may not load programs into the kernel.",
            "adds": "Every TCP connection with its process, also one of a moment.",
            "command": "sudo setcap cap_bpf,cap_perfmon=ep /usr/bin/tapmap",
        },
        {
            "name": "landlock", "active": false, "reason": "This kernel has no Landlock.",
            "adds": "The server could touch only its own files.", "command": null,
        },
    ])
}

#[test]
fn without_a_recorder_it_says_what_one_would_see() {
    let told = coverage(&json!({ "layers": layers() }));
    let none = Err("there is no history in /home/anna/.local/share/TapMap".to_owned());
    insta::assert_snapshot!(doctor(&told, &none, None, Path::new("/home/anna/.local/share/TapMap")));
}

#[test]
fn a_recorder_says_how_much_it_saw() {
    let zero = json!({ "list": 0, "end": 33, "event": 0, "files": 2 });
    let total = json!({
        "from": "2026-11-25T12:00:00.000Z", "until": "2026-11-25T13:30:00.000Z",
        "tcp": { "kernel_opened": 1215, "kernel_closed": 1210, "seen_opened": 1203, "seen_closed": 1198 },
        "udp": { "kernel_opened": null, "kernel_closed": null, "seen_opened": 7, "seen_closed": 6 },
        "ended": 1204, "with_owner": 1171, "owners": { "descriptor": 1000, "event": 0, "remembered": 171 },
        "ambiguous": 3, "without_owner": 30, "named": 12, "names": {
            "tls_server_name": 10, "quic_server_name": 0, "dns_of_app": 2, "dns": 0, "hosts_file": 0,
            "reverse_dns": 0,
        },
        "seen_alone": zero, "overruns": 1, "lost": 12_345,
    });
    let told = coverage(&json!({
        "started_at": "2026-11-25T12:00:00.000Z", "layers": layers(), "total": total,
        "gaps": [{
            "from": "2026-11-25T12:10:00.000Z", "until": "2026-11-25T12:10:01.000Z", "reason": "overrun",
            "lost": 12_345,
        }],
        "problems": ["The disk is full."],
        "folded": { "flows": 20_000, "from": null, "until": null, "groups": [{
            "app": "scan\u{1b}", "remote_address": "192.0.2.7", "flows": 19_999, "bytes_sent": 0,
            "bytes_received": 0, "lowest_port": 1, "highest_port": 65_535,
        }]},
    }));
    insta::assert_snapshot!(doctor(&told, &Ok(some()), Some("http://127.0.0.1:8050/"), Path::new("/data")));
}

#[test]
fn of_a_recording_it_says_what_can_be_seen_in_it() {
    let told = coverage(&json!({
        "mode": "replay", "started_at": "2026-11-25T12:00:00.000Z",
        "sights": [{
            "sight": "names", "seen": false, "reason": "Names were not recorded.", "remedy": "Record them.",
        }],
    }));
    insta::assert_snapshot!(doctor(&told, &Ok(some()), Some("http://127.0.0.1:8050/"), Path::new("/data")));
}

#[test]
fn every_layer_has_a_title_of_its_own() {
    let titles: std::collections::BTreeSet<&str> =
        tapmap_core::LayerName::ALL.iter().map(|name| title((*name).into())).collect();
    assert_eq!(titles.len(), tapmap_core::LayerName::ALL.len());
}

//! What the recorder can see and what it saw, as the interface tells it.

use std::time::Duration;

use serde_json::{Value, json};
use tapmap_core::{
    Coverage, CoverageLine, Gap, GapReason, KernelCount, Layer, LayerName, Sight, Sighting, SocketRow,
    SocketState, Timestamp,
};

use crate::support::{Fixture, START, nobody, process, tcp};

fn coverage() -> Coverage {
    Coverage {
        lines: vec![CoverageLine {
            sight: Sight::UdpDestinations,
            seen: false,
            reason: "A UDP socket without a peer does not show where it sends.".into(),
            remedy: Some("sudo tapmap".into()),
        }],
        layers: vec![Layer {
            name: LayerName::TcpEvents,
            active: false,
            reason: "TapMap may not load programs into the kernel.".into(),
            adds: "Every TCP connection with its process.".into(),
            command: Some("sudo setcap cap_bpf+ep /usr/bin/tapmap".into()),
        }],
    }
}

#[tokio::test]
async fn before_the_first_look_nothing_is_counted() {
    let told = Fixture::new().get("/api/v1/coverage").await;
    assert_eq!(
        (&told["total"], &told["hours"], &told["observed_at"]),
        (&Value::Null, &json!([]), &Value::Null)
    );
    assert_eq!((&told["version"], &told["mode"]), (&json!("0.1.0"), &json!("live")));
    assert_eq!(told["folded"], json!({ "flows": 0, "from": null, "until": null, "groups": [] }));
}

#[tokio::test]
async fn layers_sights_and_gaps_are_told() {
    let fixture = Fixture::new();
    fixture.tell(1, Sighting::Coverage(coverage()));
    let at = |second: i64| Timestamp::from_millis(START + second * 1000);
    let gap = Gap { from: at(1), until: at(2), reason: GapReason::Overrun, lost: Some(7) };
    fixture.tell(2, Sighting::Lost(gap));
    fixture.tell(3, Sighting::Trouble(Some("The kernel does not answer.".into())));
    let told = fixture.get("/api/v1/coverage").await;
    assert_eq!(
        told["layers"],
        json!([{
            "name": "tcp_events", "active": false,
            "reason": "TapMap may not load programs into the kernel.",
            "adds": "Every TCP connection with its process.",
            "command": "sudo setcap cap_bpf+ep /usr/bin/tapmap",
        }])
    );
    assert_eq!(
        (&told["sights"][0]["sight"], &told["sights"][0]["seen"]),
        (&json!("udp_destinations"), &json!(false))
    );
    assert_eq!((&told["gaps"][0]["lost"], &told["gaps"][0]["reason"]), (&json!(7), &json!("overrun")));
    assert_eq!((&told["total"]["overruns"], &told["total"]["lost"]), (&json!(1), &json!(7)));
    assert_eq!(told["problems"], json!(["The kernel does not answer."]));
}

#[tokio::test]
async fn what_was_seen_stands_against_what_the_kernel_counted() {
    let fixture = Fixture::new();
    let kernel = |active_opens, established| {
        Sighting::Kernel(KernelCount { active_opens, passive_opens: 0, established })
    };
    fixture.tell(0, kernel(10, 0));
    fixture.see(1, Vec::new());
    let known = tcp(1, "192.168.1.20:50000", "203.0.113.7:443", process(7, "curl", false));
    let unknown = tcp(2, "192.168.1.20:50001", "203.0.113.7:443", nobody());
    fixture.see(2, vec![known, unknown]);
    fixture.see(3, Vec::new());
    fixture.tell(4, kernel(13, 0));
    let told = fixture.get("/api/v1/coverage").await;
    let total = &told["total"];
    assert_eq!(
        total["tcp"],
        json!({ "kernel_opened": 3, "kernel_closed": 3, "seen_opened": 2, "seen_closed": 2 })
    );
    assert_eq!(
        total["udp"],
        json!({ "kernel_opened": null, "kernel_closed": null, "seen_opened": 0, "seen_closed": 0 }),
        "the kernel counts no UDP"
    );
    assert_eq!(
        (&total["ended"], &total["with_owner"], &total["without_owner"], &total["ambiguous"]),
        (&json!(2), &json!(1), &json!(1), &json!(0))
    );
    assert_eq!(total["seen_alone"], json!({ "list": 2, "end": 0, "event": 0, "files": 0 }));
    assert_eq!(told["hours"], json!([total]));
    let tally = fixture.get("/api/v1/status").await["tally"].clone();
    let expected =
        json!({ "ended": 2, "with_owner": 1, "without_owner": 1, "kernel_closed": 3, "seen_closed": 2 });
    assert_eq!(tally, expected);
}

#[tokio::test]
async fn hours_are_told_one_by_one_and_together() {
    let fixture = Fixture::new();
    let row = |id| tcp(id, "192.168.1.20:50000", "203.0.113.7:443", process(7, "curl", false));
    fixture.see(0, Vec::new());
    for hour in 0..3_u32 {
        fixture.see(i64::from(hour) * 3600 + 1, vec![row(hour.into())]);
        fixture.see(i64::from(hour) * 3600 + 2, Vec::new());
    }
    let told = fixture.get("/api/v1/coverage").await;
    let ended: Vec<&Value> = told["hours"].as_array().unwrap().iter().map(|hour| &hour["ended"]).collect();
    assert_eq!((ended, &told["total"]["ended"]), (vec![&json!(1), &json!(1), &json!(1)], &json!(3)));
    assert_eq!(told["total"]["from"], told["hours"][0]["from"]);
    assert_eq!(told["total"]["until"], told["hours"][2]["until"]);
}

#[tokio::test]
async fn more_ends_than_are_listed_are_folded_together_and_said_to_be() {
    let fixture = Fixture::new();
    fixture.see(0, Vec::new());
    let ended = |n: u16| SocketRow {
        state: SocketState::Closed,
        ..tcp(
            u64::from(n) + 1,
            &format!("192.168.1.20:{}", 20_000 + n),
            "203.0.113.7:443",
            process(7, "scan", false),
        )
    };
    for n in 0..10_007 {
        fixture.tell(1, Sighting::Socket(ended(n)));
    }
    fixture.see(2, Vec::new());
    assert_eq!(fixture.live.ended_within(Duration::from_mins(10)).len(), 10_000);
    let told = fixture.get("/api/v1/flows?recent=0s").await;
    let folded = &told["folded"];
    assert_eq!(folded["flows"], 7);
    assert_eq!(
        folded["groups"],
        json!([{
            "app": "scan", "remote_address": "203.0.113.7", "flows": 7, "bytes_sent": 700,
            "bytes_received": 14_000, "lowest_port": 443, "highest_port": 443,
        }])
    );
    assert_eq!(fixture.get("/api/v1/coverage").await["folded"], *folded);
}

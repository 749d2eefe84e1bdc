//! Names: the best source that there is names each connection, and says which it was.

use std::{fs, path::Path};

use end_to_end::{Rights, Stage};
use serde_json::Value;

use crate::{FAR, brief, in_ci, of, stage};

const SERVER: &str = "192.168.77.1:53";

#[test]
fn the_better_source_names_a_connection_with_full_rights() {
    let Some(stage) = stage(Rights::Full) else { return };
    let _asking = stage.traffic("asking", &["look_up", SERVER, "www.example.org", FAR]).unwrap();
    let asked = named(&stage, "asking", 443);
    assert_eq!(
        (&asked["name"], &asked["name_source"]),
        (&"www.example.org".into(), &"dns_of_app".into()),
        "{asked}"
    );
    assert_eq!(asked["aliases"], serde_json::json!(["edge.example.net"]));

    // It did not ask, but somebody did.
    let _silent = stage.traffic("silent", &["half_closed", "128.138.140.44:7004"]).unwrap();
    let other = named(&stage, "silent", 7004);
    assert_eq!(
        (&other["name"], &other["name_source"]),
        (&"www.example.org".into(), &"dns".into()),
        "{other}"
    );

    // The connection itself knows best.
    let _tls = stage.traffic("browsing", &["tls", FAR, "shop.example.com"]).unwrap();
    let own = named(&stage, "browsing", 443);
    let best = (&"shop.example.com".into(), &"tls_server_name".into());
    assert_eq!((&own["name"], &own["name_source"]), best, "{own}");

    let _cut = stage.traffic("cut", &["cut_tls", FAR, "late.example.com"]).unwrap();
    let cut = named(&stage, "cut", 443);
    let best = (&"late.example.com".into(), &"tls_server_name".into());
    assert_eq!((&cut["name"], &cut["name_source"]), best, "{cut}");

    let _quic = stage.traffic("quick", &["quic", FAR]).unwrap();
    let quic = named(&stage, "quick", 443);
    let best = (&"example.com".into(), &"quic_server_name".into());
    assert_eq!((&quic["name"], &quic["name_source"]), best, "{quic}");

    // An address of this computer has no name, whatever an answer says.
    let _local = stage.traffic("local", &["within", "127.0.0.1:7777"]).unwrap();
    let local = stage.flows_when(of("local"), |flows| !flows.is_empty()).unwrap();
    assert_eq!(local[0]["name"], Value::Null);
}

#[test]
fn without_rights_the_hosts_file_names_and_answers_are_not_heard() {
    let programs = Path::new(env!("CARGO_BIN_EXE_traffic")).parent().unwrap();
    let mut stage = match Stage::without_recorder(programs, Rights::Ordinary) {
        Ok(stage) => stage,
        Err(error) => {
            assert!(!in_ci(), "{error:#}");
            return println!("skipped: hosts_file: no make-believe internet here: {error:#}");
        }
    };
    let hosts = stage.folder().join("hosts");
    fs::write(&hosts, "127.0.0.1 localhost\n129.132.2.21 time.example.org\n").unwrap();
    let mut mount = stage.net.inside(Path::new("mount")).unwrap();
    mount.args(["--bind".as_ref(), hosts.as_os_str(), "/etc/hosts".as_ref()]);
    assert!(mount.status().unwrap().success());
    stage.start_recorder().unwrap();
    let _listed = stage.traffic("listed", &["half_closed", "129.132.2.21:7004"]).unwrap();
    let flow = named(&stage, "listed", 7004);
    assert_eq!(
        (&flow["name"], &flow["name_source"]),
        (&"time.example.org".into(), &"hosts_file".into()),
        "{flow}"
    );
    let _asking = stage.traffic("asking", &["look_up", SERVER, "www.example.org", FAR]).unwrap();
    let flows =
        stage.flows_when(|flow| of("asking")(flow) && flow["remote_port"] == 443, |flows| !flows.is_empty());
    assert_eq!(flows.unwrap()[0]["name"], Value::Null);
}

/// The only flow of an app to a port, as soon as it has a name.
fn named(stage: &Stage, app: &str, port: u16) -> Value {
    let mine = |flow: &Value| of(app)(flow) && flow["remote_port"] == port && flow["network"].is_null();
    let flows = stage.flows_when(mine, |flows| flows.iter().any(|flow| !flow["name"].is_null())).unwrap();
    assert_eq!(flows.len(), 1, "{app}: {}", brief(&flows));
    flows[0].clone()
}

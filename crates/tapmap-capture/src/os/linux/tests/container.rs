//! A recorder that runs in a container, with process numbers of its own: it says what that hides.

use std::process::Command;

use tapmap_core::{LayerName, Sight, SnapshotSource as _};

use super::super::SockDiagSource;

const ANSWER: &str = "answer ";

/// Not a test but the child's main: what the source says of itself.
#[test]
fn account() {
    if !std::env::args().any(|word| word == "role:account") {
        return;
    }
    let seen = SockDiagSource::new().coverage();
    let births = seen.layers.iter().find(|layer| layer.name == LayerName::ProcessBirths).unwrap();
    let others = seen.lines.iter().find(|line| line.sight == Sight::OtherProcesses).unwrap();
    println!("{ANSWER}{} {} | {} {}", births.active, births.reason, others.seen, others.reason);
}

#[test]
fn in_a_container_the_account_says_so() {
    let is_root = rustix::process::geteuid().is_root();
    let output = Command::new("unshare")
        .args([if is_root { "-pf" } else { "-rpf" }, "--mount-proc"])
        .arg(std::env::current_exe().unwrap())
        .args(["os::linux::tests::container::account", "--exact", "--nocapture", "role:account"])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let Some((_, answer)) = printed.split_once(ANSWER) else {
        assert!(!is_root, "{output:?}");
        println!("skipped: user_namespaces: an ordinary user may not make a container here");
        return;
    };
    let (births, others) = answer.split_once(" | ").unwrap();
    assert!(births.starts_with("false TapMap runs in a container"), "{births}");
    assert!(others.starts_with("false TapMap runs in a container"), "{others}");
}

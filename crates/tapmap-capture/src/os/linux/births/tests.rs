//! Real programs that come and go: what is known of them when they have gone.

use std::process::{Command, Stdio};

use tapmap_core::{Process, Timestamp};

use super::{Births, Connector, Listener};
use crate::os::linux::{
    beside::{Beside as _, Told},
    owners::Owners,
};

/// Begins to listen. `None`, said aloud, where the kernel does not tell of processes.
fn listen() -> Option<(Listener, Owners)> {
    if let Err(error) = Connector::open() {
        println!("skipped: process_births: the kernel does not tell of processes here: {error}");
        return None;
    }
    let births = Births::default();
    let (mut listener, mut owners) = (Listener::new(births.clone()), Owners::new(births));
    listener.tell(Timestamp::default(), &mut owners, &mut Told::new(Timestamp::default()));
    Some((listener, owners))
}

/// Waits until it was told that a process has gone, and says what is known of it then.
fn gone(listener: &mut Listener, owners: &mut Owners, pid: u32) -> std::sync::Arc<Process> {
    while listener.births.get(pid).is_none_or(|born| !born.has_ended()) {
        std::thread::yield_now();
    }
    listener.tell(Timestamp::default(), owners, &mut Told::new(Timestamp::default()));
    owners.process(pid).unwrap()
}

#[test]
fn a_program_that_has_gone_keeps_its_name_and_path() {
    let Some((mut listener, mut owners)) = listen() else { return };
    // It lives for a few hundredths of a second.
    for _ in 0..10 {
        let mut child = Command::new("sleep").arg("0.03").spawn().unwrap();
        let pid = child.id();
        assert!(child.wait().unwrap().success());
        let process = gone(&mut listener, &mut owners, pid);
        assert_eq!((&*process.name, &*process.app.name), ("sleep", "sleep"));
        assert!(process.executable.as_deref().is_some_and(|path| path.ends_with("sleep")), "{process:?}");
        assert!(process.file.is_some(), "{process:?}");
        assert!(process.user.is_some() && process.started.is_some() && !process.own);
    }
}

#[test]
fn a_script_that_has_gone_is_named_by_its_file() {
    let Some((mut listener, mut owners)) = listen() else { return };
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("nightly-backup.sh");
    std::fs::write(&script, "read line\n").unwrap();
    let mut child = Command::new("sh").arg(&script).stdin(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    let was_read = || {
        listener.births.get(pid).and_then(|born| born.facts).is_some_and(|facts| facts.command_line.is_some())
    };
    while !was_read() {
        std::thread::yield_now();
    }
    drop(child.stdin.take());
    child.wait().unwrap();
    let process = gone(&mut listener, &mut owners, pid);
    assert_eq!(&*process.app.name, "nightly-backup.sh");
}

#[test]
fn a_copy_that_runs_no_other_program_is_what_its_parent_is() {
    let Some((mut listener, mut owners)) = listen() else { return };
    // The shell starts a copy of itself, and says its number.
    let script = "(exec 3<&0; sh -c 'echo $PPID'; read line <&3) & wait; read line";
    let mut child =
        Command::new("sh").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let output = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
    let copy: u32 = line.trim().parse().unwrap();
    drop(child.stdin.take());
    child.wait().unwrap();
    let process = gone(&mut listener, &mut owners, copy);
    assert_eq!(process.key.pid, copy);
    assert!(process.executable.as_deref().is_some_and(|path| path.ends_with("sh")), "{process:?}");
}

#[test]
fn the_layer_says_that_it_works() {
    let Some((listener, _)) = listen() else { return };
    let layers = listener.layers();
    assert!(layers[0].active && layers[0].command.is_none(), "{layers:?}");
}

#[test]
fn the_thread_ends_with_its_listener() {
    let Some((listener, owners)) = listen() else { return };
    let births = listener.births.clone();
    drop((listener, owners));
    // The thread holds the last other copy.
    while std::sync::Arc::strong_count(&births.0) > 1 {
        std::thread::yield_now();
    }
}

//! What is given up is gone, in a process of its own for each: this test program started again.

use std::{
    fs::{self, File},
    io,
    net::{TcpListener, TcpStream, UdpSocket},
    path::Path,
    process::Command,
};

use super::{drop_rights, has_rights, restrict_calls, restrict_files};
use crate::confinement::{Files, Kept, Part};

/// Marks an argument as what to do, and what the child prints of it.
const ROLE: &str = "role:";

/// Starts this program again to do one thing, and gives what it printed of that.
fn child(role: &str) -> Vec<String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["os::linux::confine::tests::confined", "--exact", "--nocapture", "--test-threads=1"])
        .arg(format!("{ROLE}{role}"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().filter_map(|line| Some(line.split_once(ROLE)?.1.to_owned())).collect()
}

/// Not a test but the child's main: without a role there is nothing to do.
#[test]
fn confined() {
    let role = std::env::args().find_map(|word| word.strip_prefix(ROLE).map(str::to_owned));
    match role.as_deref() {
        Some("rights") => rights(Kept::Nothing),
        Some("rights of others") => rights(Kept::OtherProcesses),
        Some("files") => files(),
        Some("calls of the server") => calls(Part::Server),
        Some("calls of the recorder") => calls(Part::Recorder),
        _ => {}
    }
}

fn say(what: &str, done: &io::Result<()>) {
    let outcome = done.as_ref().map_or_else(|error| format!("{:?}", error.kind()), |()| "done".to_owned());
    println!("{ROLE}{what}: {outcome}");
}

/// Gives rights up and says what the thread, and one started later, then has. The test runner's own
/// thread keeps what it has, which must be noticed.
fn rights(kept: Kept) {
    let had = has_rights();
    let layer = drop_rights(kept);
    println!("{ROLE}had {had}, {}", if layer.active { "all gone" } else { &layer.reason });
    let lines = || {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        for name in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs"] {
            println!("{ROLE}{}", status.lines().find(|line| line.starts_with(name)).unwrap());
        }
    };
    lines();
    std::thread::spawn(lines).join().unwrap();
}

/// Restricts itself to one folder to write and one to read, and tries others.
fn files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["write", "read", "other"] {
        fs::create_dir(at(name)).unwrap();
        fs::write(at(name).join("file"), "text").unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let allowed = Files { read: vec![at("read")], write: vec![at("write")], clear: vec![] };
    let layer = restrict_files(&allowed);
    println!("{ROLE}active {}", layer.active);
    if !layer.active {
        return println!("{ROLE}{}", layer.reason);
    }
    let read = |path: &Path| fs::read(path).map(drop);
    say("write in its folder", &fs::write(at("write").join("new"), "x"));
    say("rename in its folder", &fs::rename(at("write/new"), at("write/newer")));
    say("make a folder in its folder", &fs::create_dir(at("write/inner")));
    say("read what may be read", &read(&at("read/file")));
    say("write what may be read", &fs::write(at("read/file"), "x"));
    say("read another", &read(&at("other/file")));
    say("write another", &fs::write(at("other/new"), "x"));
    say("list the root", &fs::read_dir("/").map(drop));
    say("read /etc/passwd", &read(Path::new("/etc/passwd")));
    say("connect", &TcpStream::connect(address).map(drop));
    say("listen", &TcpListener::bind("127.0.0.1:0").map(drop));
    // The folder cannot be cleared up from here: that is for the test.
    println!("{ROLE}{}", folder.keep().display());
}

fn calls(part: Part) {
    let layer = restrict_calls(part);
    println!("{ROLE}active {}", layer.active);
    say("start a program", &Command::new("/bin/true").spawn().map(drop));
    say("a file", &File::open("/proc/self/status").map(drop));
    say("a thread", &std::thread::Builder::new().spawn(|| ()).map(|thread| thread.join().unwrap()));
    say("a TCP socket", &TcpListener::bind("127.0.0.1:0").map(drop));
    say("a UDP socket", &UdpSocket::bind("127.0.0.1:0").map(drop));
    let status = fs::read_to_string("/proc/thread-self/status").unwrap();
    println!("{ROLE}{}", status.lines().find(|line| line.starts_with("Seccomp:")).unwrap());
}

/// What a field of `/proc/<pid>/status` holds, for the thread and for one that it started.
fn field<'a>(said: &'a [String], name: &str) -> Vec<&'a str> {
    said.iter().filter_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim())).collect()
}

#[test]
fn no_right_is_left_and_none_can_be_gained() {
    let said = child("rights");
    for name in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        assert_eq!(field(&said, name), ["0000000000000000"; 2], "{name}: {said:?}");
    }
    assert_eq!(field(&said, "NoNewPrivs"), ["1", "1"]);
    if has_rights() {
        assert_eq!(field(&said, "CapBnd"), ["0000000000000000"; 2]);
        assert!(said[0].starts_with("had true, A thread that was started early keeps"), "{said:?}");
    } else {
        assert_eq!(said[0], "had false, all gone");
    }
}

#[test]
fn the_two_rights_to_look_into_others_can_be_kept() {
    let said = child("rights of others");
    // CAP_DAC_READ_SEARCH is number 2, CAP_SYS_PTRACE number 19.
    let both = if has_rights() { "0000000000080004" } else { "0000000000000000" };
    assert_eq!(field(&said, "CapEff"), [both, both]);
    assert_eq!(field(&said, "CapPrm"), [both, both]);
    assert_eq!(field(&said, "NoNewPrivs"), ["1", "1"]);
}

#[test]
fn only_its_own_files_can_be_touched_and_nothing_connected() {
    let said = child("files");
    if said[0] != "active true" {
        println!("skipped: only_its_own_files_can_be_touched_and_nothing_connected: {}", said[1]);
        return;
    }
    let (folder, said) = said.split_last().unwrap();
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(
        said[1..],
        [
            "write in its folder: done",
            "rename in its folder: done",
            "make a folder in its folder: done",
            "read what may be read: done",
            "write what may be read: PermissionDenied",
            "read another: PermissionDenied",
            "write another: PermissionDenied",
            "list the root: PermissionDenied",
            "read /etc/passwd: PermissionDenied",
            "connect: PermissionDenied",
            "listen: PermissionDenied",
        ]
    );
}

#[test]
fn calls_that_are_not_needed_are_refused() {
    let both = |server: &str| {
        ["active true", "start a program: PermissionDenied", "a file: done", "a thread: done"]
            .map(str::to_owned)
            .into_iter()
            .chain([format!("a TCP socket: {server}"), format!("a UDP socket: {server}")])
            .chain(["Seccomp:\t2".to_owned()])
            .collect::<Vec<_>>()
    };
    assert_eq!(child("calls of the server"), both("PermissionDenied"));
    assert_eq!(child("calls of the recorder"), both("done"));
}

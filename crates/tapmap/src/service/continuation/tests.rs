//! What started the recorder, told apart by invented control groups.

use super::*;

fn by(path: &str) -> StartedBy {
    StartedBy::from(&format!("0::{path}\n"), false, false)
}

#[test]
fn the_control_group_tells_who_started_it() {
    assert_eq!(by("/system.slice/tapmap.service"), StartedBy::System);
    let user = "/user.slice/user-1000.slice/user@1000.service/app.slice";
    assert_eq!(by(&format!("{user}/tapmap.service")), StartedBy::UserManager);
    assert_eq!(by(&format!("{user}/app-tapmap@autostart.service")), StartedBy::Desktop);
    assert_eq!(by(&format!("{user}/app-org.kde.konsole-4711.scope")), StartedBy::Other);
    assert_eq!(by(&format!("{user}/app-org.kde.krunner@77.service")), StartedBy::Other);
    assert_eq!(by("/user.slice/user-1000.slice/session-2.scope"), StartedBy::Other);
    assert_eq!(by("/system.slice/docker-0123.scope"), StartedBy::Other);
    assert_eq!(by("/"), StartedBy::Other);
    assert_eq!(StartedBy::from("", false, false), StartedBy::Other);
}

#[test]
fn older_systems_tell_it_in_the_line_of_systemd() {
    let groups = "4:memory:/elsewhere\n1:name=systemd:/system.slice/tapmap.service\n";
    assert_eq!(StartedBy::from(groups, false, false), StartedBy::System);
}

#[test]
fn a_terminal_ends_what_was_started_in_it_unless_it_is_kept() {
    let groups = "0::/user.slice/user-1000.slice/session-2.scope\n";
    assert_eq!(StartedBy::from(groups, true, false), StartedBy::Terminal);
    assert_eq!(StartedBy::from(groups, true, true), StartedBy::Other);
}

#[test]
fn lingering_decides_for_a_service_of_the_user() {
    let root = tempfile::tempdir().unwrap();
    let now = || StartedBy::UserManager.continues(root.path(), "ada");
    assert_eq!(now().after_log_out, Continuation::No);
    assert_eq!(now().command.as_deref(), Some("loginctl enable-linger ada"));
    let folder = root.path().join("var/lib/systemd/linger");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("ada"), "").unwrap();
    assert_eq!((now().after_log_out, now().command), (Continuation::Yes, None));
    let nobody = StartedBy::UserManager.continues(root.path(), "");
    assert_eq!(nobody.after_log_out, Continuation::Unknown);
}

#[test]
fn the_others_need_no_look() {
    let nowhere = Path::new("/nowhere");
    for (by, answer) in [
        (StartedBy::System, Continuation::Yes),
        (StartedBy::Desktop, Continuation::Unknown),
        (StartedBy::Terminal, Continuation::No),
        (StartedBy::Other, Continuation::Unknown),
    ] {
        assert_eq!(by.continues(nowhere, "ada").after_log_out, answer, "{by:?}");
    }
}

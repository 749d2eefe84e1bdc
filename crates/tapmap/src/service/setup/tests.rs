//! Setting up and taking back, in a scratch home.

use super::*;
use tempfile::TempDir;

/// A computer of its own below a scratch folder, with or without systemd.
fn computer(files: &[&str]) -> (TempDir, Surroundings) {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().to_owned();
    for file in files {
        fs::create_dir_all(root.join(file)).unwrap();
    }
    let surroundings = Surroundings {
        config: root.join("home/ada/.config"),
        runtime: Some(root.join("run/user/1000")),
        user: "ada".to_owned(),
        is_root: false,
        program: root.join("usr/bin/tapmap"),
        root,
    };
    (scratch, surroundings)
}

fn shown(invocations: &[Invocation]) -> Vec<String> {
    invocations.iter().map(ToString::to_string).collect()
}

#[test]
fn the_way_is_what_the_computer_has() {
    let (_scratch, bare) = computer(&[]);
    assert_eq!(Way::choose(&bare, false).unwrap(), Way::Autostart);
    assert!(Way::choose(&bare, true).unwrap_err().message.starts_with("systemd does not run this computer"));
    let (_scratch, booted) = computer(&["run/systemd/system"]);
    assert_eq!(Way::choose(&booted, false).unwrap(), Way::UserUnit);
    assert_eq!(Way::choose(&booted, true).unwrap(), Way::SystemUnit);
    assert!(!Way::UserUnit.is_managed(&booted));
    let (_scratch, with_manager) = computer(&["run/user/1000/systemd/private"]);
    assert_eq!(Way::choose(&with_manager, false).unwrap(), Way::UserUnit);
    assert!(Way::UserUnit.is_managed(&with_manager));
}

#[test]
fn each_way_has_its_file_and_its_commands() {
    let (_scratch, computer) = computer(&[]);
    let below = |way: Way| way.path(&computer).strip_prefix(&computer.root).unwrap().to_owned();
    assert_eq!(below(Way::UserUnit), Path::new("home/ada/.config/systemd/user/tapmap.service"));
    assert_eq!(below(Way::Autostart), Path::new("home/ada/.config/autostart/tapmap.desktop"));
    assert_eq!(below(Way::SystemUnit), Path::new("etc/systemd/system/tapmap.service"));
    assert_eq!(
        shown(&Way::UserUnit.after_writing(false)),
        [
            "systemctl --user daemon-reload",
            "systemctl --user enable tapmap.service",
            "systemctl --user start tapmap.service"
        ]
    );
    assert_eq!(
        shown(&Way::SystemUnit.after_writing(true)),
        ["systemctl daemon-reload", "systemctl enable tapmap.service", "systemctl restart tapmap.service"]
    );
    assert_eq!(shown(&Way::Autostart.after_writing(true)), Vec::<String>::new());
}

#[test]
fn whose_a_file_is_its_first_line_tells() {
    let (scratch, computer) = computer(&[]);
    let path = Way::UserUnit.path(&computer);
    assert_eq!(look(&path).unwrap(), Found::Nothing);
    let content = Way::UserUnit.content(&computer.program, None).unwrap();
    write(&path, &content).unwrap();
    assert_eq!(look(&path).unwrap(), Found::Ours(content.clone()));
    write(&path, &format!("\n{content}")).unwrap();
    assert_eq!(look(&path).unwrap(), Found::Foreign);
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert_eq!(look(&path).unwrap(), Found::Foreign);
    remove(&path).unwrap();
    assert_eq!(look(&path).unwrap(), Found::Nothing);
    drop(scratch);
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_somebody_s_and_a_written_file_is_for_everyone_to_read() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let (_scratch, computer) = computer(&["home/ada/.config/autostart"]);
    let path = Way::Autostart.path(&computer);
    symlink("/nowhere", &path).unwrap();
    assert_eq!(look(&path).unwrap(), Found::Foreign);
    write(&path, "text").unwrap();
    assert_eq!(fs::symlink_metadata(&path).unwrap().mode() & 0o7777, 0o644);
}

#[test]
fn a_path_that_would_break_the_file_is_refused() {
    for way in [Way::UserUnit, Way::SystemUnit, Way::Autostart] {
        let refused = way.content(Path::new("/opt/tap\nExecStartPre=/bin/evil"), None).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Usage);
    }
    let folder = Some(Path::new("/home/ada/a\nb"));
    assert!(Way::UserUnit.content(Path::new("/usr/bin/tapmap"), folder).is_err());
}

#[cfg(unix)]
#[test]
fn a_program_that_others_can_replace_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let (_scratch, computer) = computer(&["open"]);
    let program = computer.root.join("open/tapmap");
    fs::write(&program, "").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o777)).unwrap();
    let reason = replaceable(&program).unwrap();
    assert_eq!(reason, format!("others than root can replace {}", program.display()));
    assert_eq!(replaceable(Path::new("/")), None);
}

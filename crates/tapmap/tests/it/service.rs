//! `tapmap service` in a scratch home, with a stand-in for `systemctl` that writes down what it is asked.

use crate::program::{Ended, Program};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// What it is asked, and what it answers: nothing fails but what a test names.
const SYSTEMCTL: &str = "#!/bin/sh
echo \"$@\" >> \"${0%/*}/asked\"
case \" $* \" in *\" $(/bin/cat \"${0%/*}/fails\") \"*) exit 3;; esac
";

/// A home on a computer with systemd.
struct Home(Program);

impl Home {
    fn new() -> Self {
        let program = Program::new();
        let folder = program.folder().to_owned();
        for made in ["bin", "run/systemd/private"] {
            fs::create_dir_all(folder.join(made)).unwrap();
        }
        let systemctl = folder.join("bin/systemctl");
        fs::write(&systemctl, SYSTEMCTL).unwrap();
        fs::set_permissions(&systemctl, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.join("bin/fails"), "nothing").unwrap();
        let shown = |name: &str| folder.join(name).display().to_string();
        let program =
            program.with_variable("PATH", &shown("bin")).with_variable("XDG_RUNTIME_DIR", &shown("run"));
        Self(program)
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.0.run(&[&["service"], arguments].concat())
    }

    fn unit(&self) -> PathBuf {
        self.0.folder().join(".config/systemd/user/tapmap.service")
    }

    fn fails(&self, word: &str) {
        fs::write(self.0.folder().join("bin/fails"), word).unwrap();
    }

    /// What `systemctl` was asked since the last time.
    fn asked(&self) -> Vec<String> {
        let path = self.0.folder().join("bin/asked");
        let text = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, "").unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn installing_shows_everything_before_it_is_done() {
    let home = Home::new();
    let ended = home.run(&["install"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("`tapmap service install --yes` does it without asking"), "{ended:?}");
    assert!(!home.unit().exists());
    assert_eq!(home.asked(), Vec::<String>::new());

    let dry = home.run(&["install", "--dry-run"]);
    assert_eq!((dry.code, dry.stdout), (0, format!("{}\nNothing was changed.\n", ended.stdout)));
    assert!(!home.unit().exists());

    let done = home.run(&["install", "--yes"]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let unit = read(&home.unit());
    for line in unit.lines().filter(|line| !line.is_empty()) {
        assert!(ended.stdout.contains(&format!("\n    {line}\n")), "{line} was not shown");
    }
    let did = done.stdout.strip_prefix(&ended.stdout).unwrap();
    let expected = format!(
        "wrote {}\n$ systemctl --user daemon-reload\n$ systemctl --user enable tapmap.service\n\
         $ systemctl --user start tapmap.service\n",
        home.unit().display()
    );
    assert_eq!(did, expected);
    assert_eq!(
        home.asked(),
        ["--user daemon-reload", "--user enable tapmap.service", "--user start tapmap.service"]
    );
    let command = format!(
        "\nExecStart={} run --no-browser --data-dir {}\n",
        env!("CARGO_BIN_EXE_tapmap"),
        home.0.folder().display()
    );
    assert!(unit.contains(&command), "{unit}");
}

#[test]
fn a_change_restarts_it_and_removing_leaves_nothing() {
    let home = Home::new();
    assert_eq!(home.run(&["install", "--yes", "--data-dir", "/elsewhere"]).code, 0);
    assert!(read(&home.unit()).contains(" --data-dir /elsewhere\n"));
    let again = home.run(&["install", "--yes", "--data-dir", "/another"]);
    assert!(again.stdout.contains(" is replaced by this:"), "{again:?}");
    assert!(home.asked().contains(&"--user restart tapmap.service".to_owned()));

    let shown = home.run(&["remove", "--dry-run"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(home.unit().exists());
    assert_eq!(home.asked(), Vec::<String>::new());
    let removed = home.run(&["remove", "--yes"]);
    assert_eq!(removed.code, 0, "{removed:?}");
    assert!(!home.unit().exists());
    assert_eq!(home.asked(), ["--user disable --now tapmap.service", "--user daemon-reload"]);
    assert_eq!(home.run(&["remove", "--yes"]).stdout, "There is nothing of TapMap's to remove.\n");
}

#[test]
fn a_file_of_somebody_else_is_left_alone() {
    let home = Home::new();
    fs::create_dir_all(home.unit().parent().unwrap()).unwrap();
    fs::write(home.unit(), "[Unit]\nDescription=mine\n").unwrap();
    let ended = home.run(&["install", "--yes"]);
    assert_eq!(ended.code, 5, "{ended:?}");
    assert!(ended.stdout.contains("TAPMAP DID NOT WRITE IT"), "{ended:?}");
    let removed = home.run(&["remove", "--yes"]);
    assert!(removed.stderr.contains("was not written by TapMap, and is left alone"), "{removed:?}");
    assert_eq!(read(&home.unit()), "[Unit]\nDescription=mine\n");
    assert_eq!(home.asked(), Vec::<String>::new());
}

#[test]
fn the_folder_of_settings_is_where_the_user_says() {
    let home = Home::new();
    let settings = home.0.folder().join("settings");
    let home = Home(home.0.with_variable("XDG_CONFIG_HOME", &settings.display().to_string()));
    assert_eq!(home.run(&["install", "--yes"]).code, 0);
    assert!(settings.join("systemd/user/tapmap.service").exists());
    assert!(!home.unit().exists());
}

#[test]
fn a_command_that_fails_is_told() {
    let home = Home::new();
    home.fails("enable");
    let ended = home.run(&["install", "--yes"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("`systemctl --user enable tapmap.service` failed"), "{ended:?}");
    assert_eq!(home.asked(), ["--user daemon-reload", "--user enable tapmap.service"]);
}

#[test]
fn the_standing_is_told() {
    let home = Home::new();
    home.fails("is-active");
    let nothing = home.run(&["status"]);
    assert_eq!(
        nothing.stdout,
        "starts at login  no\n                 tapmap service install\nruns now         no\n"
    );
    assert_eq!(home.run(&["install", "--yes"]).code, 0);
    let there = home.run(&["status"]).stdout;
    let first = format!("starts at login  yes, by {}\n", home.unit().display());
    assert!(there.starts_with(&first), "{there}");
    assert!(there.contains("\nruns now         no\nafter log-out    "), "{there}");
    home.fails("is-enabled");
    let off = home.run(&["status"]).stdout;
    assert!(off.starts_with("starts at login  no: "), "{off}");
}

#[test]
fn a_recorder_started_by_hand_is_told_from_the_service() {
    let home = Home::new();
    home.fails("is-active");
    let running = home.0.serve();
    let told = home.run(&["status"]).stdout;
    assert!(
        told.contains(&format!("runs now         yes, at {}, not by the service\n", running.url)),
        "{told}"
    );
}

#[test]
fn the_whole_computer_s_unit_can_be_looked_at_by_anyone() {
    let home = Home::new();
    let shown = home.run(&["install", "--system", "--dry-run"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    for line in ["/etc/systemd/system/tapmap.service", "    DynamicUser=yes", "    systemctl daemon-reload"] {
        assert!(shown.stdout.contains(line), "{line}: {shown:?}");
    }
    let told = home.run(&["install", "--system", "--dry-run", "--data-dir", "/data"]);
    assert_eq!(told.code, 2, "{told:?}");
    assert_eq!(home.asked(), Vec::<String>::new());
}

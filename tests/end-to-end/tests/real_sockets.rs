//! Known programs hold known connections; TapMap, started among them, must list exactly those.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends by panicking and says why it skips"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use end_to_end::{COMPUTER, FakeNet, Talker, asked_until, copy_as};
use serde_json::Value;

/// The programs inside the computer and what each holds; `expected.csv` says how that must appear.
const PROGRAMS: [(&str, &[&str]); 7] = [
    ("database", &["accept:127.0.0.1:5432", "accept:[::1]:5433"]),
    ("shell", &["accept:[::]:8022", "bind:0.0.0.0:8023"]),
    (
        "browser",
        &[
            "tcp:1.178.29.42:443",
            "tcp:[2600:1901:8180::3:a71b]:443",
            "dual:128.138.140.44:443",
            "udp:129.69.1.153:443",
        ],
    ),
    ("clock", &["udp:129.132.2.21:123"]),
    ("resolver", &["udp:1.1.1.1:53", "udp:[2001:4860:4860::8888]:53"]),
    ("printing", &["tcp:192.168.77.1:631", "tcp:[fd77::1]:631"]),
    ("client", &["open:127.0.0.1:5432", "open:[::1]:5433"]),
];
const LISTENERS: [&str; 4] =
    ["database tcp 127.0.0.1:5432", "database tcp ::1:5433", "shell tcp :::8022", "shell udp 0.0.0.0:8023"];

#[test]
fn exactly_the_flows_that_programs_hold() {
    let Some(stage) = Stage::set() else { return };
    let pids: Vec<(String, u64)> =
        stage.programs.iter().map(|(name, program)| (name.clone(), program.pid().unwrap())).collect();

    // Without a recorder, the command line looks for itself.
    check(&stage.list("ls"), &pids, None);
    assert_eq!(listeners(&stage.list("listeners")), BTreeSet::from(LISTENERS.map(str::to_owned)));

    // With one, it asks the recorder.
    let recorder = stage.start_recorder();
    // Its page is up before it has looked.
    let list = asked_until(|| Ok(stage.list("ls")), |list| !list.is_empty()).unwrap();
    check(&list, &pids, None);
    assert_eq!(listeners(&stage.list("listeners")), BTreeSet::from(LISTENERS.map(str::to_owned)));
    stage.look_at_the_page(&recorder.address);

    // What closes is dropped, and pages are told.
    let mut stream = stage.stream(&recorder.address);
    stream.line_with(|line| line.contains("hello")).unwrap();
    let stage = stage.end("browser");
    let is_over = |list: &[Value]| list.iter().all(|flow| flow["app"] != "browser");
    let mut left = Vec::new();
    // Its four flows may close in as many looks, and what `ls` opens to ask closes too.
    for _ in 0..16 {
        stream.line_with(|line| line.starts_with("data:") && line.contains("\"del\":[")).unwrap();
        left = stage.list("ls");
        if is_over(&left) {
            break;
        }
    }
    check(&left, &pids, Some("browser"));
    recorder.stop(&stage);
}

/// The rows of a list in the form of `expected.csv`, with the ports that the system chose left out.
fn rows(list: &[Value]) -> Vec<String> {
    let word = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    list.iter()
        .map(|flow| {
            let inbound = flow["direction"] == "inbound";
            let chosen = |key: &str, chosen: bool| if chosen { "*".to_owned() } else { word(&flow[key]) };
            [
                word(&flow["app"]),
                word(&flow["protocol"]),
                word(&flow["direction"]),
                chosen("local_port", !inbound),
                word(&flow["remote_address"]),
                chosen("remote_port", inbound),
                word(&flow["scope"]),
                word(&flow["country"]),
                word(&flow["asn"]),
                word(&flow["peer_app"]),
            ]
            .join(",")
        })
        .collect()
}

/// Holds a list against `expected.csv`, without the rows of an app that has ended.
fn check(list: &[Value], pids: &[(String, u64)], ended: Option<&str>) {
    let mut found = rows(list);
    let mut expected: Vec<String> = include_str!("../expected.csv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("app,"))
        .filter(|line| line.split(',').next() != ended)
        .map(str::to_owned)
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    for flow in list {
        let (_, pid) = pids.iter().find(|(name, _)| flow["app"] == **name).unwrap();
        assert_eq!(flow["pid"], *pid, "{flow}");
        assert_eq!(flow["attribution"], "descriptor", "{flow}");
        if flow["remote_port"] == 443
            && flow["protocol"] == "tcp"
            && flow["remote_address"] != "128.138.140.44"
        {
            assert_eq!(
                (&flow["bytes_sent"], &flow["bytes_received"]),
                (&1000.into(), &1000.into()),
                "{flow}"
            );
        }
        if flow["country"].is_null() {
            assert_eq!(flow["latitude"], Value::Null, "no country, so no place: {flow}");
        }
    }
}

fn listeners(list: &[Value]) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.iter()
        .map(|it| {
            let (app, protocol, address) =
                (text(&it["app"]), text(&it["protocol"]), text(&it["local_address"]));
            format!("{app} {protocol} {address}:{}", it["local_port"])
        })
        .collect()
}

/// The make-believe internet with its programs, and TapMap's data folder. Programs end before the
/// network does: fields are dropped in order.
struct Stage {
    programs: Vec<(String, Talker)>,
    _outside: Vec<Talker>,
    net: FakeNet,
    folder: PathBuf,
}

struct RunningRecorder {
    address: String,
    process: Talker,
}

impl RunningRecorder {
    /// Ends it as Ctrl+C does: by the process id that it announced, as the computer counts them.
    fn stop(self, stage: &Stage) {
        let instance = fs::read(stage.folder.join("data/instance.json")).unwrap();
        let instance: Value = serde_json::from_slice(&instance).unwrap();
        let mut kill = stage.net.inside(Path::new("sh")).unwrap();
        kill.arg("-c").arg(format!("kill -INT {}", instance["pid"]));
        assert!(kill.status().unwrap().success(), "the recorder was running");
        self.process.end().unwrap();
    }
}

impl Stage {
    /// Sets the stage, or says why it cannot be set. In `CI` it must be possible.
    fn set() -> Option<Self> {
        let talker = Path::new(env!("CARGO_BIN_EXE_talker"));
        let net = match FakeNet::new(talker) {
            Ok(net) => net,
            Err(error) => {
                assert!(!in_ci(), "the make-believe internet must be possible here: {error:#}");
                println!("skipped: no make-believe internet here: {error:#}");
                return None;
            }
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stage-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut serving = net.outside(talker);
        serving.args(["serve", "443", "631"]);
        let mut outside = vec![Talker::start(serving).unwrap()];
        let mut programs = Vec::new();
        for (name, what) in PROGRAMS {
            let mut command = net.inside(&copy_as(talker, &folder, name).unwrap()).unwrap();
            command.arg("hold").args(what);
            programs.push((name.to_owned(), Talker::start(command).unwrap()));
        }
        let mut visitor = net.outside(talker);
        visitor.args(["hold", &format!("open:{COMPUTER}:8022")]);
        outside.push(Talker::start(visitor).unwrap());
        Some(Self { programs, _outside: outside, net, folder })
    }

    fn end(mut self, name: &str) -> Self {
        let place = self.programs.iter().position(|(program, _)| program == name).unwrap();
        self.programs.remove(place).1.end().unwrap();
        self
    }

    fn tapmap(&self, arguments: &[&str]) -> Command {
        let mut command = self.net.inside(&tapmap()).unwrap();
        command.args(arguments).env("TAPMAP_DATA_DIR", self.folder.join("data"));
        command
    }

    /// What a command of TapMap's lists as JSON.
    fn list(&self, command: &str) -> Vec<Value> {
        let output = self.tapmap(&[command, "--json"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tapmap {command}: {said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts the recorder and waits until it has looked once.
    fn start_recorder(&self) -> RunningRecorder {
        let mut command = Command::new("sh");
        // The recorder says its address on its first line; the harness waits for "ready".
        let inner = self.tapmap(&["run", "--no-browser", "--port", "8050"]);
        command.arg("-c").arg("echo ready; exec \"$@\"").arg("sh").arg(inner.get_program());
        command.args(inner.get_args());
        for (key, value) in inner.get_envs() {
            command.env(key, value.unwrap());
        }
        let mut process = Talker::start(command).unwrap();
        let line = process.line_with(|line| line.contains("http://")).unwrap();
        let start = line.find("http://").unwrap() + "http://".len();
        let address: String = line[start..].chars().take_while(|it| !"/ ?".contains(*it)).collect();
        let mut stream = self.stream(&address);
        stream.line_with(|line| line.contains("hello")).unwrap();
        RunningRecorder { address, process }
    }

    /// The recorder's stream of changes, as a page hears it.
    fn stream(&self, address: &str) -> Talker {
        let mut command = self.net.inside(Path::new(env!("CARGO_BIN_EXE_talker"))).unwrap();
        command.args(["fetch", address, "/api/v1/stream"]);
        Talker::start(command).unwrap()
    }

    /// Opens the page in Chromium among the programs, and finds the same there.
    fn look_at_the_page(&self, address: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("page.mjs");
        let mut command = self.net.inside(Path::new("node")).unwrap();
        command.arg(script).arg(format!("http://{address}/"));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the page: {}{said}", String::from_utf8_lossy(&output.stdout));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            println!("could not remove {}: {error}", self.folder.display());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test may ask where it runs")]
fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// The program under test: `TAPMAP_BIN`, else the one that cargo built beside this test.
#[expect(clippy::disallowed_methods, reason = "a test may ask where the program is")]
fn tapmap() -> PathBuf {
    std::env::var_os("TAPMAP_BIN").map_or_else(
        || Path::new(env!("CARGO_BIN_EXE_talker")).with_file_name("tapmap"),
        |path| PathBuf::from(&path),
    )
}

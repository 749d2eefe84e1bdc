//! Names come out as a person would say them: tables over the pure parts, and whole made-up systems.

use std::{
    fs,
    os::unix::fs::{DirEntryExt as _, symlink},
    path::Path,
};

use proptest::prelude::*;
use tapmap_core::AppEvidence;
use tempfile::TempDir;

use super::{
    AppNamer,
    cgroup::{self, Group, Runtime},
    desktop, script, text,
};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A folder that stands for a whole system.
struct System(TempDir);

impl System {
    fn new(files: &[(&str, &str)]) -> Self {
        let system = Self(tempfile::tempdir().unwrap());
        for (path, content) in files {
            system.write(path, content);
        }
        system
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn link(&self, path: &str, to: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(self.0.path().join(to), path).unwrap();
    }

    fn namer(&self) -> AppNamer {
        AppNamer::below(self.0.path())
    }

    fn says(&self, pid: u32, comm: &str, executable: Option<&str>) -> (String, AppEvidence) {
        let app = self.namer().describe(pid, comm, executable);
        (app.name.to_string(), app.evidence)
    }
}

fn check(system: &System, pid: u32, executable: &str, expected: (&str, AppEvidence)) {
    let (name, evidence) = system.says(pid, "some-thread", Some(executable));
    assert_eq!((&*name, evidence), expected, "pid {pid}, {executable}");
}

#[test]
fn control_groups_say_what_they_are() {
    let check = |path: &str, expected: Option<Group>| assert_eq!(cgroup::group(path), expected, "{path}");
    let container = |runtime| Some(Group::Container { runtime, id: ID.to_owned() });
    let unit = |name: &str| Some(Group::Unit(name.to_owned()));
    let desktop = |id: &str| Some(Group::Desktop(id.to_owned()));
    let machine = |name: &str| Some(Group::Machine(name.to_owned()));
    let snap = |snap: &str, app: &str| Some(Group::Snap { snap: snap.to_owned(), app: app.to_owned() });
    let user = "/user.slice/user-1000.slice/user@1000.service";

    check(&format!("/system.slice/docker-{ID}.scope"), container(Runtime::Docker));
    check(&format!("/docker/{ID}"), container(Runtime::Docker));
    check(&format!("/docker/{ID}/system.slice/nginx.service"), container(Runtime::Docker));
    check(&format!("/machine.slice/libpod-{ID}.scope/container"), container(Runtime::Podman));
    check(&format!("{user}/user.slice/libpod-{ID}.scope"), container(Runtime::Podman));
    check(&format!("/libpod_parent/{ID}"), container(Runtime::Podman));
    check(&format!("/machine.slice/libpod-conmon-{ID}.scope"), None);
    let pod = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1a2b.slice";
    check(&format!("{pod}/cri-containerd-{ID}.scope"), container(Runtime::Kubernetes));
    check(&format!("{pod}/crio-{ID}.scope"), container(Runtime::Kubernetes));
    check(&format!("/kubepods/besteffort/pod1a2b/{ID}"), container(Runtime::Kubernetes));
    check(&format!("/default/{ID}"), container(Runtime::Other));
    check("/lxc.payload.build/system.slice/cron.service", machine("build"));
    check("/lxc/build/init.scope", machine("build"));
    check("/machine.slice/systemd-nspawn@my\\x2dbox.service/payload", machine("my-box"));
    check("/machine.slice/machine-qemu\\x2d3\\x2dwin\\x2dten.scope/libvirt/emulator", machine("win-ten"));

    check("/system.slice/ssh.service", unit("ssh"));
    check("/system.slice/system-openvpn.slice/openvpn@work.service", unit("openvpn@work"));
    check("/system.slice/sshd@3-10.0.0.1:22-10.0.0.9:5022.service", unit("sshd"));
    check("/system.slice/system-systemd\\x2dfsck.slice/systemd\\x2dthing.service", unit("systemd-thing"));
    check(&format!("{user}/app.slice/syncthing.service"), unit("syncthing"));
    check(&format!("{user}/init.scope"), None);
    check("/user.slice/user-1000.slice/session-2.scope", None);
    check("/init.scope", None);
    check("/system.slice", None);
    check("/", None);
    check(&format!("{user}/app.slice/run-u123.scope"), None);
    check(&format!("{user}/app.slice/app-org.gnome.Terminal.slice/vte-spawn-1a2b.scope"), None);

    check(&format!("{user}/app.slice/app-gnome-firefox-2410.scope"), desktop("firefox"));
    check(&format!("{user}/app.slice/app-gnome-google\\x2dchrome-2410.scope"), desktop("google-chrome"));
    check(&format!("{user}/app.slice/app-org.kde.kate-8d0a1f.scope"), desktop("org.kde.kate"));
    check(
        &format!("{user}/app.slice/app-org.kde.kdeconnect@autostart.service"),
        desktop("org.kde.kdeconnect"),
    );
    check(
        &format!("{user}/app.slice/dbus-:1.2-org.gnome.Calculator@0.service"),
        desktop("org.gnome.Calculator"),
    );
    check(&format!("{user}/app.slice/dbus-broker.service"), unit("dbus-broker"));
    check(
        &format!("{user}/app.slice/app-flatpak-org.mozilla.firefox-2410.scope"),
        Some(Group::Flatpak("org.mozilla.firefox".to_owned())),
    );
    check(
        &format!(
            "{user}/app.slice/snap.signal-desktop.signal-desktop-1a2b3c4d-0000-4000-8000-123456789abc.scope"
        ),
        snap("signal-desktop", "signal-desktop"),
    );
    check("/system.slice/snap.lxd.daemon.service", snap("lxd", "daemon"));
}

#[test]
fn escapes_are_undone() {
    let check = |escaped: &str, plain: &str| assert_eq!(cgroup::unescape(escaped), plain);
    check("my\\x2dbox", "my-box");
    check("a\\x5cx2d", "a\\x2d");
    check("caf\\xc3\\xa9", "café");
    check("cut\\x2", "cut\\x2");
    check("\\xzz", "\\xzz");
    check("\\xff", "\u{fffd}");
    check("\\x\u{e9}\u{e9}", "\\x\u{e9}\u{e9}");
}

#[test]
fn the_telling_line_is_found_in_each_layout() {
    let docker = format!("4:memory:/docker/{ID}\n1:name=systemd:/\n0::/\n");
    let docker_path = format!("/docker/{ID}");
    let check = |text: &str, path: Option<&str>| assert_eq!(cgroup::path_of(text), path, "{text}");
    check("0::/system.slice/ssh.service\n", Some("/system.slice/ssh.service"));
    check(
        "4:memory:/a\n1:name=systemd:/system.slice/cron.service\n0::/\n",
        Some("/system.slice/cron.service"),
    );
    check(&docker, Some(&docker_path));
    check("0::/\n", None);
    check("0::/with:colon.service\n", Some("/with:colon.service"));
    check("", None);
}

#[test]
fn interpreters_run_scripts() {
    let check = |line: &str, expected: Option<&str>| {
        let words: Vec<&str> = line.split(' ').collect();
        let file = words[0].rsplit('/').next().unwrap();
        let found = script::script(file, &words).map(|script| script::name(&script));
        assert_eq!(found.as_deref(), expected, "{line}");
    };
    check("/usr/bin/python3.13 /home/ada/backup.py --password secret", Some("backup.py"));
    check("python3 -u -W ignore -Xdev backup.py", Some("backup.py"));
    check("python3 -m http.server 8000", Some("http.server"));
    check("python3 -Im pip install x", Some("pip"));
    check("python3 -mvenv x", Some("venv"));
    check("python3 -c import_this", None);
    check("python3 -ic print() file.py", None);
    check("python3", None);
    check("python3 -", None);
    check("python3 /srv/mysite/manage.py runserver", Some("mysite/manage.py"));
    check("python3 /opt/tool/__main__.py", Some("tool"));
    check("node --inspect=9229 -r dotenv/config /srv/shop/src/index.js", Some("shop/index.js"));
    check("node /usr/lib/node_modules/npm/bin/npm-cli.js install", Some("npm-cli.js"));
    check("node -e code", None);
    check("node -- x.js", Some("x.js"));
    check("deno run --allow-net serve.ts", Some("serve.ts"));
    check("bun run start.ts", Some("start.ts"));
    check("java -Xmx2G -cp /a:/b -jar /srv/minecraft-server.jar nogui", Some("minecraft-server.jar"));
    check("java -classpath /a:/b org.elasticsearch.bootstrap.Elasticsearch", Some("Elasticsearch"));
    check("java --module-path /m -m org.app/org.app.Main", Some("Main"));
    check("java -version", None);
    check("java @/srv/options", None);
    check("ruby -Ilib -rset bin/rails server", Some("rails"));
    check("ruby -e puts", None);
    check("perl -w -MStrict /usr/bin/exiftool photo.jpg", Some("exiftool"));
    check("perl -ne print", None);
    check("bash -x /usr/local/bin/nightly.sh", Some("nightly.sh"));
    check("bash -o pipefail deploy.sh", Some("deploy.sh"));
    check("bash -lc curl", None);
    check("-bash", None);
    check("bash /dev/fd/3", None);
    check("sh --rcfile f script", Some("script"));
    check("php8.2 -d a=b -S 0.0.0.0:8000", None);
    check("php -d a=b artisan serve", Some("artisan"));
    check("dotnet exec --depsfile x Shop.dll", Some("Shop.dll"));
    check("electron28 --no-sandbox /usr/lib/joplin/resources/app.asar", Some("joplin"));
    check("electron28 --type=utility --app-path=/usr/lib/joplin/app.asar", Some("joplin"));
    check("lua5.4 -l socket chat.lua", Some("chat.lua"));
    check("nginx -c /etc/nginx.conf", None);
    assert!(script::is_interpreter("pypy3.10") && !script::is_interpreter("nodeinfo"));
}

#[test]
fn desktop_entries_are_read() {
    let entry = desktop::parse(
        "# comment\n[Desktop Entry]\nType=Application\nName = Text\\sEditor\nName[de]=Editor\nExec=ed %U\n\
         StartupWMClass=Ed\nCategories=System;TerminalEmulator;\nNoDisplay=true\n[Desktop Action new]\nName=New\nExec=ed -n\n",
    )
    .unwrap();
    assert_eq!((&*entry.name, &*entry.exec), ("Text Editor", "ed %U"));
    assert_eq!(entry.window_class.as_deref(), Some("Ed"));
    assert!(entry.terminal && !entry.shown);
    assert_eq!(desktop::parse("[Desktop Entry]\nType=Link\nName=x\n"), None);
    assert_eq!(desktop::parse("[Desktop Entry]\nType=Application\nName=x\nHidden=true\n"), None);
    assert_eq!(desktop::parse("[Desktop Entry]\nExec=x\n"), None);
    assert_eq!(desktop::parse("Name=outside\n"), None);

    let check = |exec: &str, program: Option<&str>| {
        assert_eq!(desktop::program_of(exec).as_deref(), program, "{exec}");
    };
    check("/usr/bin/firefox %u", Some("/usr/bin/firefox"));
    check("\"/opt/my app/run \\\"it\\\"\" --flag", Some("/opt/my app/run \"it\""));
    check("env BAMF_HINT=/x A=b /snap/bin/signal %U", Some("/snap/bin/signal"));
    check("python3 /usr/share/solaar/solaar.py --window", Some("/usr/share/solaar/solaar.py"));
    check("sh -c \"exec thing\"", None);
    check("flatpak run org.mozilla.firefox", None);
    check("", None);
    assert_eq!(
        desktop::flatpak_id("[Application]\nname=org.x.Y\n[Instance]\nname=z\n").as_deref(),
        Some("org.x.Y")
    );
}

#[test]
fn names_are_fit_to_be_shown() {
    let check =
        |name: &str, expected: Option<&str>| assert_eq!(text::shown(name).as_deref(), expected, "{name:?}");
    check(" Firefox ", Some("Firefox"));
    check("a\u{1b}[31mb\n", Some("a\u{fffd}[31mb\u{fffd}"));
    check("exe.\u{202e}gpj", Some("exe.\u{fffd}gpj"));
    check("<b>bold</b>", Some("<b>bold</b>"));
    check("", None);
    check(" \u{200b}\n", None);
    let long = text::shown(&"ö".repeat(500)).unwrap();
    assert_eq!(long.chars().count(), 120);
    assert!(long.ends_with('…'));
    assert_eq!(text::shown(&"ö".repeat(120)).unwrap().chars().count(), 120);
}

#[test]
fn containers_are_named_as_their_keeper_names_them() {
    let other = ID.replace('0', "f");
    let system = System::new(&[
        (
            &format!("var/lib/docker/containers/{ID}/config.v2.json"),
            "{\"Name\":\"/web\",\"Image\":\"nginx\"}",
        ),
        (
            "var/lib/containers/storage/overlay-containers/containers.json",
            &format!("[{{\"id\":\"{ID}\",\"names\":[\"mail\"]}}]"),
        ),
        (
            "home/ann/.local/share/containers/storage/vfs-containers/volatile-containers.json",
            &format!("[{{\"id\":\"{other}\",\"names\":[\"build-box\"]}}]"),
        ),
        ("root/.local/share/docker/containers/abcdef012345/config.v2.json", "{\"Name\":\"/notes\"}"),
        (&format!("var/log/containers/api-7d9f_shop_api-{ID}.log"), ""),
        ("proc/1/cgroup", &format!("0::/system.slice/docker-{ID}.scope\n")),
        ("proc/2/cgroup", &format!("0::/system.slice/docker-{other}.scope\n")),
        ("proc/4/cgroup", "0::/machine.slice/systemd-nspawn@build.service/payload\n"),
    ]);
    check(&system, 1, "/usr/bin/python3", ("web", AppEvidence::Container));
    check(&system, 2, "/usr/bin/redis-server", ("docker f123456789ab", AppEvidence::Container));
    check(&system, 4, "/usr/bin/gcc", ("build", AppEvidence::Container));
    let mut namer = system.namer();
    assert_eq!(namer.containers.name(Runtime::Podman, ID), "mail");
    assert_eq!(namer.containers.name(Runtime::Podman, &other), "build-box");
    assert_eq!(namer.containers.name(Runtime::Docker, "abcdef012345"), "notes");
    assert_eq!(system.namer().containers.name(Runtime::Kubernetes, ID), "api (shop)");
    assert_eq!(system.namer().containers.name(Runtime::Other, "0123456789ab"), "container 0123456789ab");
}

#[test]
fn a_pipe_in_place_of_a_file_is_not_waited_for() {
    let system = System::new(&[("home/ann/.local/share/docker/containers/abcdef012345/other", "")]);
    let folder = system.0.path().join("home/ann/.local/share/docker/containers/abcdef012345");
    let made = std::process::Command::new("mkfifo").arg(folder.join("config.v2.json")).status();
    assert!(made.unwrap().success());
    assert_eq!(system.namer().containers.name(Runtime::Docker, "abcdef012345"), "docker abcdef012345");
}

#[test]
fn within_a_container_its_own_name_says_nothing() {
    let line = format!("0::/docker/{ID}\n");
    let system = System::new(&[("proc/self/cgroup", &line), ("proc/7/cgroup", &line)]);
    check(&system, 7, "/usr/sbin/nginx", ("nginx", AppEvidence::FileName));
}

#[test]
fn programs_are_named_by_their_desktop_entries() {
    let entry = |name: &str, exec: &str, more: &str| {
        format!("[Desktop Entry]\nType=Application\nName={name}\nExec={exec}\n{more}\n")
    };
    let system = System::new(&[
        ("usr/share/applications/firefox.desktop", &entry("Firefox", "/usr/bin/firefox %u", "")),
        (
            "usr/share/applications/chromium.desktop",
            &entry("Chromium", "chromium %U", "StartupWMClass=Chromium-Browser"),
        ),
        ("usr/share/applications/writer.desktop", &entry("LibreOffice Writer", "libreoffice --writer", "")),
        ("usr/share/applications/start.desktop", &entry("LibreOffice", "libreoffice", "")),
        ("usr/share/applications/python3.13.desktop", &entry("Python", "/usr/bin/python3.13", "")),
        ("usr/share/applications/solaar.desktop", &entry("Solaar", "/usr/bin/solaar", "")),
        (
            "usr/share/applications/kde/konsole.desktop",
            &entry("Konsole", "konsole", "Categories=TerminalEmulator;"),
        ),
        ("home/ada/.local/share/applications/curl.desktop", &entry("Not curl", "/usr/bin/curl", "")),
        ("home/ada/.local/share/applications/game.desktop", &entry("The Game", "/home/ada/game/play", "")),
        ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n"),
        ("usr/lib/firefox/firefox", ""),
        ("usr/bin/chromium", ""),
        ("usr/lib/libreoffice/program/soffice", ""),
        ("usr/bin/konsole", ""),
        ("proc/2/cmdline", "/usr/bin/python3\0/usr/bin/solaar\0"),
        ("proc/3/cmdline", "/usr/bin/python3\0-V\0"),
        ("proc/4/cgroup", "0::/user.slice/user@1000.service/app.slice/app-kde\\x2dkonsole-12.scope\n"),
        ("proc/5/cgroup", "0::/user.slice/user@1000.service/app.slice/app-gnome-firefox-12.scope\n"),
        ("proc/6/cgroup", "0::/user.slice/user@1000.service/app.slice/app-gnome-org.some.Thing-12.scope\n"),
    ]);
    system.link("usr/bin/firefox", "usr/lib/firefox/firefox");
    system.link("usr/bin/libreoffice", "usr/lib/libreoffice/program/soffice");
    let desktop = AppEvidence::DesktopEntry;
    check(&system, 1, "/usr/lib/firefox/firefox", ("Firefox", desktop));
    check(&system, 1, "/usr/lib/firefox/firefox (deleted)", ("Firefox", desktop));
    check(&system, 1, "/usr/lib/firefox/crashhelper", ("Firefox", desktop));
    check(&system, 1, "/usr/lib/chromium/chromium", ("Chromium", desktop));
    check(&system, 1, "/usr/lib/chromium/chrome_crashpad_handler", ("Chromium", desktop));
    check(&system, 1, "/tmp/chromium", ("chromium", AppEvidence::FileName));
    check(&system, 1, "/usr/lib/libreoffice/program/soffice.bin", ("LibreOffice", desktop));
    check(&system, 1, "/usr/bin/curl", ("curl", AppEvidence::FileName));
    check(&system, 1, "/home/ada/game/play", ("The Game", desktop));
    check(&system, 2, "/usr/bin/python3.13", ("Solaar", desktop));
    check(&system, 3, "/usr/bin/python3.13", ("python3.13", AppEvidence::FileName));
    check(&system, 4, "/usr/bin/ssh", ("ssh", AppEvidence::FileName));
    check(&system, 4, "/usr/bin/konsole", ("Konsole", desktop));
    check(&system, 5, "/opt/unheard/of", ("Firefox", desktop));
    check(&system, 6, "/opt/unheard/of", ("org.some.Thing", desktop));
}

#[test]
fn packages_scripts_units_and_files_come_in_this_order() {
    let system = System::new(&[
        (
            "var/lib/flatpak/exports/share/applications/org.mozilla.firefox.desktop",
            "[Desktop Entry]\nName=Firefox\nExec=flatpak run x\n",
        ),
        (
            "proc/1/cgroup",
            "0::/user.slice/user@1000.service/app.slice/app-flatpak-org.mozilla.firefox-1.scope\n",
        ),
        ("proc/2/root/.flatpak-info", "[Application]\nname=org.signal.Signal\n"),
        ("proc/3/cgroup", "0::/system.slice/mesh.service\n"),
        ("proc/3/cmdline", "/usr/bin/python3\0/srv/mesh/run.py\0--token\0secret\0"),
        ("proc/4/cgroup", "0::/system.slice/ssh.service\n"),
        ("proc/5/cgroup", "0::/user.slice/user-1000.slice/session-2.scope\n"),
        ("proc/6/environ", "A=b\0APPIMAGE=/home/ada/Apps/Obsidian-1.9.4.AppImage\0"),
    ]);
    check(&system, 1, "/app/lib/firefox/firefox", ("Firefox", AppEvidence::Package));
    check(&system, 2, "/app/Signal/signal-desktop", ("org.signal.Signal", AppEvidence::Package));
    check(&system, 9, "/snap/spotify/81/usr/share/spotify/spotify", ("spotify", AppEvidence::Package));
    check(&system, 3, "/usr/bin/python3.13", ("mesh/run.py", AppEvidence::Script));
    check(&system, 4, "/usr/sbin/sshd", ("ssh", AppEvidence::Unit));
    check(&system, 5, "/usr/bin/curl", ("curl", AppEvidence::FileName));
    check(&system, 6, "/tmp/.mount_ObsidiX7k2/obsidian", ("Obsidian-1.9.4", AppEvidence::AppImage));
    check(&system, 7, "/tmp/.mount_ObsidiX7k2/obsidian", ("obsidian", AppEvidence::FileName));
    assert_eq!(system.says(8, "kworker/0:1", None), ("kworker/0:1".to_owned(), AppEvidence::ProcessName));
    assert_eq!(
        system.says(8, "runc", Some("/memfd:runc (deleted)")),
        ("runc".to_owned(), AppEvidence::ProcessName)
    );
    assert_eq!(system.says(8, "\n", None), ("process 8".to_owned(), AppEvidence::ProcessName));
}

/// The inode of a folder, which is its control group's id.
fn id_of(folder: &Path) -> u64 {
    let name = folder.file_name().unwrap();
    let mut entries = fs::read_dir(folder.parent().unwrap()).unwrap().map(Result::unwrap);
    entries.find(|entry| entry.file_name() == name).unwrap().ino()
}

#[test]
fn a_control_group_stands_for_its_unit() {
    let system = System::new(&[
        ("sys/fs/cgroup/cgroup.controllers", ""),
        ("sys/fs/cgroup/system.slice/ssh.service/pids.max", ""),
        (&format!("sys/fs/cgroup/system.slice/docker-{ID}.scope/pids.max"), ""),
        ("sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/pids.max", ""),
    ]);
    let top = system.0.path().join("sys/fs/cgroup");
    let mut namer = system.namer();
    let mut name_of = |path: &str| {
        let app = namer.unit_of_cgroup(id_of(&top.join(path)));
        app.map(|app| (app.name.to_string(), app.evidence))
    };
    assert_eq!(name_of("system.slice/ssh.service"), Some(("ssh".to_owned(), AppEvidence::Unit)));
    assert_eq!(
        name_of(&format!("system.slice/docker-{ID}.scope")),
        Some(("docker 0123456789ab".to_owned(), AppEvidence::Container))
    );
    assert_eq!(name_of("user.slice/user-1000.slice/session-2.scope"), None);
    assert_eq!(namer.groups.listings, 1);

    // A group that came later is found by a new listing; ids of no group make ever fewer of them.
    system.write("sys/fs/cgroup/system.slice/nginx.service/pids.max", "");
    let nginx = id_of(&top.join("system.slice/nginx.service"));
    assert_eq!(namer.unit_of_cgroup(nginx).unwrap().name.as_ref(), "nginx");
    assert_eq!(namer.groups.listings, 2);
    for _ in 0..1000 {
        assert_eq!(namer.unit_of_cgroup(1), None);
    }
    assert!(namer.groups.listings < 15, "{} listings", namer.groups.listings);
}

#[test]
fn this_very_process_has_a_name() {
    let executable = fs::read_link("/proc/self/exe").unwrap();
    let app = AppNamer::new().describe(std::process::id(), "test", executable.to_str());
    assert!(!app.name.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever starts a process chooses these texts.
    #[test]
    fn no_text_makes_it_panic(
        path in "(/(app-|snap\\.|dbus-|docker-|lxc|[a-f0-9]{12,64}|.{0,12})(\\\\x[0-9a-f]{0,2}|@|-|.)*(\\.scope|\\.service)?){0,4}",
        words in prop::collection::vec("-{0,2}[a-zA-Zöm=/.]{0,9}", 0..6),
        entry in "(\\[Desktop Entry\\]\n)?((Name|Exec|Type|Hidden)=.{0,20}\n){0,5}",
    ) {
        let _anything = cgroup::group(&path);
        let _anything = cgroup::path_of(&path);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for file in ["python3", "node", "java", "perl", "bash", "electron28", "dotnet"] {
            if let Some(script) = script::script(file, &words) {
                prop_assert!(words.iter().any(|word| word.ends_with(&script)));
                let _anything = script::name(&script);
            }
        }
        if let Some(entry) = desktop::parse(&entry) {
            let _anything = desktop::program_of(&entry.exec);
        }
        if let Some(name) = text::shown(&entry) {
            prop_assert!(name.chars().count() <= 120 && !name.chars().any(char::is_control));
        }
    }
}

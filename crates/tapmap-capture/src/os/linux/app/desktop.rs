//! Desktop entries: which application a program file belongs to. After the Desktop Entry
//! Specification 1.5 as far as names go; read once, in English.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use super::{file_name, read_text, script};

/// Where entries of the whole system lie.
const SYSTEM_FOLDERS: [&str; 4] = [
    "usr/local/share/applications",
    "usr/share/applications",
    "var/lib/flatpak/exports/share/applications",
    "var/lib/snapd/desktop/applications",
];

/// Where a person's own entries lie, below the home folder.
const OWN_FOLDERS: [&str; 2] =
    [".local/share/applications", ".local/share/flatpak/exports/share/applications"];

/// Where a program is looked for that an entry names without its folder.
const PROGRAM_FOLDERS: [&str; 6] =
    ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/usr/games", "/snap/bin"];

/// Programs below these are the system's: their file names can be relied upon.
const SYSTEM_PROGRAMS: [&str; 8] = ["/usr/", "/opt/", "/bin/", "/sbin/", "/snap/", "/app/", "/nix/", "/gnu/"];

/// At most so many entries are read.
const MOST_ENTRIES: usize = 4096;

/// One application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name for people.
    pub name: String,
    /// The command that starts it.
    pub exec: String,
    /// The class of its windows, often its program's name.
    pub window_class: Option<String>,
    /// Whether it runs other programs in its windows.
    pub terminal: bool,
    /// Whether menus show it.
    pub shown: bool,
}

/// Reads an entry; `None` for what is no application or has been taken away.
pub(super) fn parse(text: &str) -> Option<Entry> {
    let mut keys: HashMap<&str, String> = HashMap::new();
    for (key, value) in keys_of(text, "Desktop Entry") {
        keys.entry(key).or_insert_with(|| unescape(value));
    }
    let is = |key: &str| keys.get(key).is_some_and(|value| value == "true");
    if keys.get("Type").is_some_and(|kind| kind != "Application") || is("Hidden") {
        return None;
    }
    Some(Entry {
        name: keys.get("Name").filter(|name| !name.is_empty())?.clone(),
        exec: keys.get("Exec").cloned().unwrap_or_default(),
        window_class: keys.get("StartupWMClass").filter(|class| !class.is_empty()).cloned(),
        terminal: keys
            .get("Categories")
            .is_some_and(|list| list.split(';').any(|word| word == "TerminalEmulator")),
        shown: !is("NoDisplay"),
    })
}

/// The keys and values of one group of an INI-like file.
fn keys_of<'text>(text: &'text str, group: &'static str) -> impl Iterator<Item = (&'text str, &'text str)> {
    let mut inside = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = name == group;
            return None;
        }
        let (key, value) = line.split_once('=').filter(|_| inside && !line.starts_with('#'))?;
        Some((key.trim_end(), value.trim_start()))
    })
}

/// The id of a Flatpak application, from the `.flatpak-info` within it.
pub(super) fn flatpak_id(text: &str) -> Option<String> {
    keys_of(text, "Application").find(|(key, _)| *key == "name").map(|(_, id)| id.to_owned())
}

fn unescape(value: &str) -> String {
    let mut letters = value.chars();
    let mut plain = String::with_capacity(value.len());
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next() {
                Some('s') => ' ',
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    plain
}

/// The program, or the script, that a command starts; `None` when it is only handed to something
/// that starts all sorts of programs.
pub(super) fn program_of(exec: &str) -> Option<String> {
    let words = words(exec);
    let mut words = words.iter().map(String::as_str).peekable();
    if words.peek().is_some_and(|word| file_name(word) == "env") {
        words.next();
        while words.peek().is_some_and(|word| word.contains('=') || word.starts_with('-')) {
            words.next();
        }
    }
    let program = words.next()?;
    let file = file_name(program);
    if script::is_interpreter(file) {
        return words
            .find(|word| !word.starts_with('-'))
            .filter(|word| word.starts_with('/'))
            .map(str::to_owned);
    }
    let launches = [
        "flatpak",
        "snap",
        "xdg-open",
        "gtk-launch",
        "pkexec",
        "sudo",
        "dbus-launch",
        "kde-open",
        "gapplication",
    ];
    (!launches.contains(&file)).then(|| program.to_owned())
}

/// The words of a command, with quotes taken off.
fn words(exec: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    let mut letters = exec.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => (quoted, begun) = (!quoted, true),
            '\\' if quoted => word.extend(letters.next()),
            ' ' | '\t' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => {
                word.push(other);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// All entries, by what finds them.
#[derive(Debug, Default)]
pub(super) struct DesktopEntries {
    entries: Vec<Entry>,
    ids: HashMap<String, usize>,
    programs: HashMap<String, usize>,
    files: HashMap<String, usize>,
    folders: HashMap<String, usize>,
}

impl DesktopEntries {
    /// Reads the entries of the system and of each person whose folder may be read.
    pub(super) fn read(root: &Path) -> Self {
        let mut all = Self::default();
        for folder in SYSTEM_FOLDERS {
            all.read_folder(root, &root.join(folder), "", None);
        }
        for home in homes(root) {
            for folder in OWN_FOLDERS {
                all.read_folder(root, &below(root, &home).join(folder), "", Some(&home));
            }
        }
        all
    }

    /// Reads one folder. An entry's id is its path below the folder, with dashes for slashes.
    fn read_folder(&mut self, root: &Path, folder: &Path, prefix: &str, home: Option<&str>) {
        let Ok(listing) = fs::read_dir(folder) else { return };
        let mut files: Vec<PathBuf> = listing.flatten().map(|file| file.path()).collect();
        files.sort();
        for path in files {
            let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
            if let Some(id) = file.strip_suffix(".desktop") {
                if self.entries.len() < MOST_ENTRIES
                    && let Some(entry) = read_text(&path).as_deref().and_then(parse)
                {
                    self.add(root, format!("{prefix}{id}"), entry, home);
                }
            } else if prefix.is_empty() && path.is_dir() {
                self.read_folder(root, &path, &format!("{file}-"), home);
            }
        }
    }

    /// Takes an entry in. A person's own entries name only programs of that person's: nobody
    /// renames the system's for others.
    fn add(&mut self, root: &Path, id: String, entry: Entry, home: Option<&str>) {
        let number = self.entries.len();
        self.ids.entry(id).or_insert(number);
        let program = program_of(&entry.exec).and_then(|program| found(root, &program));
        let class = entry.window_class.clone();
        self.entries.push(entry);
        let Some((path, real)) = program else { return };
        if home.is_some_and(|home| !path.starts_with(&format!("{home}/"))) {
            return;
        }
        if let Some((folder, _)) = real.rsplit_once('/').filter(|(folder, _)| is_own_folder(folder)) {
            put(&mut self.folders, &self.entries, folder.to_owned(), number);
        }
        if home.is_none() {
            put(&mut self.files, &self.entries, file_name(&path).to_owned(), number);
            if let Some(class) = class {
                put(&mut self.files, &self.entries, class.to_lowercase(), number);
            }
        }
        put(&mut self.programs, &self.entries, path, number);
        put(&mut self.programs, &self.entries, real, number);
    }

    /// The entry with this id.
    pub(super) fn by_id(&self, id: &str) -> Option<&Entry> {
        self.ids.get(id).map(|number| &self.entries[*number])
    }

    /// The entry that starts this program, or one that belongs to it.
    pub(super) fn by_program(&self, executable: &str) -> Option<&Entry> {
        let (folder, file) = executable.rsplit_once('/')?;
        let system = SYSTEM_PROGRAMS.iter().any(|start| executable.starts_with(start));
        let of_system = |file: &str| system.then(|| self.files.get(file)).flatten();
        // "/usr/lib/chromium/chrome_crashpad_handler" belongs to what "chromium" starts.
        let of_folder = || of_system(file_name(folder)).filter(|_| is_own_folder(folder));
        let found = self.programs.get(executable).or_else(|| of_system(file));
        let number = found.or_else(|| self.folders.get(folder)).or_else(of_folder)?;
        Some(&self.entries[*number])
    }

    /// The entry that starts this script.
    pub(super) fn by_script(&self, script: &str) -> Option<&Entry> {
        self.programs.get(script).map(|number| &self.entries[*number])
    }
}

/// Of several entries the one that menus show, then the one with the shortest name: the whole
/// office suite rather than one part of it.
fn put(index: &mut HashMap<String, usize>, entries: &[Entry], key: String, number: usize) {
    let rank = |number: usize| (!entries[number].shown, entries[number].name.len());
    let held = index.entry(key).or_insert(number);
    if rank(number) < rank(*held) {
        *held = number;
    }
}

/// The path of a program as the entry names it, and where links lead from there.
fn found(root: &Path, program: &str) -> Option<(String, String)> {
    let path = if program.starts_with('/') {
        program.to_owned()
    } else {
        let candidates = PROGRAM_FOLDERS.iter().map(|folder| format!("{folder}/{program}"));
        candidates.into_iter().find(|path| below(root, path).exists())?
    };
    let real = fs::canonicalize(below(root, &path)).ok();
    let real = real.as_deref().and_then(|real| real.strip_prefix(root).ok()).and_then(Path::to_str);
    let real = real.map_or_else(|| path.clone(), |real| format!("/{}", real.trim_start_matches('/')));
    Some((path, real))
}

/// Whether everything in the folder belongs to one application.
fn is_own_folder(folder: &str) -> bool {
    let last = file_name(folder);
    let shared =
        matches!(last, "bin" | "sbin" | "libexec" | "games" | "lib" | "lib64" | "share" | "local" | "opt");
    folder.matches('/').count() > 1 && !shared && !last.contains("-linux-gnu")
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// The home folders of people (user ids 1000 to 59,999, as login.defs has them) and of root.
fn homes(root: &Path) -> Vec<String> {
    let passwd = read_text(&root.join("etc/passwd")).unwrap_or_default();
    let home = |line: &str| {
        let mut fields = line.split(':').skip(2);
        let user: u32 = fields.next()?.parse().ok()?;
        let home = fields.nth(2)?.trim_end_matches('/');
        ((user == 0 || (1000..60_000).contains(&user)) && home.len() > 1).then(|| home.to_owned())
    };
    passwd.lines().filter_map(home).collect()
}

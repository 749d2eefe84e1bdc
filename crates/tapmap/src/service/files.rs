//! The files that start recording, as text: a systemd unit of the user, one of the computer, and a desktop's
//! autostart entry. Where they go and whether they may be written is not decided here.

/// The first line of every file that is ours. A file without it was written by somebody else.
pub(crate) const MARKER: &str =
    "# Written by `tapmap service install`; `tapmap service remove` takes it away again.";
/// The unit for the whole computer, as it is also handed out beside the program.
const SYSTEM_UNIT: &str = include_str!("../../../../packaging/systemd/tapmap.service");
/// The program and its command line there.
const SYSTEM_PROGRAM: &str = "/usr/local/bin/tapmap";

/// How the program is to be started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start<'a> {
    /// Its whole path.
    pub(crate) program: &'a str,
    /// The data folder, where one was named.
    pub(crate) data_folder: Option<&'a str>,
}

impl<'a> Start<'a> {
    /// The arguments after the program.
    fn arguments(self) -> Vec<&'a str> {
        let folder = self.data_folder.into_iter().flat_map(|folder| ["--data-dir", folder]);
        ["run", "--no-browser"].into_iter().chain(folder).collect()
    }
}

/// A unit of the user. It leaves the program what rights its file may have (`setcap`), so it must not
/// forbid new ones. Where settings make no sense (exit codes 2 to 4), starting it again does not help.
pub(crate) fn user_unit(start: Start<'_>) -> String {
    let mut command = unit_word(&start.program.replace('%', "%%"));
    for argument in start.arguments() {
        command.push(' ');
        command.push_str(&unit_word(&argument.replace('%', "%%").replace('$', "$$")));
    }
    format!(
        "{MARKER}

[Unit]
Description=TapMap: where this computer connects

[Service]
ExecStart={command}
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2 3 4
UMask=0077

[Install]
WantedBy=default.target
"
    )
}

/// The unit of the computer: the one that is handed out, with the path of this program, and without its
/// head, which says how to install it by hand.
pub(crate) fn system_unit(program: &str) -> String {
    let body = SYSTEM_UNIT.split_once("\n\n").map_or(SYSTEM_UNIT, |(_, body)| body);
    let path = unit_word(&program.replace('%', "%%"));
    let body = body.replace(&format!("ExecStart={SYSTEM_PROGRAM} "), &format!("ExecStart={path} "));
    format!("{MARKER}\n\n{body}")
}

/// A desktop's autostart entry
/// (<https://specifications.freedesktop.org/autostart-spec/latest/>).
pub(crate) fn autostart(start: Start<'_>) -> String {
    let words = [start.program].into_iter().chain(start.arguments());
    let command = words.map(desktop_word).collect::<Vec<_>>().join(" ");
    format!(
        "{MARKER}
[Desktop Entry]
Type=Application
Name=TapMap
Comment=Records where this computer connects
Exec={command}
Terminal=false
NoDisplay=true
"
    )
}

/// A word of a unit's command line, in quotes where it needs them (systemd.service(5), "Command lines").
fn unit_word(word: &str) -> String {
    if is_plain(word, "%$") {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A word of an entry's `Exec`: percent signs doubled; quoted where needed, with `"`, `` ` ``, `$` and `\`
/// escaped; then every backslash once more, for that is how any string of an entry is written
/// (Desktop Entry Specification, "The Exec key").
fn desktop_word(word: &str) -> String {
    let word = word.replace('%', "%%");
    if is_plain(&word, "%") {
        return word;
    }
    let mut quoted = String::with_capacity(word.len() + 8);
    quoted.push('"');
    for character in word.chars() {
        if matches!(character, '"' | '`' | '$' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted.replace('\\', "\\\\")
}

/// Whether a word means itself without quotes.
fn is_plain(word: &str, others: &str) -> bool {
    let plain = |character: char| character.is_alphanumeric() || "/._-+@:,=".contains(character);
    !word.is_empty() && word.chars().all(|character| plain(character) || others.contains(character))
}

#[cfg(test)]
mod tests;

//! What an interpreter runs: the script, module or archive in its command line. Pure. Command
//! lines hold secrets; nothing but that one name leaves here.

/// How the options of an interpreter are to be read.
struct Options {
    /// Single letters may stand together behind one dash.
    clusters: bool,
    /// Letters behind which code itself follows: there is no script.
    code: &'static str,
    /// Letters behind which the program's name follows.
    program: &'static str,
    /// Letters behind which a value follows, in the same word or the next.
    value: &'static str,
    /// Letters whose value, if any, is in the same word.
    attached: &'static str,
    /// Whole words behind which code itself follows.
    code_words: &'static [&'static str],
    /// Whole words behind which the program's name follows.
    program_words: &'static [&'static str],
    /// Whole words behind which a value follows.
    value_words: &'static [&'static str],
    /// Words before the script that say what to do with it.
    verbs: &'static [&'static str],
}

const PLAIN: Options = Options {
    clusters: true,
    code: "",
    program: "",
    value: "",
    attached: "",
    code_words: &[],
    program_words: &[],
    value_words: &[],
    verbs: &[],
};

const PYTHON: Options =
    Options { code: "c", program: "m", value: "WX", value_words: &["--check-hash-based-pycs"], ..PLAIN };

const NODE: Options = Options {
    clusters: false,
    code_words: &["-e", "--eval", "-p", "--print", "-pe"],
    value_words: &[
        "-r",
        "--require",
        "--import",
        "--loader",
        "--experimental-loader",
        "-C",
        "--conditions",
        "--env-file",
    ],
    ..PLAIN
};

const DENO_BUN: Options = Options {
    clusters: false,
    code_words: &["-e", "--eval", "-p", "--print", "eval", "repl"],
    value_words: &["-c", "--config", "-r", "--preload", "--cwd", "--import-map", "--env-file"],
    verbs: &["run", "serve", "task", "x"],
    ..PLAIN
};

const JAVA: Options = Options {
    clusters: false,
    program_words: &["-jar", "-m", "--module"],
    value_words: &[
        "-cp",
        "-classpath",
        "--class-path",
        "-p",
        "--module-path",
        "--upgrade-module-path",
        "--add-modules",
        "--add-opens",
        "--add-exports",
        "--add-reads",
        "--patch-module",
        "--source",
        "--enable-native-access",
    ],
    ..PLAIN
};

const RUBY: Options = Options { code: "e", value: "ICEr", attached: "iKTWx0F", ..PLAIN };

const PERL: Options = Options { code: "eE", value: "I", attached: "MmDdilxCF0Vt", ..PLAIN };

const PHP: Options = Options { code: "rRBES", program: "fF", value: "cdtz", ..PLAIN };

const SHELL: Options =
    Options { code: "cs", value: "oO", value_words: &["--rcfile", "--init-file"], ..PLAIN };

const DOTNET: Options = Options {
    clusters: false,
    value_words: &["--runtimeconfig", "--depsfile", "--additionalprobingpath", "--fx-version"],
    verbs: &["exec"],
    ..PLAIN
};

const ELECTRON: Options = Options { clusters: false, value_words: &["-r", "--require"], ..PLAIN };

const OTHER: Options = Options { code: "e", value: "l", ..PLAIN };

/// How to read the command line of the interpreter with this file name; `None` for other programs.
fn options(file: &str) -> Option<&'static Options> {
    // "python3.13", "php8.2", "perl5.38.2", "electron28" are versions of one thing.
    let family = file.trim_end_matches(|end: char| end.is_ascii_digit() || end == '.' || end == '-');
    Some(match family {
        "python" | "pypy" => &PYTHON,
        "node" | "nodejs" => &NODE,
        "deno" | "bun" => &DENO_BUN,
        "java" => &JAVA,
        "ruby" => &RUBY,
        "perl" => &PERL,
        "php" | "php-cgi" => &PHP,
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "mksh" | "fish" => &SHELL,
        "dotnet" => &DOTNET,
        "electron" => &ELECTRON,
        "lua" | "luajit" | "tclsh" | "wish" => &OTHER,
        _ => return None,
    })
}

/// Whether a program with this file name runs the programs of others.
pub(super) fn is_interpreter(file: &str) -> bool {
    options(file).is_some()
}

/// The script, module or archive that an interpreter runs, as its command line names it (the
/// first of `arguments` is the interpreter); `None` when it runs none, or code from the line itself.
pub(super) fn script(file: &str, arguments: &[&str]) -> Option<String> {
    let options = options(file)?;
    let mut words = arguments.iter().skip(1).copied();
    while let Some(word) = words.next() {
        if let Some(path) = word.strip_prefix("--app-path=") {
            return Some(path.to_owned());
        }
        match options.step(word) {
            Step::Skip => {}
            Step::SkipValue => drop(words.next()),
            Step::NextIsProgram => return program(words.next()?),
            Step::Program(name) => return program(name),
            Step::Code => return None,
        }
    }
    None
}

/// A word that names a program: not a file of options, and not an open descriptor.
fn program(word: &str) -> Option<String> {
    let names_none =
        word.is_empty() || word.starts_with('@') || word.starts_with("/dev/") || word.starts_with("/proc/");
    (!names_none).then(|| word.to_owned())
}

/// What to do after a word.
enum Step<'word> {
    Skip,
    SkipValue,
    NextIsProgram,
    Program(&'word str),
    Code,
}

impl Options {
    fn step<'word>(&self, word: &'word str) -> Step<'word> {
        if word == "--" {
            return Step::NextIsProgram;
        }
        if self.code_words.contains(&word) || word == "-" {
            return Step::Code;
        }
        if self.program_words.contains(&word) {
            return Step::NextIsProgram;
        }
        if self.value_words.contains(&word) {
            return Step::SkipValue;
        }
        match word.strip_prefix('-') {
            None if self.verbs.contains(&word) => Step::Skip,
            None => Step::Program(word),
            Some(letters) if self.clusters && !letters.starts_with('-') => self.cluster(letters),
            Some(_) => Step::Skip,
        }
    }

    fn cluster<'word>(&self, letters: &'word str) -> Step<'word> {
        for (at, letter) in letters.char_indices() {
            let rest = &letters[at + letter.len_utf8()..];
            if self.code.contains(letter) {
                return Step::Code;
            }
            if self.program.contains(letter) {
                return if rest.is_empty() { Step::NextIsProgram } else { Step::Program(rest) };
            }
            if self.value.contains(letter) {
                return if rest.is_empty() { Step::SkipValue } else { Step::Skip };
            }
            if self.attached.contains(letter) {
                return Step::Skip;
            }
        }
        Step::Skip
    }
}

/// File names that many programs give their first file: the folder says more.
const COMMON: [&str; 10] =
    ["index", "main", "__main__", "app", "server", "cli", "start", "run", "manage", "bootstrap"];

/// What a person would call a script: its file name; with the folder before it where the file
/// name is one that many have; the last part of a Java class.
pub(super) fn name(script: &str) -> String {
    let path = script.trim_end_matches('/');
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty() && *part != ".");
    let Some(file) = parts.next() else { return script.to_owned() };
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let folder =
        parts.find(|part| !matches!(*part, "resources" | "bin" | "src" | "dist" | "build" | "lib" | ".."));
    if file == "app.asar" || stem == "__main__" {
        return folder.unwrap_or(file).to_owned();
    }
    if COMMON.contains(&stem) {
        return folder.map_or_else(|| file.to_owned(), |folder| format!("{folder}/{file}"));
    }
    // "org.example.Server" and "org.example.module/org.example.Server"
    let class = file.rsplit('.').next().unwrap_or(file);
    if file.matches('.').count() > 1 && class.starts_with(|first: char| first.is_ascii_uppercase()) {
        return class.to_owned();
    }
    file.to_owned()
}

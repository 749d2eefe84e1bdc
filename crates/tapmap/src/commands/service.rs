//! `tapmap service`: recording without thinking of it. Shows what is to be done, asks, and does it; how it
//! is done is decided in `service`.

use crate::{
    ask,
    cli::{ServiceCommand, SetupArgs, StandingArgs},
    environment,
    exit::{Failure, FailureKind},
    folders, instance,
    render::{self, harmless},
    service::{
        continuation::StartedBy,
        setup::{self, Found, Invocation, Shell, System, Way},
        surroundings::Surroundings,
    },
};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};
use tapmap_web::wire::Continuation;

/// Does what is asked about the service. `told` is the data folder, when an option names one.
///
/// # Errors
/// When the system cannot do it, nobody agreed to it, or a file there is somebody else's.
pub(super) fn service(command: ServiceCommand, told: Option<&Path>) -> anyhow::Result<()> {
    let surroundings = Surroundings::now()?;
    let setup = Setup { surroundings: &surroundings, shell: &System, told };
    match command {
        ServiceCommand::Install(args) => setup.install(args),
        ServiceCommand::Remove(args) => setup.remove(args),
        ServiceCommand::Status(args) => setup.status(args),
    }
}

/// Where and for whom.
struct Setup<'a> {
    surroundings: &'a Surroundings,
    shell: &'a dyn Shell,
    told: Option<&'a Path>,
}

impl Setup<'_> {
    fn install(&self, args: SetupArgs) -> anyhow::Result<()> {
        let way = self.choose(args.system)?;
        let path = way.path(self.surroundings);
        let content = way.content(&self.surroundings.program, self.data_folder(way)?.as_deref())?;
        let found = setup::look(&path)?;
        let invocations = way.after_writing(matches!(&found, Found::Ours(text) if *text != content));
        let is_managed = way.is_managed(self.surroundings);

        let mut plan = match &found {
            Found::Nothing => format!("This is written to {}:\n\n", shown(&path)),
            Found::Ours(text) if *text == content => {
                format!("{} is there already, and stays as it is:\n\n", shown(&path))
            }
            Found::Ours(_) => format!("{} is replaced by this:\n\n", shown(&path)),
            Found::Foreign => format!(
                "{} IS THERE, AND TAPMAP DID NOT WRITE IT. It would be lost, and replaced by this:\n\n",
                shown(&path)
            ),
        };
        indent(&mut plan, &content);
        match (way, is_managed) {
            (Way::Autostart, _) => plan.push_str("\nYour desktop starts it at the next login.\n"),
            (_, true) => list(&mut plan, "Then these are run:", &invocations),
            (_, false) => list(&mut plan, "Run these once you are logged in:", &invocations),
        }
        render::print(&plan)?;

        self.may(way, args)?;
        if found == Found::Foreign && args.yes {
            let message = format!("{} was not written by TapMap, and is left alone", path.display());
            return Err(Failure::new(FailureKind::InUse, message)
                .hint("move it away; or leave out --yes, and answer at a terminal")
                .into());
        }
        if !agreed(args, "install")? {
            return Ok(());
        }
        setup::write(&path, &content)?;
        render::print(&format!("wrote {}\n", shown(&path)))?;
        if is_managed {
            self.run(&invocations)?;
        }
        Ok(())
    }

    fn remove(&self, args: SetupArgs) -> anyhow::Result<()> {
        // What was set up before may be another way than the one for today.
        let ways: &[Way] = if args.system { &[Way::SystemUnit] } else { &[Way::UserUnit, Way::Autostart] };
        let mut ours = Vec::new();
        let mut foreign = None;
        for way in ways {
            let path = way.path(self.surroundings);
            match setup::look(&path)? {
                Found::Nothing => {}
                Found::Ours(_) => ours.push((*way, path)),
                Found::Foreign => foreign = Some(path),
            }
        }
        if let Some(path) = &foreign {
            render::remark(&format!("{} was not written by TapMap, and is left alone", shown(path)));
        }
        if ours.is_empty() {
            return render::print("There is nothing of TapMap's to remove.\n");
        }
        let mut plan = String::new();
        for (way, path) in &ours {
            let _written = writeln!(plan, "{} is removed.", shown(path));
            let around: Vec<_> = way.before_removing().into_iter().chain(way.after_removing()).collect();
            if !around.is_empty() {
                let is_managed = way.is_managed(self.surroundings);
                let when =
                    if is_managed { "These are run around it:" } else { "Run these once you are logged in:" };
                list(&mut plan, when, &around);
            }
        }
        render::print(&plan)?;
        if let Some((way, _)) = ours.first() {
            self.may(*way, args)?;
        }
        if !agreed(args, "remove")? {
            return Ok(());
        }
        for (way, path) in ours {
            let is_managed = way.is_managed(self.surroundings);
            if is_managed {
                self.run(way.before_removing().as_slice())?;
            }
            setup::remove(&path)?;
            render::print(&format!("removed {}\n", shown(&path)))?;
            if is_managed {
                self.run(way.after_removing().as_slice())?;
            }
        }
        Ok(())
    }

    fn status(&self, args: StandingArgs) -> anyhow::Result<()> {
        let way = self.choose(args.system)?;
        render::print(&self.standing(way)?)
    }

    /// Whether recording starts by itself, runs now, and goes on after log-out, in three lines or more.
    fn standing(&self, way: Way) -> anyhow::Result<String> {
        let path = way.path(self.surroundings);
        let found = setup::look(&path)?;
        let is_managed = way.is_managed(self.surroundings);
        let install = if way == Way::SystemUnit { "sudo tapmap service install --system" } else { INSTALL };
        let ask = |what| is_managed.then(|| self.shell.ask(&way.question(what)).ok()).flatten();
        let mut text = String::new();
        let mut line = |label: &str, value: &str| {
            let _written = writeln!(text, "{label:<17}{}", harmless(value));
        };

        let when = if way == Way::SystemUnit { "starts by itself" } else { "starts at login" };
        match (&found, ask("is-enabled")) {
            (Found::Nothing, _) => {
                line(when, "no");
                line("", install);
            }
            (Found::Foreign, _) => {
                line(when, &format!("not known: TapMap did not write {}", path.display()));
            }
            (Found::Ours(_), Some(false)) => {
                line(when, &format!("no: {} is switched off", path.display()));
                line("", install);
            }
            (Found::Ours(_), Some(true)) => line(when, &format!("yes, by {}", path.display())),
            (Found::Ours(_), None) if way == Way::Autostart => {
                line(when, &format!("yes, with a desktop, by {}", path.display()));
            }
            (Found::Ours(_), None) => {
                line(when, &format!("not known: {} is there, systemd cannot be asked", path.display()));
            }
        }
        line("runs now", &self.running(way, ask("is-active"))?);
        if found != Found::Nothing {
            let by = match way {
                Way::UserUnit => StartedBy::UserManager,
                Way::SystemUnit => StartedBy::System,
                Way::Autostart => StartedBy::Desktop,
            };
            let continues = by.continues(&self.surroundings.root, &self.surroundings.user);
            let answer = match continues.after_log_out {
                Continuation::Yes => "goes on",
                Continuation::No => "ends",
                Continuation::Unknown => "not known",
            };
            line("after log-out", &format!("{answer}: {}", continues.reason));
            if let Some(command) = &continues.command {
                line("", command);
            }
        }
        Ok(text)
    }

    /// Whether a recorder runs now, and whether it is the service.
    fn running(&self, way: Way, is_active: Option<bool>) -> Result<String, Failure> {
        if way == Way::SystemUnit {
            let answer = match is_active {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not known: systemd cannot be asked",
            };
            return Ok(answer.to_owned());
        }
        let folder = folders::data_folder(self.told)?;
        Ok(match (instance::running(&folder), is_active) {
            (Some(instance), Some(false)) => format!("yes, at {}, not by the service", instance.url()),
            (Some(instance), _) => format!("yes, at {}", instance.url()),
            (None, Some(true)) => {
                format!("yes, with another data folder than {}", folder.display())
            }
            (None, _) => "no".to_owned(),
        })
    }

    /// The way, when it is there.
    fn choose(&self, system: bool) -> Result<Way, Failure> {
        Way::choose(self.surroundings, system)
    }

    /// The data folder that the service is to use, when one was named. The environment of this shell is not
    /// the service's, so what it names is written down.
    fn data_folder(&self, way: Way) -> Result<Option<PathBuf>, Failure> {
        if way == Way::SystemUnit {
            return match self.told {
                None => Ok(None),
                Some(_) => Err(Failure::new(
                    FailureKind::Usage,
                    "the service of the whole computer keeps its data in /var/lib/tapmap",
                )
                .hint("leave out --data-dir")),
            };
        }
        let named = self.told.map(Path::to_owned);
        let named = named.or_else(|| environment::read(environment::DATA_DIR).map(PathBuf::from));
        named.map(std::path::absolute).transpose().map_err(|error| {
            Failure::from_io(&error, FailureKind::Unexpected, "the data folder's whole path is not known")
        })
    }

    /// Whether the system lets it be done; looked at after showing it, so that everyone can look.
    fn may(&self, way: Way, args: SetupArgs) -> Result<(), Failure> {
        if way != Way::SystemUnit || args.dry_run {
            return Ok(());
        }
        let program = &self.surroundings.program;
        if !self.surroundings.is_root {
            return Err(Failure::new(FailureKind::NotPermitted, "only root may set up the whole computer")
                .hint("the same with `sudo` before it; --dry-run only shows it"));
        }
        match setup::replaceable(program) {
            None => Ok(()),
            Some(reason) => {
                let message = format!("{} must not run with rights of the computer", program.display());
                let copy = format!("sudo install -m 755 {} /usr/local/bin/tapmap", program.display());
                Err(Failure::new(FailureKind::NotPermitted, message)
                    .because(reason)
                    .hint(format!("`{copy}`, then use that one")))
            }
        }
    }

    /// Runs what there is to run, saying each before it runs.
    fn run(&self, invocations: &[Invocation]) -> anyhow::Result<()> {
        for invocation in invocations {
            render::print(&format!("$ {invocation}\n"))?;
            let failed = |cause: String| {
                Failure::new(FailureKind::Unexpected, format!("`{invocation}` failed")).because(cause)
            };
            match self.shell.run(invocation) {
                Ok(true) => {}
                Ok(false) => return Err(failed("it says why above".to_owned()).into()),
                Err(error) => return Err(failed(error.to_string()).into()),
            }
        }
        Ok(())
    }
}

/// The command that sets it up for one user.
const INSTALL: &str = "tapmap service install";

/// Whether it is to be done: `--yes`, or a person at a terminal says so.
///
/// # Errors
/// When nobody can be asked.
fn agreed(args: SetupArgs, what: &str) -> anyhow::Result<bool> {
    if args.dry_run {
        render::print("\nNothing was changed.\n")?;
        return Ok(false);
    }
    if args.yes {
        return Ok(true);
    }
    let system = if args.system { " --system" } else { "" };
    ask::agreed("\nDo that?", &format!("tapmap service {what}{system} --yes"))
}

fn shown(path: &Path) -> String {
    harmless(&path.display().to_string())
}

fn indent(text: &mut String, content: &str) {
    for line in content.lines() {
        let line = harmless(line);
        let _written = if line.is_empty() { writeln!(text) } else { writeln!(text, "    {line}") };
    }
}

fn list(text: &mut String, head: &str, invocations: &[Invocation]) {
    let _written = writeln!(text, "\n{head}\n");
    for invocation in invocations {
        let _written = writeln!(text, "    {invocation}");
    }
}

//! What a check needs, set up in one step: the make-believe internet with something that answers on
//! its far side, a folder, and the recorder.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::{FakeNet, Recorder, Rights, Talker, copy_as};

/// The make-believe internet, set up for one check. Programs end before the network does: fields are
/// dropped in order.
#[derive(Debug)]
pub struct Stage {
    recorder: Option<Recorder>,
    _outside: Talker,
    /// The network.
    pub net: FakeNet,
    /// What the recorder may do.
    pub rights: Rights,
    folder: TempDir,
    talker: PathBuf,
    traffic: PathBuf,
}

impl Stage {
    /// Sets everything up. `programs` is the folder of the tests' own programs.
    ///
    /// # Errors
    /// Fails where there can be no such network, or the recorder does not start.
    pub fn set(programs: &Path, rights: Rights) -> Result<Self> {
        let mut stage = Self::without_recorder(programs, rights)?;
        stage.start_recorder()?;
        Ok(stage)
    }

    /// Sets up everything but the recorder.
    ///
    /// # Errors
    /// Fails where there can be no such network.
    pub fn without_recorder(programs: &Path, rights: Rights) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tapmap-").tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        // What is copied can be run by every user; the folder of the build perhaps cannot be entered.
        let talker = copy_as(&programs.join("talker"), folder.path(), "talker")?;
        let traffic = copy_as(&programs.join("traffic"), folder.path(), "traffic")?;
        let net = FakeNet::new(&talker)?;
        let mut answering = net.outside(&traffic);
        answering.arg("answer");
        let outside = Talker::start(answering)?;
        let talker = programs.join("talker");
        Ok(Self { recorder: None, _outside: outside, net, rights, folder, talker, traffic })
    }

    /// Starts the recorder.
    ///
    /// # Errors
    /// Fails when it does not start.
    pub fn start_recorder(&mut self) -> Result<()> {
        self.recorder = Some(Recorder::start(&self.net, self.rights, self.folder.path(), &self.talker)?);
        Ok(())
    }

    /// The folder of this check, readable by everybody.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The recorder.
    ///
    /// # Errors
    /// Fails before it was started.
    pub fn recorder(&self) -> Result<&Recorder> {
        self.recorder.as_ref().context("the recorder is not running")
    }

    /// Starts the program that makes traffic, under a name of its own, as the user whose programs the
    /// recorder watches; and waits until it has done its work and holds what is left of it.
    ///
    /// # Errors
    /// Fails when it says that it could not.
    pub fn traffic(&self, name: &str, arguments: &[&str]) -> Result<Talker> {
        let program = self.named(name)?;
        let command = match self.rights {
            Rights::Full => self.net.inside(&program)?,
            Rights::Ordinary => self.net.inside_as(crate::USER, &program)?,
        };
        start(command, arguments)
    }

    /// The same in a network of its own, as in a container.
    ///
    /// # Errors
    /// Fails when it says that it could not.
    pub fn contained_traffic(&self, name: &str, arguments: &[&str]) -> Result<Talker> {
        start(self.net.contained(self.rights.user(), &self.named(name)?)?, arguments)
    }

    /// What the recorder answers to a request.
    ///
    /// # Errors
    /// Fails when it does not answer, or not in JSON.
    pub fn get(&self, path: &str) -> Result<Value> {
        self.recorder()?.get(&self.net, &self.talker, path)
    }

    /// The connections of one app, open or ended, as soon as they hold what is waited for; as they are
    /// in the end, if they never do.
    ///
    /// # Errors
    /// Fails when the recorder does not answer.
    pub fn flows_when(
        &self,
        mine: impl Fn(&Value) -> bool,
        enough: impl Fn(&[Value]) -> bool,
    ) -> Result<Vec<Value>> {
        let of = |flows: &[Value]| flows.iter().filter(|flow| mine(flow)).cloned().collect::<Vec<_>>();
        let flows = self.recorder()?.flows_when(&self.net, &self.talker, |flows| enough(&of(flows)))?;
        Ok(of(&flows))
    }

    fn named(&self, name: &str) -> Result<PathBuf> {
        copy_as(&self.traffic, self.folder.path(), name)
    }
}

fn start(mut command: Command, arguments: &[&str]) -> Result<Talker> {
    command.args(arguments);
    Talker::start(command)
}

//! A program that the test started: said to be ready by its first line, ended by the end of its input.

use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

/// A running program of the test's own. It lives until its standard input ends.
#[derive(Debug)]
pub struct Talker {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it said when it was ready: its process id as it sees it itself, and what it holds.
    pub ready: String,
}

impl Talker {
    /// Starts a command and reads its first line, which must begin with `ready`.
    ///
    /// # Errors
    /// Fails when it cannot be started or says something else.
    pub fn start(mut command: Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {command:?}"))?;
        let input = child.stdin.take();
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let ready = lines.next().context("it ended without a word")??;
        ensure!(ready.starts_with("ready"), "{command:?} said: {ready}");
        Ok(Self { child, input, lines, ready })
    }

    /// Its process id as it sees it itself.
    ///
    /// # Errors
    /// Fails when it did not say one.
    pub fn pid(&self) -> Result<u64> {
        Ok(self.ready.split(' ').nth(1).context("no pid")?.parse()?)
    }

    /// The process id of the command as the test sees it.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The numbers after its process id on its first line: what it sent and received, say.
    ///
    /// # Errors
    /// Fails when one of them is no number.
    pub fn numbers(&self) -> Result<Vec<u64>> {
        self.ready.split(' ').skip(2).map(|word| word.parse().context("a number expected")).collect()
    }

    /// Everything it says until it ends.
    ///
    /// # Errors
    /// Fails when that cannot be read.
    pub fn rest(&mut self) -> Result<Vec<String>> {
        Ok(self.lines.by_ref().collect::<Result<_, _>>()?)
    }

    /// Reads on until a line for which `wanted` holds.
    ///
    /// # Errors
    /// Fails when the output ends before.
    pub fn line_with(&mut self, wanted: impl Fn(&str) -> bool) -> Result<String> {
        for line in self.lines.by_ref() {
            let line = line?;
            if wanted(&line) {
                return Ok(line);
            }
        }
        bail!("the output ended without the line that was waited for")
    }

    /// Ends its input, and waits until it has ended.
    ///
    /// # Errors
    /// Fails when it cannot be waited for.
    pub fn end(mut self) -> Result<()> {
        self.input = None;
        self.child.wait()?;
        Ok(())
    }
}

/// A program that was not ended in order is ended at once, so that a failed test never waits.
impl Drop for Talker {
    fn drop(&mut self) {
        self.input = None;
        if self.child.kill().and_then(|()| self.child.wait()).is_err() {
            // It has ended already.
        }
    }
}

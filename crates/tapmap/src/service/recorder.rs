//! The two halves of the program as two processes: how the server starts the recorder, how each finds
//! the other, and how they part. What they say to each other is not decided here.

use std::{io, time::Duration};

#[cfg(not(unix))]
use self::missing::Stream;
#[cfg(unix)]
use std::os::unix::net::UnixStream as Stream;

/// The hidden command that is the recorder.
pub(crate) const COMMAND: &str = "recorder";

/// The recorder's process. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct RecorderProcess {
    child: std::process::Child,
    pair: Stream,
}

/// Starts the recorder: this very program, at the other end of a pair of sockets that is its standard
/// input. It is in a process group of its own, so that Ctrl+C reaches the server alone, which then ends
/// it; and it ends by itself when the server is gone.
///
/// # Errors
/// When the system refuses, and with [`io::ErrorKind::Unsupported`] where the two cannot be kept apart.
#[cfg(unix)]
pub(crate) fn start(interval: Duration, verbose: u8) -> io::Result<RecorderProcess> {
    use std::{
        os::{fd::OwnedFd, unix::process::CommandExt},
        process::{Command, Stdio},
    };
    let (pair, theirs) = Stream::pair()?;
    let child = Command::new(std::env::current_exe()?)
        .args([COMMAND, "--interval", &format!("{}ms", interval.as_millis())])
        .args((0..verbose).map(|_| "-v"))
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()?;
    Ok(RecorderProcess { child, pair })
}

/// Starts nothing.
///
/// # Errors
/// Always: this system has no pairs of sockets.
#[cfg(not(unix))]
pub(crate) fn start(_: Duration, _: u8) -> io::Result<RecorderProcess> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The recorder's end of the pair.
///
/// # Errors
/// When this process was not started by [`start`].
#[cfg(unix)]
pub(crate) fn server() -> io::Result<Stream> {
    use std::os::fd::AsFd;
    let pair = Stream::from(io::stdin().as_fd().try_clone_to_owned()?);
    pair.peer_addr()?;
    Ok(pair)
}

/// The recorder's end of the pair.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub(crate) fn server() -> io::Result<Stream> {
    Err(io::ErrorKind::Unsupported.into())
}

impl RecorderProcess {
    /// The recorder's pid.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the recorder says comes from here.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub(crate) fn reader(&self) -> io::Result<Stream> {
        self.pair.try_clone()
    }

    /// Lets the recorder end, and whoever reads what it says.
    pub(crate) fn close(&self) {
        // The recorder may have gone already, which is fine here.
        self.pair.shutdown(std::net::Shutdown::Both).unwrap_or_default();
    }

    /// Whether the recorder's process has ended; its remains are cleared away then.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

/// A system without pairs of sockets has nothing to start either.
#[cfg(not(unix))]
mod missing {
    use std::{
        io::{self, Read, Write},
        net::Shutdown,
    };

    /// Nothing.
    #[derive(Debug)]
    pub(crate) enum Stream {}

    impl Stream {
        pub(crate) fn try_clone(&self) -> io::Result<Self> {
            match *self {}
        }

        pub(crate) fn shutdown(&self, _: Shutdown) -> io::Result<()> {
            match *self {}
        }
    }

    impl Read for Stream {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            match *self {}
        }
    }

    impl Write for Stream {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            match *self {}
        }

        fn flush(&mut self) -> io::Result<()> {
            match *self {}
        }
    }
}

//! A thread that empties the queue of ends every few milliseconds, where the kernel allows only a small
//! one: on many systems 200 KiB, which 300 connections fill. It keeps the bytes for whoever asks next.

use std::{
    os::fd::{AsFd as _, OwnedFd},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::{
    io::Errno,
    net::{RecvFlags, recv},
};

use super::BUFFER;
use crate::os::linux::waiting::{gather, stop, wait};

/// Short against the time in which a small queue fills.
const MOMENT: Duration = Duration::from_millis(2);
/// As many bytes as are kept; then the kernel's queue fills, and it counts what it loses.
const MOST_KEPT: usize = 16 * 1024 * 1024;

/// The bytes that wait to be asked for.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Whole messages.
    pub(super) bytes: Vec<u8>,
    /// Whether the kernel's queue was full in between.
    pub(super) was_full: bool,
}

/// The thread, which ends with this.
#[derive(Debug)]
pub(super) struct Helper {
    kept: Arc<Mutex<Kept>>,
    /// Closed at the end.
    _stop: OwnedFd,
}

impl Helper {
    /// Begins to empty the queue of a socket that does not wait.
    pub(super) fn start(socket: Arc<OwnedFd>) -> Result<Self, Errno> {
        let (watched, closed_at_end) = stop()?;
        let kept = Arc::default();
        let keep = Arc::clone(&kept);
        std::thread::Builder::new()
            .name("ends".to_owned())
            .spawn(move || help(&socket, &watched, &keep))
            .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::AGAIN))?;
        Ok(Self { kept, _stop: closed_at_end })
    }

    /// How much was kept.
    #[cfg(test)]
    pub(super) fn kept_bytes(&self) -> usize {
        lock(&self.kept).bytes.len()
    }

    /// Takes what was kept.
    pub(super) fn take(&self) -> Kept {
        std::mem::take(&mut *lock(&self.kept))
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn help(socket: &OwnedFd, stop: &OwnedFd, kept: &Mutex<Kept>) {
    let mut buffer = vec![0; BUFFER];
    while wait(socket, stop.as_fd()) {
        loop {
            let mut kept = lock(kept);
            if kept.bytes.len() > MOST_KEPT {
                break;
            }
            match recv(socket, &mut buffer[..], RecvFlags::empty()) {
                Ok((length, _)) => {
                    kept.bytes.extend_from_slice(buffer.get(..length).unwrap_or_default());
                    // Messages begin at multiples of four.
                    let padded = kept.bytes.len().next_multiple_of(4);
                    kept.bytes.resize(padded, 0);
                }
                Err(Errno::INTR) => {}
                Err(Errno::NOBUFS) => kept.was_full = true,
                Err(Errno::AGAIN) => break,
                // Whoever asks next gets the error too.
                Err(_) => return,
            }
        }
        if !gather(stop.as_fd(), MOMENT) {
            return;
        }
    }
}

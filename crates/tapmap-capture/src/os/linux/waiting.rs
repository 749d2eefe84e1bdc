//! How the threads of this source wait: for a socket, for a moment, and always for their end, which comes
//! when the other side of a pipe is closed.

use std::time::Duration;

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::{AsFd, BorrowedFd, OwnedFd},
    io::Errno,
    pipe::PipeFlags,
};

/// What a thread watches to know its end, and what is kept until then.
pub(super) fn stop() -> Result<(OwnedFd, OwnedFd), Errno> {
    rustix::pipe::pipe_with(PipeFlags::CLOEXEC)
}

/// Waits until there is something to read. Says whether to go on: not when the end has come.
pub(super) fn wait(socket: impl AsFd, stop: BorrowedFd<'_>) -> bool {
    let mut both = [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::IN), watched(stop)];
    // An interruption is as good as something to read.
    let _ready = poll(&mut both, None);
    both[1].revents().is_empty()
}

/// Lets a moment pass, so that more comes together. Says whether to go on, as [`wait`].
pub(super) fn gather(stop: BorrowedFd<'_>, moment: Duration) -> bool {
    let mut one = [watched(stop)];
    let _ready = poll(&mut one, Timespec::try_from(moment).ok().as_ref());
    one[0].revents().is_empty()
}

fn watched(stop: BorrowedFd<'_>) -> PollFd<'_> {
    PollFd::from_borrowed_fd(stop, PollFlags::IN)
}

//! What differs between systems: how one asks the program to end, how its two halves are kept apart, and
//! how it is started without anybody thinking of it.

pub(crate) mod continuation;
pub(crate) mod files;
pub(crate) mod presence;
pub(crate) mod recorder;
pub(crate) mod setup;
pub(crate) mod surroundings;

use std::{future::Future, io};

/// Listens for Ctrl+C, `SIGTERM` and a closed terminal (`SIGHUP`); the future is done with the
/// first. Listening begins with the call, so that nothing is missed before the future is waited for.
///
/// # Errors
/// When the system does not let signals be listened to.
#[cfg(unix)]
pub(crate) fn stop_requested() -> io::Result<impl Future<Output = ()> + Send + use<>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}

/// Listens for Ctrl+C; the future is done with it.
///
/// # Errors
/// When the system does not let it be listened to.
#[cfg(not(unix))]
pub(crate) fn stop_requested() -> io::Result<impl Future<Output = ()> + Send + use<>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

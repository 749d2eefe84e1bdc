//! The server itself: takes connections until told to end.

use std::{future::Future, io, time::Duration};

use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use crate::App;

/// How long requests may take to end after the server was told to.
const GRACE: Duration = Duration::from_secs(2);

/// Answers requests on `listener` until `shutdown` is ready; open streams are ended then, and other
/// requests have two seconds.
///
/// # Errors
/// Fails when the listener does.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Events are small and awaited: they must not wait for more to fill a packet.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "failed to switch off Nagle's algorithm");
        }
    });
    let (told, mut ending) = tokio::sync::watch::channel(false);
    let closing = app.clone();
    let graceful = async move {
        shutdown.await;
        closing.hub().close();
        told.send_replace(true);
    };
    let server = axum::serve(listener, app.router()).with_graceful_shutdown(graceful);
    let out_of_patience = async {
        if ending.wait_for(|ending| *ending).await.is_err() {
            // The sender only goes once it has told, or with the server itself.
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server => ended,
        () = app.run() => Ok(()),
        () = out_of_patience => Ok(()),
    }
}

//! `tapmap recorder`, the hidden command: the half of the program that observes. It opens all sources,
//! gives its rights up, and tells the server what it sees until the server is gone. It reads no foreign
//! bytes and listens to nobody.

use crate::{
    cli::RecorderArgs,
    exit::{Failure, FailureKind},
    outbox::Outbox,
    service,
};
use std::{
    io::{self, Read},
    sync::Arc,
    thread,
};
use tapmap_capture::{
    confine,
    confinement::{Kept, Part},
};
use tapmap_core::{
    Coverage, Layer, LayerName, Observation, SnapshotSource, SocketTable, SourceError, Timestamp,
};
use tapmap_engine::{Sampler, Stop, SystemClock};

/// Observes until the server is gone.
///
/// # Errors
/// When it was not started by TapMap, or the system has no thread left.
pub(super) fn recorder(args: &RecorderArgs) -> anyhow::Result<()> {
    let server = service::recorder::server().map_err(|_| {
        let message = "this command is a part of `tapmap run`, which starts it by itself";
        Failure::new(FailureKind::Usage, message).hint("to look at this computer, start `tapmap`")
    })?;
    let source = confined(tapmap_capture::sockets());
    let outbox = Arc::new(Outbox::new()?);
    let stop = Stop::default();
    send(&outbox, server.try_clone()?, stop.clone())?;
    end_with(server, stop.clone())?;
    for observation in Sampler::new(Box::new(source), SystemClock::new(stop), args.interval.0) {
        if !outbox.put(observation)? {
            break;
        }
    }
    Ok(())
}

/// Sends what is observed, on a thread of its own.
fn send(outbox: &Arc<Outbox>, server: impl io::Write + Send + 'static, stop: Stop) -> io::Result<()> {
    let outbox = Arc::clone(outbox);
    let send = move || {
        outbox.send(server);
        stop.stop();
    };
    thread::Builder::new().name("frames".to_owned()).spawn(send).map(drop)
}

/// Ends the observing when the server is gone: nothing ever comes from it but the end.
fn end_with(mut server: impl Read + Send + 'static, stop: Stop) -> io::Result<()> {
    let wait = move || {
        let mut nothing = [0];
        while server.read(&mut nothing).is_ok_and(|length| length > 0) {}
        stop.stop();
    };
    thread::Builder::new().name("server".to_owned()).spawn(wait).map(drop)
}

/// Opens everything, gives the rights up, and makes the source say what came of that. Only here are there
/// rights, and there is no other thread yet.
fn confined(mut source: Box<dyn SnapshotSource>) -> Confined {
    source.settle();
    let layers = source.coverage().layers;
    let lists_files = layers.iter().any(|layer| layer.name == LayerName::KernelFiles && layer.active);
    // Where the kernel does not list what other users' processes hold, looking for it takes rights each time.
    let kept = if lists_files { Kept::Nothing } else { Kept::OtherProcesses };
    let dropped = confine::drop_rights(kept);
    confine::restrict_calls(Part::Recorder);
    Confined { source, dropped }
}

/// A source that adds to its account that rights were given up.
struct Confined {
    source: Box<dyn SnapshotSource>,
    dropped: Layer,
}

impl SnapshotSource for Confined {
    fn coverage(&self) -> Coverage {
        let mut coverage = self.source.coverage();
        coverage.layers.push(self.dropped.clone());
        coverage
    }

    fn may_have_opened(&mut self) -> bool {
        self.source.may_have_opened()
    }

    fn told(&mut self, at: Timestamp) -> Vec<Observation> {
        self.source.told(at)
    }

    fn snapshot(&mut self) -> Result<SocketTable, SourceError> {
        self.source.snapshot()
    }
}

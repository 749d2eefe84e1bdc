//! `tapmap record`: writes what is seen into a file until told to stop. Runs beside a recorder that
//! serves the page, or without one.

use crate::{
    cli::RecordArgs,
    exit::{Failure, FailureKind},
    host, render, service,
    source::unreadable,
};
use std::{
    fs::File,
    io::{self, BufWriter},
    path::Path,
    time::Duration,
};
use tapmap_capture::recording::{RecordingHeader, RecordingWriter};
use tapmap_core::{Observation, Sighting};
use tapmap_engine::{Clock, Sampler, Stop, SystemClock};

/// Records.
///
/// # Errors
/// When the file exists or cannot be written, or the sockets cannot be read.
pub(super) fn record(args: &RecordArgs) -> anyhow::Result<()> {
    let path = &args.file;
    // A first look, so that a system that lets nothing be seen is said at once and leaves no file.
    tapmap_capture::sockets().snapshot().map_err(|error| unreadable(&error))?;
    let file = File::create_new(path).map_err(|error| {
        let message = format!("the recording {} cannot be made", path.display());
        let failure = Failure::from_io(&error, FailureKind::Usage, message);
        if error.kind() == io::ErrorKind::AlreadyExists { failure.hint("name a new file") } else { failure }
    })?;
    let interval = args.interval.0;
    let clock = SystemClock::default();
    let header = RecordingHeader {
        started_at: clock.now(),
        boot: host::boot(),
        host: host::name(),
        interval,
        demo: false,
    };
    let mut writer = RecordingWriter::new(BufWriter::new(file), &header)?;
    if args.with_names {
        writer = writer.with_names();
    }
    let stop = Stop::default();
    let sampler = Sampler::new(tapmap_capture::sockets(), SystemClock::new(stop.clone()), interval);
    stop_after(args.seconds.map(|seconds| Duration::from_secs(seconds.into())), stop)?;
    render::remark(&format!("recording to {}; Ctrl+C ends it", path.display()));
    let count = write_all(&mut writer, sampler).and_then(|count| {
        writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(count)
    });
    let count = count.map_err(|error| broken_off(path, &error))?;
    render::remark(&format!("{count} observations written"));
    Ok(())
}

/// Writes every observation, each whole in the file before the next is waited for.
fn write_all(
    writer: &mut RecordingWriter<BufWriter<File>>,
    sampler: impl Iterator<Item = Observation>,
) -> anyhow::Result<u64> {
    let mut count = 0;
    for observation in sampler {
        writer.write(&observation)?;
        writer.flush()?;
        count += 1;
        if let Sighting::Trouble(Some(trouble)) = &observation.sighting {
            render::remark(trouble);
        }
    }
    Ok(count)
}

/// The end that nobody asked for: as a rule a disk that is full.
fn broken_off(path: &Path, error: &anyhow::Error) -> Failure {
    let message = format!("the recording {} breaks off", path.display());
    Failure::new(FailureKind::Unexpected, message)
        .because(error.root_cause())
        .hint("what was written before can be played")
}

/// Stops at a signal, or after a time when one is given; on a thread of its own, which nobody waits
/// for: it ends with the process.
fn stop_after(time: Option<Duration>, stop: Stop) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = {
        let _inside = runtime.enter();
        service::stop_requested()?
    };
    let wait = move || {
        runtime.block_on(async {
            match time {
                Some(time) => drop(tokio::time::timeout(time, asked).await),
                None => asked.await,
            }
        });
        stop.stop();
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait)?;
    Ok(())
}

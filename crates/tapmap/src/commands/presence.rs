//! `tapmap presence`, the hidden command: the helper that asks the system who is at the computer. Prints a line
//! for each change. It reads nothing but the system's own answers, and ends with its input.

use crate::service::presence::{PresenceWatch, not_told, written};
use std::{
    io::{self, Read as _, Write as _},
    thread,
};
use tapmap_capture::{
    confine,
    confinement::{Files, Kept, Part},
};

/// Tells until the input ends, or the system no longer does.
///
/// # Errors
/// When in- or output break off, or the system has no thread left.
pub(super) fn presence() -> anyhow::Result<()> {
    // Whoever started this may have had rights; asking takes none. What is in force is nobody's to read here.
    drop(confine::drop_rights(Kept::Nothing));
    let watch = match PresenceWatch::open() {
        Ok(watch) => watch,
        Err(why) => return Ok(writeln!(io::stdout(), "{}", not_told(&why))?),
    };
    drop((confine::restrict_files(&Files::default()), confine::restrict_calls(Part::Server)));
    let tell = move || {
        let why = watch.follow(|presence| writeln!(io::stdout(), "{}", written(presence)).is_ok());
        // Whoever hears this closes the input.
        let _told = writeln!(io::stdout(), "{}", not_told(&why));
    };
    thread::Builder::new().name("presence".to_owned()).spawn(tell)?;
    // Nothing ever comes but the end.
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

//! `tapmap reverse-names`, the hidden command: the helper that asks the system's resolver for the names of
//! addresses. Reads an address a line, prints an address and its name a line, as answers come. It holds no
//! rights and nothing of the server's; it ends with its input.

use std::{
    io::{self, BufRead, Write},
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, sync_channel},
    },
    thread,
};
use tapmap_capture::confinement::Kept;
use tapmap_core::AddressScope;

/// How many questions are asked at a time; some take half a minute to be given up.
const WORKERS: usize = 4;
/// How many wait. More wait in the pipe, and hold up only who asks.
const QUEUE: usize = 64;

/// Answers until the input ends.
///
/// # Errors
/// When the input breaks off, or the system has no thread left.
pub(super) fn reverse_names() -> anyhow::Result<()> {
    // Whoever started this may have had rights; asking takes none. What is in force is nobody's to read here.
    drop(tapmap_capture::confine::drop_rights(Kept::Nothing));
    let (ask, questions) = sync_channel::<IpAddr>(QUEUE);
    let questions = Arc::new(Mutex::new(questions));
    for _ in 0..WORKERS {
        let questions = Arc::clone(&questions);
        thread::Builder::new().name("resolver".to_owned()).spawn(move || answer(&questions))?;
    }
    for line in io::stdin().lock().lines() {
        // Only addresses that are others' as well: the rest is nobody's business.
        if let Ok(address) = line?.trim().parse::<IpAddr>()
            && AddressScope::of(address) == AddressScope::Public
            && ask.send(address).is_err()
        {
            break;
        }
    }
    Ok(())
}

fn answer(questions: &Mutex<Receiver<IpAddr>>) {
    loop {
        let question = questions.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(address) = question else { return };
        // Without a name, the system says the address again.
        if let Some(name) =
            dns_lookup::lookup_addr(&address).ok().filter(|name| name.parse::<IpAddr>().is_err())
            && writeln!(io::stdout().lock(), "{address} {name}").is_err()
        {
            return;
        }
    }
}

//! This computer's own list of names, `hosts(5)`: an address, its name, further names; `#` begins a
//! remark. Each file replaces the one before.

use std::{net::IpAddr, sync::Arc, time::Duration};

use tapmap_core::{LeadsTo, NameHeard, NameSource};

use crate::name::{host_name, is_site};

/// How long the file's names hold: until the next file says otherwise, so as good as for ever (100 years).
pub const UNTIL_REPLACED: Duration = Duration::from_hours(100 * 365 * 24);
/// How many addresses are taken from one file.
const MOST: usize = 10_000;

/// The names in a file, one for each address: the first name of the first line that names it, as
/// `gethostbyaddr(3)` would say. Addresses of this computer itself have none.
pub fn names(file: &[u8]) -> Vec<(IpAddr, Arc<str>)> {
    let mut names: Vec<(IpAddr, Arc<str>)> = file.split(|byte| *byte == b'\n').filter_map(line).collect();
    // Stable: of several lines for an address the first one stays.
    names.sort_by_key(|(address, _)| *address);
    names.dedup_by_key(|(address, _)| *address);
    names.truncate(MOST);
    names
}

fn line(line: &[u8]) -> Option<(IpAddr, Arc<str>)> {
    let line = line.split(|byte| *byte == b'#').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let address = std::str::from_utf8(words.next()?).ok()?;
    // `fe80::1%eth0`: the zone says which link, not which address.
    let address: IpAddr = address.split('%').next()?.parse().ok()?;
    let address = address.to_canonical();
    Some((address, host_name(words.next()?)?)).filter(|_| is_site(address))
}

/// What was last read of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostsFile {
    names: Vec<(IpAddr, Arc<str>)>,
}

impl HostsFile {
    /// Takes in a new file. Names that are no longer in it are told with no time to live.
    pub(crate) fn replace(&mut self, file: &[u8]) -> Vec<NameHeard> {
        let before = std::mem::replace(&mut self.names, names(file));
        let gone = before.iter().filter(|entry| self.names.binary_search(entry).is_err());
        let gone = gone.map(|entry| heard(entry, Duration::ZERO));
        gone.chain(self.names.iter().map(|entry| heard(entry, UNTIL_REPLACED))).collect()
    }
}

fn heard((address, name): &(IpAddr, Arc<str>), time_to_live: Duration) -> NameHeard {
    NameHeard {
        name: Arc::clone(name),
        aliases: Vec::new(),
        source: NameSource::HostsFile,
        leads_to: LeadsTo::Addresses { addresses: vec![*address], asked_by: None, time_to_live },
    }
}

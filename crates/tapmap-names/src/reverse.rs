//! Answers of the helper that asks for reverse names: the address, a space, the name.

use std::{net::IpAddr, sync::Arc};

use crate::name::{host_name, is_site};

/// Reads one answer.
pub fn answer(line: &[u8]) -> Option<(IpAddr, Arc<str>)> {
    let (address, name) = std::str::from_utf8(line).ok()?.trim_end().split_once(' ')?;
    let address = address.parse::<IpAddr>().ok()?.to_canonical();
    Some((address, host_name(name.as_bytes())?)).filter(|_| is_site(address))
}

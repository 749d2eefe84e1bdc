//! The only crate that reads names out of bytes that others made: DNS answers, the beginnings of TLS
//! and QUIC connections, the hosts file, systemd-resolved's messages, reverse names. It opens nothing
//! and asks nobody; what a name means for a flow is decided in core.
//!
//! The bytes may be hostile: every length is checked, what is kept between two of them is bounded, and
//! what does not fit is no name.

#![forbid(unsafe_code)]

pub mod dns;
pub mod hosts;
mod name;
mod packet;
mod pieces;
pub mod quic;
mod reader;
pub mod resolved;
pub mod reverse;
mod site;
pub mod tls;
mod unfinished;

pub use name::{host_name, is_site};
pub use reader::Reader;
pub use site::site;

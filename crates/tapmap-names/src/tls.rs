//! The server's name in a TLS handshake (RFC 8446 §4.1.2, RFC 6066 §3). Reads the client's first
//! message only; nothing in it is encrypted.
//!
//! With Encrypted Client Hello (RFC 9849) the name in the open is the one that the site's front gives to
//! all of its sites. It cannot be told from a site's own by the extension: browsers send it with every
//! handshake, filled with noise where there is nothing to hide. So the fronts' names are known here
//! ([`is_front`]) and are no site's; any other name is what this connection asked for.

use std::{borrow::Cow, sync::Arc};

use tls_parser::{
    SNIType, TlsClientHelloContents, TlsExtension, TlsExtensionType, TlsHandshakeType, TlsRecordType,
    parse_tls_extension_sni_content, parse_tls_extension_unknown, parse_tls_handshake_client_hello,
    parse_tls_record_header,
};

use crate::name::host_name;

/// The longest fragment in a record: 2¹⁴ bytes and what protection may add (RFC 8446 §5.2).
const LONGEST_RECORD: usize = (1 << 14) + 256;
/// Names that fronts of Encrypted Client Hello show in the open for all their sites. Cloudflare's is the
/// one in wide use (2024 on).
const FRONTS: [&str; 1] = ["cloudflare-ech.com"];

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The server's name.
    Name(Arc<str>),
    /// There is none.
    Nothing,
    /// Not yet: the message goes on.
    Unfinished,
}

/// Whether a name in the open stands for the many sites behind a front.
pub fn is_front(name: &str) -> bool {
    FRONTS.contains(&name)
}

/// Whether a TCP payload begins a TLS connection: a record of the handshake with a `ClientHello` first.
pub fn begins(payload: &[u8]) -> bool {
    matches!(payload, [0x16, 3, _, _, _, 1, ..])
}

/// The server's name in the beginning of a TCP stream.
pub fn server_name_in_stream(stream: &[u8]) -> Found {
    match handshake(stream) {
        Some(message) => server_name(&message),
        None => Found::Nothing,
    }
}

/// The server's name in a handshake message, as far as it has come.
pub fn server_name(message: &[u8]) -> Found {
    let Some((&kind, rest)) = message.split_first() else { return Found::Unfinished };
    if kind != u8::from(TlsHandshakeType::ClientHello) {
        return Found::Nothing;
    }
    let Some(([high, middle, low], rest)) = rest.split_first_chunk() else { return Found::Unfinished };
    let length = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
    let (body, all) = match rest.get(..length) {
        Some(body) => (body, true),
        None => (rest, false),
    };
    match hello(body) {
        Some(name) if is_front(&name) => Found::Nothing,
        Some(name) => Found::Name(name),
        None if all => Found::Nothing,
        None => Found::Unfinished,
    }
}

/// The fragments of the records, joined; `None` when this is no handshake.
fn handshake(stream: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut joined: Cow<'_, [u8]> = Cow::Borrowed(&[]);
    let mut rest = stream;
    while let Ok((fragment, header)) = parse_tls_record_header(rest) {
        let length = usize::from(header.len);
        if header.record_type != TlsRecordType::Handshake || length > LONGEST_RECORD {
            // What follows a message that is whole is no business of ours.
            break;
        }
        let part = fragment.get(..length).unwrap_or(fragment);
        if joined.is_empty() {
            joined = Cow::Borrowed(part);
        } else {
            joined.to_mut().extend_from_slice(part);
        }
        rest = fragment.get(length..).unwrap_or_default();
    }
    (!joined.is_empty()).then_some(joined)
}

/// The name in a `ClientHello`, also in one that is cut off behind it.
fn hello(body: &[u8]) -> Option<Arc<str>> {
    let (rest, TlsClientHelloContents { ext, .. }) = parse_tls_handshake_client_hello(body).ok()?;
    // When the extensions are cut off they are left unread, behind their length.
    let mut extensions = ext.or_else(|| rest.get(2..))?;
    while let Ok((rest, TlsExtension::Unknown(kind, content))) = parse_tls_extension_unknown(extensions) {
        if kind == TlsExtensionType::ServerName {
            return name_in(content);
        }
        extensions = rest;
    }
    None
}

fn name_in(content: &[u8]) -> Option<Arc<str>> {
    let Ok((_, TlsExtension::SNI(names))) = parse_tls_extension_sni_content(content) else { return None };
    names.iter().find(|(kind, _)| *kind == SNIType::HostName).and_then(|(_, name)| host_name(name))
}

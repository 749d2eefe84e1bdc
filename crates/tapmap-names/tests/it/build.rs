//! Makes packets as clients and servers make them. Its QUIC packets are held against the RFCs' own.

use etherparse::PacketBuilder;
use ring::{aead, hkdf};
use std::net::{IpAddr, SocketAddr};

/// The first message of the RFC's QUIC examples, for `example.com`, with its CRYPTO frame (RFC 9001 §A.2).
pub(crate) const RFC_FRAME: &str = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868\
    04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b657861\
    6d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c\
    706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fe\
    dba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e04\
    03050306030203080408050806002d00020101001c00024001003900320408fffff\
    fffffffffff05048000ffff07048000ffff0801100104800075300901100f088394\
    c8f03e51570806048000ffff";

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// An IP packet with a TCP segment.
pub(crate) fn tcp(from: &str, to: &str, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let (builder, source, destination) = ip(from, to);
    let builder = builder.tcp(source, destination, sequence, 64_000);
    let mut packet = Vec::new();
    builder.write(&mut packet, payload).unwrap();
    packet
}

/// An IP packet with a UDP datagram.
pub(crate) fn udp(from: &str, to: &str, payload: &[u8]) -> Vec<u8> {
    let (builder, source, destination) = ip(from, to);
    let mut packet = Vec::new();
    builder.udp(source, destination).write(&mut packet, payload).unwrap();
    packet
}

fn ip(from: &str, to: &str) -> (etherparse::PacketBuilderStep<etherparse::IpHeaders>, u16, u16) {
    let (from, to): (SocketAddr, SocketAddr) = (from.parse().unwrap(), to.parse().unwrap());
    let builder = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), 64),
        (IpAddr::V6(from), IpAddr::V6(to)) => PacketBuilder::ipv6(from.octets(), to.octets(), 64),
        _ => panic!("both ends are of one kind"),
    };
    (builder, from.port(), to.port())
}

/// A `ClientHello` message with a key share of so many bytes before or behind the name.
pub(crate) fn client_hello(name: Option<&[u8]>, key_share: usize, name_last: bool) -> Vec<u8> {
    let server_name = name.map(|name| {
        let entry = [&[0][..], &sized16(name)].concat();
        extension(0, &sized16(&entry))
    });
    let shares = [extension(0x0a0a, &[]), extension(51, &vec![0x5a; key_share])].concat();
    // Present in every handshake of a browser, filled with noise where nothing is hidden.
    let encrypted = extension(0xfe0d, &[7; 180]);
    let server_name = server_name.unwrap_or_default();
    let extensions = if name_last {
        [shares, encrypted, server_name].concat()
    } else {
        [server_name, shares, encrypted].concat()
    };
    let session = [&[32][..], &[9; 32]].concat();
    let ciphers = sized16(&[0x13, 0x01, 0x13, 0x02]);
    let body = [&[3, 3][..], &[1; 32], &session, &ciphers, &[1, 0], &sized16(&extensions)].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[1][..], &length[1..], &body].concat()
}

/// A message of the handshake in records of at most so many bytes.
pub(crate) fn records(message: &[u8], most: usize) -> Vec<u8> {
    message.chunks(most).flat_map(|part| [&[22, 3, 1][..], &sized16(part)].concat()).collect()
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &sized16(content)].concat()
}

fn sized16(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

/// A CRYPTO frame.
pub(crate) fn crypto_frame(offset: u16, bytes: &[u8]) -> Vec<u8> {
    let long = |number: u16| (number | 0x4000).to_be_bytes();
    [&[6][..], &long(offset), &long(u16::try_from(bytes.len()).unwrap()), bytes].concat()
}

/// The version of a QUIC packet: number, salt, prefix of the labels, first byte of an Initial packet.
pub(crate) struct Version(u32, &'static str, &'static str, u8);

pub(crate) const ONE: Version = Version(1, "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "quic", 0xc3);
pub(crate) const TWO: Version =
    Version(0x6b33_43cf, "0dede3def700a6db819381be6e269dcbf9bd2ed9", "quicv2", 0xd3);

/// A client's Initial packet with these frames, padded to 1200 bytes as clients do.
pub(crate) fn initial(version: &Version, destination: &[u8], number: u32, frames: &[u8]) -> Vec<u8> {
    let Version(version, salt, prefix, first) = version;
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, &hex(salt)).extract(destination);
    let client = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &expand(&secret, "client in", 32));
    let length = 1200 - 22 - destination.len() + 8 - 16;
    let mut payload = frames.to_vec();
    payload.resize(length, 0);

    let mut header = vec![*first];
    header.extend(version.to_be_bytes());
    header.push(u8::try_from(destination.len()).unwrap());
    header.extend(destination);
    header.extend([0, 0]);
    header.extend((u16::try_from(4 + length + 16).unwrap() | 0x4000).to_be_bytes());
    let number_at = header.len();
    header.extend(number.to_be_bytes());

    let mut nonce: [u8; 12] = expand(&client, &format!("{prefix} iv"), 12).try_into().unwrap();
    nonce[8..].iter_mut().zip(number.to_be_bytes()).for_each(|(byte, part)| *byte ^= part);
    let key = expand(&client, &format!("{prefix} key"), 16);
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &key).unwrap());
    let nonce = aead::Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, aead::Aad::from(&header), &mut payload).unwrap();

    let protection = expand(&client, &format!("{prefix} hp"), 16);
    let protection = aead::quic::HeaderProtectionKey::new(&aead::quic::AES_128, &protection).unwrap();
    let mask = protection.new_mask(&payload[..16]).unwrap();
    header[0] ^= mask[0] & 0x0f;
    header[number_at..].iter_mut().zip(&mask[1..]).for_each(|(byte, mask)| *byte ^= mask);
    [header, payload].concat()
}

fn expand(secret: &hkdf::Prk, label: &str, length: usize) -> Vec<u8> {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let label = format!("tls13 {label}");
    let sizes = [0, u8::try_from(length).unwrap(), u8::try_from(label.len()).unwrap()];
    let info = [&sizes[..], label.as_bytes(), &[0]];
    let mut out = vec![0; length];
    secret.expand(&info, Length(length)).unwrap().fill(&mut out).unwrap();
    out
}

/// One record of a DNS answer: owner, kind, seconds, content.
pub(crate) type Record<'a> = (&'a str, u16, u32, Vec<u8>);

/// A DNS answer without compression.
pub(crate) fn dns_answer(flags: u16, asked: &str, records: &[Record<'_>]) -> Vec<u8> {
    let count = u16::try_from(records.len()).unwrap();
    let numbers = [0x1234, flags, 1, count, 0, 0];
    let mut message: Vec<u8> = numbers.iter().flat_map(|number: &u16| number.to_be_bytes()).collect();
    message.extend(dns_name(asked));
    message.extend([0, 1, 0, 1]);
    message.extend(records.iter().flat_map(dns_record));
    message
}

pub(crate) fn dns_record((owner, kind, seconds, content): &Record<'_>) -> Vec<u8> {
    let kind = kind.to_be_bytes();
    [&dns_name(owner)[..], &kind, &[0, 1], &seconds.to_be_bytes(), &sized16(content)].concat()
}

pub(crate) fn dns_name(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    bytes
}

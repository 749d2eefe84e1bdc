//! The keys of Initial packets (RFC 9001 §5.2, RFC 9369 §3.3) and how to open a packet with them.

use std::fmt;

use ring::{
    aead::{self, AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey, quic::HeaderProtectionKey},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
};

use super::header::{Long, Version};

/// RFC 9001 §5.2.
const SALT_1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc,
    0xbb, 0x7f, 0x0a,
];
/// RFC 9369 §3.3.1.
const SALT_2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9,
    0xbd, 0x2e, 0xd9,
];
/// A packet's protected part is sampled so far behind the beginning of its number (RFC 9001 §5.4.2).
const SAMPLE_AT: usize = 4;
const SAMPLE: usize = 16;

/// What a client's Initial packets are protected with.
pub(super) struct Keys {
    payload: LessSafeKey,
    nonce: [u8; 12],
    header: HeaderProtectionKey,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    /// The keys that follow from the connection id that the client chose for the server.
    pub(super) fn of_client(version: Version, destination: &[u8]) -> Option<Self> {
        let (salt, labels) = match version {
            Version::One => (SALT_1, ["quic key", "quic iv", "quic hp"]),
            Version::Two => (SALT_2, ["quicv2 key", "quicv2 iv", "quicv2 hp"]),
        };
        let initial = Salt::new(HKDF_SHA256, &salt).extract(destination);
        let secret: [u8; 32] = expand(&initial, "client in")?;
        let secret = Prk::new_less_safe(HKDF_SHA256, &secret);
        let [key, iv, header] = labels;
        let key: [u8; 16] = expand(&secret, key)?;
        let header: [u8; 16] = expand(&secret, header)?;
        Some(Self {
            payload: LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?),
            nonce: expand(&secret, iv)?,
            header: HeaderProtectionKey::new(&aead::quic::AES_128, &header).ok()?,
        })
    }

    /// The frames of a packet; `None` when it was not protected with these keys.
    pub(super) fn decrypt(&self, packet: &Long<'_>) -> Option<Vec<u8>> {
        let Long { packet, number_at, .. } = *packet;
        let sample_at = number_at + SAMPLE_AT;
        let [first_mask, number_mask @ ..] =
            self.header.new_mask(packet.get(sample_at..sample_at + SAMPLE)?).ok()?;
        let mut header = packet.get(..number_at)?.to_vec();
        let first = header.first_mut()?;
        *first ^= first_mask & 0x0f;
        let length = usize::from(*first & 0b11) + 1;
        let masked = packet.get(number_at..number_at + length)?;
        let bytes: Vec<u8> = masked.iter().zip(number_mask).map(|(byte, mask)| byte ^ mask).collect();
        // The first packets have small numbers, so that what is cut off of them is zero.
        let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        header.extend(&bytes);
        let mut payload = packet.get(number_at + length..)?.to_vec();
        let nonce = self.nonce(number);
        let length = self.payload.open_in_place(nonce, Aad::from(&header), &mut payload).ok()?.len();
        payload.truncate(length);
        Some(payload)
    }

    /// RFC 9001 §5.3.
    fn nonce(&self, number: u64) -> Nonce {
        let mut nonce = self.nonce;
        for (byte, part) in nonce.iter_mut().rev().zip(number.to_le_bytes()) {
            *byte ^= part;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

/// So many bytes.
struct Bytes<const LENGTH: usize>;

impl<const LENGTH: usize> KeyType for Bytes<LENGTH> {
    fn len(&self) -> usize {
        LENGTH
    }
}

/// HKDF-Expand-Label without context (RFC 8446 §7.1).
fn expand<const LENGTH: usize>(secret: &Prk, name: &str) -> Option<[u8; LENGTH]> {
    let mut out = [0; LENGTH];
    secret.expand(&[&label::<LENGTH>(name)], Bytes::<LENGTH>).ok()?.fill(&mut out).ok()?;
    Some(out)
}

/// The structure `HkdfLabel` (RFC 8446 §7.1).
fn label<const LENGTH: usize>(name: &str) -> Vec<u8> {
    let size = |size: usize| u8::try_from(size).unwrap_or(u8::MAX);
    let mut label = vec![0, size(LENGTH), size("tls13 ".len() + name.len())];
    label.extend(b"tls13 ");
    label.extend(name.as_bytes());
    label.push(0);
    label
}

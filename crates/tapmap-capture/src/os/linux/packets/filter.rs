//! The filter in the kernel that lets through only packets which may hold names (classic BPF,
//! `Documentation/networking/filter.rst`), so that bulk traffic never gets here:
//!
//! - what comes in from port 53, over UDP or TCP: answers of DNS servers, also those on this computer;
//! - what goes out, but not to this computer itself, and begins a TLS connection on any port or a QUIC
//!   connection (version 1 or 2) to port 443;
//! - what goes out to port 443 in a TCP segment that may be the second half of such a beginning: one of
//!   usual size that ends what the program wrote and does not begin with a TLS record. A `ClientHello`
//!   with post-quantum keys takes two segments where the network card does not cut them itself.
//!
//! It looks at IPv4 and IPv6 without extension headers. Later fragments hold no header and are left out.

use Label::{AnswerPort, Drop, GoesOn, Incoming, Initial, Keep, Outgoing, QuicTwo, Transport, V4, V6};
use Line::{At, Do, Go, Unless, When};
use socket2::SockFilter;

/// How much of a packet is let through, in bytes: more than any beginning of a connection, and than most
/// answers.
const LONGEST: u32 = 16 * 1024;

/// `SKF_AD_OFF`: what lies from here on is not of the packet, but known of it.
const KNOWN: u32 = 0xffff_f000;
/// `SKF_AD_PROTOCOL`, `SKF_AD_PKTTYPE` and `SKF_AD_HATYPE`.
const PROTOCOL: u32 = KNOWN;
const DIRECTION: u32 = KNOWN + 4;
const KIND_OF_LINK: u32 = KNOWN + 28;
/// `PACKET_HOST` and `PACKET_OUTGOING` (`linux/if_packet.h`).
const TO_US: u32 = 0;
const FROM_US: u32 = 4;
/// `ARPHRD_LOOPBACK` (`linux/if_arp.h`).
const LOOPBACK: u32 = 772;
/// `ETH_P_IP` and `ETH_P_IPV6`.
const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86dd;
/// `TH_PUSH` (RFC 9293 §3.1): the segment ends what the program wrote.
const PUSH: u32 = 8;
/// The longest packet on Ethernet. A longer one was not cut yet, so it holds the whole beginning.
const USUAL: u32 = 1500;
const TCP: u32 = 6;
const UDP: u32 = 17;

/// The operations (`linux/bpf_common.h`): load a byte, half a word, a word; at X further on; and so on.
pub(super) const BYTE: u16 = 0x30;
pub(super) const HALF: u16 = 0x28;
pub(super) const WORD: u16 = 0x20;
pub(super) const BYTE_AT_X: u16 = 0x50;
pub(super) const HALF_AT_X: u16 = 0x48;
pub(super) const WORD_AT_X: u16 = 0x40;
/// A becomes the length of the packet.
pub(super) const LENGTH: u16 = 0x80;
/// A into memory, and back.
pub(super) const STORE: u16 = 0x02;
pub(super) const RECALL: u16 = 0x60;
/// X becomes a number, the length of the IPv4 header at an offset, or A.
pub(super) const SET_X: u16 = 0x01;
pub(super) const IPV4_HEADER_TO_X: u16 = 0xb1;
pub(super) const A_TO_X: u16 = 0x07;
pub(super) const AND: u16 = 0x54;
pub(super) const RIGHT: u16 = 0x74;
pub(super) const LEFT: u16 = 0x64;
pub(super) const ADD_X: u16 = 0x0c;
pub(super) const IS: u16 = 0x15;
pub(super) const IS_ABOVE: u16 = 0x25;
pub(super) const HAS: u16 = 0x45;
pub(super) const JUMP: u16 = 0x05;
pub(super) const RETURN: u16 = 0x06;

/// One instruction as the kernel takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) code: u16,
    /// How many instructions to pass over when a comparison holds, and when not.
    pub(super) yes: u8,
    pub(super) no: u8,
    pub(super) value: u32,
}

impl From<Instruction> for SockFilter {
    fn from(Instruction { code, yes, no, value }: Instruction) -> Self {
        Self::new(code, yes, no, value)
    }
}

/// A place in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    V4,
    V6,
    Transport,
    Incoming,
    AnswerPort,
    Outgoing,
    GoesOn,
    Initial,
    QuicTwo,
    Keep,
    Drop,
}

/// One line of the program.
#[derive(Clone, Copy, Debug)]
enum Line {
    /// A place to jump to.
    At(Label),
    Do(u16, u32),
    /// Jumps when A compares so with a number; else the next line follows.
    When(u16, u32, Label),
    /// The other way round.
    Unless(u16, u32, Label),
    Go(Label),
}

/// The whole filter; `None` when a jump does not fit, which a test excludes.
pub(super) fn filter() -> Option<Vec<Instruction>> {
    assemble(&[&TRANSPORT[..], &WAY, &HELLO, &GOES_ON, &INITIAL, &VERDICT].concat())
}

/// Where the header of the transport begins, into X; its number into `M[0]`.
const TRANSPORT: [Line; 13] = [
    Do(HALF, PROTOCOL),
    When(IS, IPV4, V4),
    When(IS, IPV6, V6),
    Go(Drop),
    At(V4),
    Do(HALF, 6),
    When(HAS, 0x1fff, Drop),
    Do(IPV4_HEADER_TO_X, 0),
    Do(BYTE, 9),
    Go(Transport),
    At(V6),
    Do(SET_X, 40),
    Do(BYTE, 6),
];

/// By which way it goes, and so what it may be.
const WAY: [Line; 18] = [
    At(Transport),
    Do(STORE, 0),
    Do(WORD, DIRECTION),
    When(IS, TO_US, Incoming),
    When(IS, FROM_US, Outgoing),
    Go(Drop),
    At(Incoming),
    Do(RECALL, 0),
    When(IS, UDP, AnswerPort),
    Unless(IS, TCP, Drop),
    At(AnswerPort),
    Do(HALF_AT_X, 0),
    When(IS, 53, Keep),
    Go(Drop),
    At(Outgoing),
    Do(HALF, KIND_OF_LINK),
    When(IS, LOOPBACK, Drop),
    Do(RECALL, 0),
];

/// A TLS record of the handshake (22, version 3) that begins with a `ClientHello` (1) shorter than
/// 64 KiB, at the beginning of a TCP segment. Its port goes into `M[0]`, its flags into `M[1]`.
const HELLO: [Line; 16] = [
    When(IS, UDP, Initial),
    Unless(IS, TCP, Drop),
    Do(HALF_AT_X, 2),
    Do(STORE, 0),
    Do(BYTE_AT_X, 13),
    Do(STORE, 1),
    Do(BYTE_AT_X, 12),
    Do(RIGHT, 4),
    Do(LEFT, 2),
    Do(ADD_X, 0),
    Do(A_TO_X, 0),
    Do(HALF_AT_X, 0),
    Unless(IS, 0x1603, GoesOn),
    Do(HALF_AT_X, 5),
    Unless(IS, 0x0100, Drop),
    Go(Keep),
];

/// The end of such a beginning. TLS records begin with 20 to 23 and version 3 (RFC 8446 §5.1).
const GOES_ON: [Line; 10] = [
    At(GoesOn),
    Do(AND, 0xfcff),
    When(IS, 0x1403, Drop),
    Do(RECALL, 1),
    Unless(HAS, PUSH, Drop),
    Do(RECALL, 0),
    Unless(IS, 443, Drop),
    Do(LENGTH, 0),
    When(IS_ABOVE, USUAL, Drop),
    Go(Keep),
];

/// A QUIC packet with a long header, of version 1 and type 0, or of version 2 and type 1
/// (RFC 9000 §17.2.2, RFC 9369 §3.2).
const INITIAL: [Line; 15] = [
    At(Initial),
    Do(HALF_AT_X, 2),
    Unless(IS, 443, Drop),
    Do(WORD_AT_X, 9),
    When(IS, 0x6b33_43cf, QuicTwo),
    Unless(IS, 1, Drop),
    Do(BYTE_AT_X, 8),
    Do(AND, 0xf0),
    When(IS, 0xc0, Keep),
    Go(Drop),
    At(QuicTwo),
    Do(BYTE_AT_X, 8),
    Do(AND, 0xf0),
    When(IS, 0xd0, Keep),
    Go(Drop),
];

const VERDICT: [Line; 4] = [At(Drop), Do(RETURN, 0), At(Keep), Do(RETURN, LONGEST)];

/// Puts distances in place of names.
fn assemble(lines: &[Line]) -> Option<Vec<Instruction>> {
    let count = |lines: &[Line]| lines.iter().filter(|line| !matches!(line, At(_))).count();
    let place = |label: Label| {
        let index = lines.iter().position(|line| matches!(line, At(here) if *here == label))?;
        Some(count(lines.get(..index)?))
    };
    let mut program = Vec::with_capacity(lines.len());
    for line in lines {
        let next = program.len() + 1;
        let distance = |label: Label| u8::try_from(place(label)?.checked_sub(next)?).ok();
        let plain = |code, value| Instruction { code, yes: 0, no: 0, value };
        program.push(match *line {
            At(_) => continue,
            Do(code, value) => plain(code, value),
            When(code, value, label) => Instruction { yes: distance(label)?, ..plain(code, value) },
            Unless(code, value, label) => Instruction { no: distance(label)?, ..plain(code, value) },
            Go(label) => plain(JUMP, distance(label)?.into()),
        });
    }
    Some(program)
}

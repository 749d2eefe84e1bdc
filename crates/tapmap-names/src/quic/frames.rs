//! The frames that an Initial packet may hold (RFC 9000 §12.4). Only CRYPTO is wanted; the others are
//! read to get behind them.

use super::header::Reader;

const PADDING: usize = 0x00;
const PING: usize = 0x01;
const ACK: usize = 0x02;
const ACK_WITH_ECN: usize = 0x03;
const CRYPTO: usize = 0x06;

/// Hands over each stretch of the handshake: where it begins, and its bytes. Ends at a frame that does
/// not belong here.
pub(super) fn crypto(payload: &[u8], mut each: impl FnMut(usize, &[u8])) {
    let mut reader = Reader { bytes: payload, at: 0 };
    while let Some(kind) = reader.number() {
        let read = match kind {
            // Up to a thousand of them; one at a time they would cost more than the keys.
            PADDING => {
                reader.skip_zeros();
                Some(())
            }
            PING => Some(()),
            ACK => ack(&mut reader),
            ACK_WITH_ECN => ack(&mut reader).and_then(|()| numbers(&mut reader, 3)),
            CRYPTO => stretch(&mut reader).map(|(offset, bytes)| each(offset, bytes)),
            _ => None,
        };
        if read.is_none() {
            break;
        }
    }
}

/// RFC 9000 §19.6.
fn stretch<'a>(reader: &mut Reader<'a>) -> Option<(usize, &'a [u8])> {
    let offset = reader.number()?;
    let length = reader.number()?;
    Some((offset, reader.take(length)?))
}

/// RFC 9000 §19.3: the largest number, the delay, how many ranges follow the first one.
fn ack(reader: &mut Reader<'_>) -> Option<()> {
    numbers(reader, 2)?;
    let ranges = reader.number()?;
    numbers(reader, ranges.checked_mul(2)?.checked_add(1)?)
}

fn numbers(reader: &mut Reader<'_>, count: usize) -> Option<()> {
    for _ in 0..count {
        reader.number()?;
    }
    Some(())
}

//! What the flows of a folded row do not have in common, one after the other, as differences in
//! numbers of seven bits a byte (LEB128; signed ones in zigzag).

use crate::query::ID_BITS;

/// One flow of a folded row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its id as a single flow.
    pub(crate) id: i64,
    /// How long it lasted, in milliseconds.
    pub(crate) lasted: i64,
    /// The port that is not the service's.
    pub(crate) other_port: u16,
    /// The owner's number.
    pub(crate) owner: Option<i64>,
    /// Bytes sent.
    pub(crate) sent: Option<i64>,
    /// Bytes received.
    pub(crate) received: Option<i64>,
}

/// What the first flow differs from.
fn origin(hour: i64) -> Member {
    Member { id: hour << ID_BITS, lasted: 0, other_port: 0, owner: None, sent: None, received: None }
}

/// Puts flows together; `hour` is when their hour begins, in milliseconds. They are in the order of
/// their ids.
pub(crate) fn fold(members: &[Member], hour: i64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(members.len() * 12);
    let mut last = origin(hour);
    for member in members {
        let within = member.id & ((1 << ID_BITS) - 1);
        put_signed(&mut bytes, (member.id >> ID_BITS).wrapping_sub(last.id >> ID_BITS));
        put(&mut bytes, within.cast_unsigned());
        put_signed(&mut bytes, member.lasted);
        put_signed(&mut bytes, i64::from(member.other_port).wrapping_sub(last.other_port.into()));
        put_signed(&mut bytes, owner_number(member.owner).wrapping_sub(owner_number(last.owner)));
        put_optional(&mut bytes, member.sent);
        put_optional(&mut bytes, member.received);
        last = *member;
    }
    bytes
}

/// Takes them apart again; `None` when the bytes are not what [`fold`] makes.
pub(crate) fn unfold(bytes: &[u8], hour: i64) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    let mut last = origin(hour);
    let mut rest = bytes;
    while !rest.is_empty() {
        let moment = (last.id >> ID_BITS).checked_add(take_signed(&mut rest)?)?;
        let within = i64::try_from(take(&mut rest)?).ok().filter(|within| *within < 1 << ID_BITS)?;
        let member = Member {
            id: moment.checked_mul(1 << ID_BITS)?.checked_add(within)?,
            lasted: take_signed(&mut rest)?,
            other_port: u16::try_from(i64::from(last.other_port).checked_add(take_signed(&mut rest)?)?)
                .ok()?,
            owner: Some(owner_number(last.owner).checked_add(take_signed(&mut rest)?)?)
                .filter(|owner| *owner != 0),
            sent: take_optional(&mut rest)?,
            received: take_optional(&mut rest)?,
        };
        members.push(member);
        last = member;
    }
    Some(members)
}

/// The owner's number, 0 for none: numbers of rows begin at 1.
fn owner_number(owner: Option<i64>) -> i64 {
    owner.unwrap_or(0)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

/// One more than the number, and 0 for none. The largest number of all is not a count of bytes.
fn put_optional(bytes: &mut Vec<u8>, number: Option<i64>) {
    put(bytes, number.map_or(0, |number| number.cast_unsigned().saturating_add(1)));
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return None;
        }
        number |= part << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    let number = take(bytes)?;
    Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

#[expect(clippy::option_option, reason = "no number is one thing, broken bytes another")]
fn take_optional(bytes: &mut &[u8]) -> Option<Option<i64>> {
    Some(take(bytes)?.checked_sub(1).map(u64::cast_signed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn member(hour: i64) -> impl Strategy<Value = Member> {
        let number = prop_oneof![Just(None), (0..i64::MAX - 1).prop_map(Some), (0..5000_i64).prop_map(Some)];
        (
            0..3_600_000_i64,
            0..1_i64 << ID_BITS,
            0..300_000_i64,
            any::<u16>(),
            0..1_000_000_i64,
            number.clone(),
            number,
        )
            .prop_map(move |(at, within, lasted, other_port, owner, sent, received)| Member {
                id: ((hour + at) << ID_BITS) | within,
                lasted,
                other_port,
                owner: Some(owner).filter(|owner| *owner != 0),
                sent,
                received,
            })
    }

    proptest! {
        #[test]
        fn what_is_folded_comes_back(members in prop::collection::vec(member(1_700_000_400_000), 0..50)) {
            let bytes = fold(&members, 1_700_000_400_000);
            prop_assert_eq!(unfold(&bytes, 1_700_000_400_000), Some(members));
        }

        #[test]
        fn other_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _read = unfold(&bytes, -3_600_000);
        }
    }

    #[test]
    fn a_repeated_flow_takes_few_bytes() {
        let hour = 1_700_000_400_000_i64;
        let members: Vec<Member> = (0..60)
            .map(|minute| Member {
                id: (hour + minute * 60_000) << ID_BITS,
                lasted: 150,
                other_port: u16::try_from(40_000 + minute * 7).unwrap(),
                owner: Some(77),
                sent: Some(900),
                received: Some(4200),
            })
            .collect();
        assert_eq!(fold(&members, hour).len(), 721, "twelve bytes each");
    }
}

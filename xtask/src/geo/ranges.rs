//! Ranges of addresses with a number attached: the form in which the builder handles every table.

use std::net::IpAddr;

use tapmap_core::AddressScope;

/// Addresses from the first to the last, both families as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Range {
    pub(crate) first: u128,
    pub(crate) last: u128,
    /// Index into whatever the table speaks of.
    pub(crate) value: u32,
}

impl Range {
    /// How many addresses; IPv6 in round numbers.
    #[expect(clippy::cast_precision_loss, reason = "a weight")]
    pub(crate) fn weight(&self) -> f64 {
        (self.last - self.first) as f64 + 1.0
    }
}

/// Both families of one table, sorted, without overlap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Families {
    pub(crate) v4: Vec<Range>,
    pub(crate) v6: Vec<Range>,
}

impl Families {
    /// The table of the address's family, and the address as a number.
    pub(crate) fn of(&mut self, address: IpAddr) -> (&mut Vec<Range>, u128) {
        match address {
            IpAddr::V4(address) => (&mut self.v4, address.to_bits().into()),
            IpAddr::V6(address) => (&mut self.v6, address.to_bits()),
        }
    }

    /// How many ranges each has.
    pub(crate) fn counts(&self) -> [usize; 2] {
        [self.v4.len(), self.v6.len()]
    }

    /// Without special-purpose space, and in IPv6 without anything outside `2000::/3`.
    ///
    /// Nothing inside a special block is kept, not even the few addresses in it that are public: they
    /// are protocols' anycast addresses and have no place. A block finer than /24 or /48 takes that
    /// much with it, because that is what a pack can tell apart.
    pub(crate) fn only_public(&self) -> Self {
        let mut holes = Self {
            v4: Vec::new(),
            v6: vec![
                hole(0, (1 << 125) - 1),
                hole(2 << 125, u128::MAX),
                hole(0x2002 << 112, (0x2003 << 112) - 1),
            ],
        };
        for (network, length, scope) in AddressScope::blocks() {
            if scope != AddressScope::Public {
                let (bits, grain) = if network.is_ipv4() { (32, 24) } else { (128, 48) };
                let (family, first) = holes.of(network);
                let above = (1_u128 << (bits - length.min(grain))) - 1;
                family.push(hole(first & !above, first | above));
            }
        }
        Self { v4: without(&self.v4, &holes.v4), v6: without(&self.v6, &holes.v6) }
    }
}

fn hole(first: u128, last: u128) -> Range {
    Range { first, last, value: 0 }
}

fn without(ranges: &[Range], holes: &[Range]) -> Vec<Range> {
    let mut kept = ranges.to_vec();
    for hole in holes {
        let begin = kept.partition_point(|range| range.last < hole.first);
        let end = kept.partition_point(|range| range.first <= hole.last);
        let mut rest = Vec::new();
        for range in &kept[begin..end.max(begin)] {
            if range.first < hole.first {
                rest.push(Range { last: hole.first - 1, ..*range });
            }
            if range.last > hole.last {
                rest.push(Range { first: hole.last + 1, ..*range });
            }
        }
        kept.splice(begin..end.max(begin), rest);
    }
    kept
}

/// Appends a range, joined to the one before where nothing lies between and the value is the same.
/// A range that begins inside the one before is clipped.
pub(crate) fn append(ranges: &mut Vec<Range>, mut range: Range) {
    if let Some(before) = ranges.last_mut() {
        if range.first <= before.last {
            if range.last <= before.last {
                return;
            }
            range.first = before.last + 1;
        }
        if before.value == range.value && before.last + 1 == range.first {
            before.last = range.last;
            return;
        }
    }
    ranges.push(range);
}

/// Every piece in which one range of `left` meets one of `right`, in order; with the `right`, or none.
pub(crate) fn meet(left: &[Range], right: &[Range], mut each: impl FnMut(Range, Option<&Range>)) {
    let mut next = 0;
    for range in left {
        let mut first = range.first;
        loop {
            while right.get(next).is_some_and(|other| other.last < first) {
                next += 1;
            }
            let other = right.get(next).filter(|other| other.first <= range.last);
            let (last, inside) = match other {
                Some(other) if other.first > first => (other.first - 1, None),
                Some(other) => (range.last.min(other.last), Some(other)),
                None => (range.last, None),
            };
            each(Range { first, last, value: range.value }, inside);
            if last == range.last {
                break;
            }
            first = last + 1;
        }
    }
}

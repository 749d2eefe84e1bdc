//! Damages good inputs: bytes turned, ranges cut, copied and repeated, numbers put to their ends,
//! pieces of another good input put in. What is done depends on the random numbers alone.

/// The most that is done to one input.
const MOST_CHANGES: u64 = 8;
/// No input is longer.
const LONGEST: usize = 1 << 20;

/// Pseudo-random numbers: splitmix64 (Steele, Lea and Flood, 2014).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 when there is none.
    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % limit).unwrap_or(0)
    }
}

/// A damaged copy of one of the good inputs.
pub(crate) fn damaged(good: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = good.get(random.below(good.len())).cloned().unwrap_or_default();
    for _ in 0..=random.next() % MOST_CHANGES {
        change(&mut input, good, random);
    }
    input.truncate(LONGEST);
    input
}

fn change(input: &mut Vec<u8>, good: &[Vec<u8>], random: &mut Random) {
    // Damage near the beginning hits headers, which decide about the rest.
    let reach = if random.below(2) == 0 { input.len() } else { input.len().min(128) };
    let at = random.below(reach);
    let length = random.below(1 + (input.len() - at.min(input.len())).min(256));
    let end = (at + length).min(input.len());
    match random.below(8) {
        0 => turn(input, at, |byte| byte ^ (1 << (length % 8))),
        1 => turn(input, at, |_| [0, 1, 0x7f, 0x80, 0xff, b'"', b'{', b'\n'][length % 8]),
        2 => input.truncate(at),
        3 => drop(input.drain(at..end)),
        4 => {
            let piece = input.get(at..end).unwrap_or_default().to_vec();
            input.splice(at..at, piece);
        }
        5 => input.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xff),
        6 => {
            let other = good.get(random.below(good.len())).map(Vec::as_slice).unwrap_or_default();
            let from = random.below(other.len());
            let piece = other.iter().skip(from).take(length).copied().collect::<Vec<u8>>();
            input.splice(at..end, piece);
        }
        _ => {
            let noise: Vec<u8> = (0..length % 16).map(|_| random.next().to_le_bytes()[0]).collect();
            input.splice(at..at, noise);
        }
    }
}

fn turn(input: &mut [u8], at: usize, how: impl Fn(u8) -> u8) {
    if let Some(byte) = input.get_mut(at) {
        *byte = how(*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_damages_alike_and_another_one_differently() {
        let good = vec![b"a good input".to_vec(), Vec::new()];
        let make =
            |seed| (0..50_u64).map(|step| damaged(&good, &mut Random::new(seed + step))).collect::<Vec<_>>();
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(1000));
    }
}

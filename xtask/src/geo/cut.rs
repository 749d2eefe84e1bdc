//! Cuts a city database to what can be shipped, where it costs least.
//!
//! Cutting every network to one prefix length ruins the answers for servers: hosting space really is
//! different every /24, home lines are noisy every /24. So an *operator's budget* is cut instead: an
//! operator may keep so many ranges; only above that its own blocks are made coarser, step by step,
//! until they fit. Clouds, content networks and hosters are exempt (`exempt-systems.txt`). Neighbouring
//! blocks whose places lie close together are joined everywhere, and IPv6 space that nobody announces is
//! dropped. The grain is /24 and /48.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use tapmap_core::Country;

use super::{
    merge::{Merged, Placed},
    networks::Networks,
    ranges::{Families, Range, append, meet},
};

/// Systems that are never cut to the common budget.
static EXEMPT: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let text = include_str!("exempt-systems.txt");
    text.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
});

/// How many ranges an operator may keep, and how near counts as the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budgets {
    /// Ranges of an operator, IPv4 and IPv6.
    pub(super) common: [usize; 2],
    /// Ranges of an exempt operator.
    pub(super) exempt: [usize; 2],
    /// Blocks are joined when their places lie within this of the common one, in kilometres ...
    pub(super) near_km: f64,
    /// ... but for this share of their addresses.
    pub(super) stray_share: f64,
}

impl Budgets {
    /// What the product ships.
    pub(crate) const PRODUCT: Self =
        Self { common: [8_000, 1_000], exempt: [60_000, 20_000], near_km: 25.0, stray_share: 0.02 };
}

/// What the families differ in.
struct Shape {
    bits: u32,
    /// The finest prefix that is kept.
    grain: u32,
    /// Blocks larger than this are never joined.
    top: u32,
    /// `top` of the last pass.
    final_top: u32,
    /// The steps by which an operator above its budget is made coarser.
    floors: &'static [u32],
    /// Whether space without an operator is dropped.
    announced_only: bool,
}

const IPV4: Shape = Shape {
    bits: 32,
    grain: 24,
    top: 8,
    final_top: 8,
    floors: &[24, 23, 22, 21, 20, 19, 18, 17, 16, 14, 12],
    announced_only: false,
};
const IPV6: Shape = Shape {
    bits: 128,
    grain: 48,
    top: 16,
    final_top: 24,
    floors: &[48, 46, 44, 42, 40, 38, 36, 34, 32, 30, 28, 24, 20],
    announced_only: true,
};

/// The cut: the same places in fewer ranges, special-purpose space left out.
pub(crate) fn cut(merged: &Placed, networks: &Networks, budgets: &Budgets) -> Placed {
    let family = |ranges: &[Range], systems: &[Range], shape: &Shape, number: usize| {
        let limits = [budgets.common[number], budgets.exempt[number]];
        let knife = Knife { places: &merged.places, budgets, shape };
        let joined = knife.join(ranges, shape.grain, shape.top);
        let kept = knife.keep_budgets(&joined, systems, limits);
        knife.join(&kept, shape.grain, shape.final_top)
    };
    let ranges = Families {
        v4: family(&merged.ranges.v4, &networks.ranges.v4, &IPV4, 0),
        v6: family(&merged.ranges.v6, &networks.ranges.v6, &IPV6, 1),
    };
    compact(ranges.only_public(), &merged.places)
}

/// Only the places that are still used, sorted by country and city.
fn compact(mut ranges: Families, places: &[Merged]) -> Placed {
    let mut used = vec![false; places.len()];
    for range in ranges.v4.iter().chain(&ranges.v6) {
        used[range.value as usize] = true;
    }
    let mut renumbered = vec![0_u32; places.len()];
    let mut kept = Vec::new();
    // The places come sorted by country and city from the merge.
    for (number, _) in used.iter().enumerate().filter(|(_, used)| **used) {
        renumbered[number] = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        kept.push(places[number].clone());
    }
    for range in ranges.v4.iter_mut().chain(&mut ranges.v6) {
        range.value = renumbered[range.value as usize];
    }
    Placed { families: ranges.counts(), ranges, places: kept }
}

/// Places of a block and how many addresses each has.
type Members = Vec<(u32, f64)>;

/// What became of a block.
enum Block {
    /// Nothing lies in it.
    Empty,
    /// It was given one place.
    Whole(Members),
    /// It keeps several ranges.
    Mixed,
}

struct Knife<'a> {
    places: &'a [Merged],
    budgets: &'a Budgets,
    shape: &'a Shape,
}

struct Pass<'a> {
    knife: &'a Knife<'a>,
    floor: u32,
    top: u32,
    output: Vec<Range>,
}

impl Knife<'_> {
    /// Joins blocks from the floor upwards as long as one place speaks for all.
    fn join(&self, ranges: &[Range], floor: u32, top: u32) -> Vec<Range> {
        let mut pass = Pass { knife: self, floor, top, output: Vec::new() };
        pass.block(ranges, 0, 0);
        let mut joined = Vec::new();
        for range in pass.output {
            append(&mut joined, range);
        }
        joined
    }

    /// Makes each operator's own space coarser until it keeps its budget.
    fn keep_budgets(&self, ranges: &[Range], systems: &[Range], limits: [usize; 2]) -> Vec<Range> {
        let mut operators: BTreeMap<u32, Vec<Range>> = BTreeMap::new();
        meet(ranges, systems, |piece, system| {
            append(operators.entry(system.map_or(0, |system| system.value)).or_default(), piece);
        });
        let mut kept = Vec::new();
        for (system, own) in operators {
            let limit = match system {
                0 if self.shape.announced_only => continue,
                0 => 10 * limits[0],
                _ if EXEMPT.contains(&system) => limits[1],
                _ => limits[0],
            };
            if own.len() <= limit {
                kept.extend(own);
                continue;
            }
            let mut coarse = Vec::new();
            for floor in self.shape.floors {
                coarse = self.join(&own, *floor, self.shape.top);
                if coarse.len() <= limit {
                    break;
                }
            }
            meet(&own, &coarse, |piece, speaks| {
                kept.push(Range { value: speaks.map_or(piece.value, |speaks| speaks.value), ..piece });
            });
        }
        kept.sort_unstable();
        let mut joined = Vec::new();
        for range in kept {
            append(&mut joined, range);
        }
        joined
    }

    /// The place that may speak for all: in one country, and the others near it but for a few strays.
    fn speaker(&self, members: &[(u32, f64)]) -> Option<u32> {
        /// More than this many places never come out as one; spares the quadratic look.
        const MOST_MEMBERS: usize = 48;
        let place = |number: u32| &self.places[number as usize];
        let country = place(members.first()?.0).country;
        if members.len() > MOST_MEMBERS || members.iter().any(|(number, _)| place(*number).country != country)
        {
            return None;
        }
        let cost = |speaker: u32| -> f64 {
            members.iter().map(|(number, weight)| weight * place(speaker).distance_km(place(*number))).sum()
        };
        let (speaker, _) = members
            .iter()
            .map(|(number, _)| (*number, cost(*number)))
            .min_by(|(_, one), (_, other)| one.total_cmp(other))?;
        let all: f64 = members.iter().map(|(_, weight)| weight).sum();
        let strays: f64 = members
            .iter()
            .filter(|(number, _)| place(speaker).distance_km(place(*number)) > self.budgets.near_km)
            .map(|(_, weight)| weight)
            .sum();
        (strays <= self.budgets.stray_share * all).then_some(speaker)
    }

    /// The heaviest place of the heaviest country, and only that country's members.
    fn majority(&self, ranges: &[Range], first: u128, last: u128) -> Option<(u32, f64)> {
        let mut members = Members::new();
        for range in ranges {
            let inside = Range { first: range.first.max(first), last: range.last.min(last), ..*range };
            add(&mut members, &[(range.value, inside.weight())]);
        }
        let country = |number: u32| self.places[number as usize].country;
        let mut countries: HashMap<Country, f64> = HashMap::new();
        for (number, weight) in &members {
            *countries.entry(country(*number)).or_default() += weight;
        }
        let heaviest =
            countries.iter().max_by(|one, other| one.1.total_cmp(other.1).then(other.0.cmp(one.0)))?;
        members.retain(|(number, _)| country(*number) == *heaviest.0);
        let (winner, _) =
            members.iter().max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)))?;
        Some((*winner, members.iter().map(|(_, weight)| weight).sum()))
    }
}

impl Pass<'_> {
    /// Handles the block of the given prefix length that begins at `first`; `ranges` meet it.
    fn block(&mut self, ranges: &[Range], first: u128, length: u32) -> Block {
        if ranges.is_empty() {
            return Block::Empty;
        }
        let above = 1_u128.checked_shl(self.knife.shape.bits - length).unwrap_or(0).wrapping_sub(1);
        let last = first + above;
        if let [only] = ranges
            && only.first <= first
            && only.last >= last
        {
            let whole = Range { first, last, value: only.value };
            self.output.push(whole);
            return Block::Whole(vec![(only.value, whole.weight())]);
        }
        if length >= self.floor {
            let Some((value, weight)) = self.knife.majority(ranges, first, last) else { return Block::Empty };
            self.output.push(Range { first, last, value });
            return Block::Whole(vec![(value, weight)]);
        }
        let middle = first + (above >> 1);
        let left = &ranges[..ranges.partition_point(|range| range.first <= middle)];
        let right = &ranges[ranges.partition_point(|range| range.last <= middle)..];
        let mark = self.output.len();
        let left = self.block(left, first, length + 1);
        let right = self.block(right, middle + 1, length + 1);
        if length < self.top {
            Block::Mixed
        } else {
            self.unite(left, right, Range { first, last, value: 0 }, mark)
        }
    }

    /// Replaces what both halves put out by one range, where one place speaks for both.
    fn unite(&mut self, left: Block, right: Block, whole: Range, mark: usize) -> Block {
        let (speaker, members) = match (left, right) {
            (Block::Empty, Block::Whole(members)) | (Block::Whole(members), Block::Empty) => {
                (self.output.last().map(|range| range.value), members)
            }
            (Block::Whole(mut members), Block::Whole(others)) => {
                add(&mut members, &others);
                (self.knife.speaker(&members), members)
            }
            _ => return Block::Mixed,
        };
        let Some(value) = speaker else { return Block::Mixed };
        self.output.truncate(mark);
        self.output.push(Range { value, ..whole });
        Block::Whole(members)
    }
}

fn add(members: &mut Members, others: &[(u32, f64)]) {
    for (number, weight) in others {
        match members.iter_mut().find(|(member, _)| member == number) {
            Some((_, sum)) => *sum += weight,
            None => members.push((*number, *weight)),
        }
    }
}

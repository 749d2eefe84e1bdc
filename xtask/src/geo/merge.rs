//! One place per city: the source knows a city by many points, which are drawn together.

use std::collections::BTreeMap;

use anyhow::Result;
use tapmap_core::{Coordinates, Country};

use super::{
    places::Source,
    ranges::{Families, Range, append},
};

/// Points of one city farther apart than this stay different places, in kilometres.
const SAME_CITY_KM: f64 = 20.0;
/// What a range of IPv6 weighs against one IPv4 address, when a city's point is averaged: next to
/// nothing, but more than nothing for cities that only IPv6 knows.
const IPV6_RANGE_WEIGHT: f64 = 0.01;

/// A place of the pack to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Merged {
    pub(crate) country: Country,
    pub(crate) city: String,
    pub(crate) point: Coordinates,
}

impl Merged {
    /// Distance to another place in kilometres.
    pub(crate) fn distance_km(&self, other: &Self) -> f64 {
        self.point.distance_km(other.point)
    }
}

/// Ranges and the places they speak of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placed {
    pub(crate) ranges: Families,
    pub(crate) places: Vec<Merged>,
    /// How many ranges each family has, for the report.
    pub(crate) families: [usize; 2],
}

struct Cluster {
    point: Coordinates,
    weight: f64,
    number: u32,
}

/// Draws the points of each city together, heaviest first; the result is their weighted mean.
pub(crate) fn merge(source: &Source) -> Result<Placed> {
    let weights = weights(source);
    let mut cities: BTreeMap<(Country, &str), Vec<usize>> = BTreeMap::new();
    for (number, place) in source.places.iter().enumerate() {
        cities.entry((place.country, &place.city)).or_default().push(number);
    }
    let mut placed = Placed::default();
    let mut renumbered = vec![0; source.places.len()];
    for ((country, city), mut members) in cities {
        members.sort_by(|one, other| weights[*other].total_cmp(&weights[*one]));
        let mut clusters: Vec<Cluster> = Vec::new();
        for member in members {
            let place = &source.places[member];
            let Some(point) = Coordinates::new(place.latitude, place.longitude) else { continue };
            let weight = weights[member].max(1e-6);
            let near = clusters.iter_mut().find(|cluster| cluster.point.distance_km(point) < SAME_CITY_KM);
            renumbered[member] = if let Some(cluster) = near {
                cluster.add(point, weight);
                cluster.number
            } else {
                let number = u32::try_from(placed.places.len() + clusters.len())?;
                clusters.push(Cluster { point, weight, number });
                number
            };
        }
        let merged = |cluster: &Cluster| Merged { country, city: city.to_owned(), point: cluster.point };
        placed.places.extend(clusters.iter().map(merged));
    }
    let renumber = |from: &[Range]| {
        let mut ranges = Vec::new();
        for range in from {
            append(&mut ranges, Range { value: renumbered[range.value as usize], ..*range });
        }
        ranges
    };
    placed.ranges = Families { v4: renumber(&source.ranges.v4), v6: renumber(&source.ranges.v6) };
    Ok(placed)
}

fn weights(source: &Source) -> Vec<f64> {
    let mut weights = vec![0.0; source.places.len()];
    for range in &source.ranges.v4 {
        weights[range.value as usize] += range.weight();
    }
    for range in &source.ranges.v6 {
        weights[range.value as usize] += IPV6_RANGE_WEIGHT;
    }
    weights
}

impl Cluster {
    fn add(&mut self, point: Coordinates, weight: f64) {
        let total = self.weight + weight;
        let mean = |own: f64, other: f64| (own * self.weight + other * weight) / total;
        self.point = Coordinates {
            latitude: mean(self.point.latitude, point.latitude),
            longitude: mean(self.point.longitude, point.longitude),
        };
        self.weight = total;
    }
}

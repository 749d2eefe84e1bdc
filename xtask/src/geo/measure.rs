//! Compares the cut with its source: how far answers moved, and how precise each range therefore is.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::Result;
use tapmap_core::{Coordinates, Country};
use tapmap_enrich::pack::ACCURACY_KM;

use super::{
    merge::Placed,
    networks::Networks,
    places::Source,
    ranges::{Range, meet},
};

/// The share of a range's addresses for which its accuracy has to hold.
const SHARE_WITHIN: f64 = 0.95;

/// What the comparison found.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// Per range of the cut its precision, 0 to 3.
    pub(crate) precision: [Vec<u8>; 2],
    /// Per country the kilometres within which 95 % of its addresses of precision 3 lie.
    pub(crate) spreads: BTreeMap<Country, u16>,
    families: [Family; 2],
}

#[derive(Debug, Default)]
struct Family {
    /// Distance of every piece of the source from its answer, and its weight; sorted by distance.
    moved: Vec<(f64, f64)>,
    all: f64,
    other_country: f64,
    /// Addresses the source answers and the cut does not.
    unanswered: f64,
    /// Addresses per precision, and how many of them lie within what the precision says.
    by_precision: [(f64, f64); 4],
}

/// Compares every address; of IPv6 only what somebody announces: the source speaks of all of
/// `2000::/3`, and what it says of space that is not in use means nothing.
pub(crate) fn measure(source: &Source, cut: &Placed, networks: &Networks) -> Measured {
    let mut announced = Vec::new();
    meet(&source.ranges.v6, &networks.ranges.v6, |piece, system| announced.extend(system.map(|_| piece)));
    let pairs = [(&source.ranges.v4, &cut.ranges.v4), (&announced, &cut.ranges.v6)];
    let comparisons = pairs.map(|(from, to)| Comparison::new(source, cut, from, to));
    let precision = [0, 1].map(|number: usize| comparisons[number].precision());
    let mut spreads = BTreeMap::new();
    for (comparison, precision) in comparisons.iter().zip(&precision) {
        for (country, spread) in comparison.spreads(precision) {
            let largest: &mut u16 = spreads.entry(country).or_default();
            *largest = spread.max(*largest);
        }
    }
    let families = [0, 1].map(|number: usize| comparisons[number].family(&precision[number], &spreads));
    Measured { precision, spreads, families }
}

struct Comparison<'a> {
    source: &'a Source,
    cut: &'a Placed,
    from: &'a [Range],
    to: &'a [Range],
    /// `to`, numbered.
    numbered: Vec<Range>,
    points: Vec<Coordinates>,
}

impl<'a> Comparison<'a> {
    fn new(source: &'a Source, cut: &'a Placed, from: &'a [Range], to: &'a [Range]) -> Self {
        let number =
            |(number, range): (usize, &Range)| Range { value: u32::try_from(number).unwrap_or(0), ..*range };
        // What the pack will answer: hundredths of a degree.
        let rounded = |degrees: f64| (degrees * 100.0).round() / 100.0;
        let points = cut.places.iter().map(|place| Coordinates {
            latitude: rounded(place.point.latitude),
            longitude: rounded(place.point.longitude),
        });
        Self {
            source,
            cut,
            from,
            to,
            numbered: to.iter().enumerate().map(number).collect(),
            points: points.collect(),
        }
    }

    fn country(&self, number: usize) -> Country {
        self.cut.places[self.to[number].value as usize].country
    }

    /// Calls with each piece's range in the cut, its distance, its weight and whether the country holds.
    fn each(&self, mut each: impl FnMut(usize, f64, f64, bool)) {
        meet(self.from, &self.numbered, |piece, answer| {
            if let Some(answer) = answer {
                let number = answer.value as usize;
                let truth = &self.source.places[piece.value as usize];
                let truth_point = Coordinates { latitude: truth.latitude, longitude: truth.longitude };
                let distance = self.points[self.to[number].value as usize].distance_km(truth_point);
                each(number, distance, piece.weight(), truth.country == self.country(number));
            }
        });
    }

    /// The finest precision that holds for [`SHARE_WITHIN`] of the addresses of each range.
    fn precision(&self) -> Vec<u8> {
        let mut within = vec![[0.0_f64; 4]; self.to.len()];
        self.each(|number, distance, weight, same_country| {
            let step = ACCURACY_KM
                .iter()
                .position(|limit| distance <= f64::from(*limit) && same_country)
                .unwrap_or(3);
            within[number][step] += weight;
        });
        let finest = |weights: &[f64; 4]| {
            let all: f64 = weights.iter().sum();
            let mut sum = 0.0;
            let step = weights.iter().take(3).position(|weight| {
                sum += weight;
                sum >= SHARE_WITHIN * all
            });
            step.and_then(|step| u8::try_from(step).ok()).unwrap_or(3)
        };
        within.iter().map(finest).collect()
    }

    /// Per country, within how many kilometres the addresses lie that really are in that country.
    fn spreads(&self, precision: &[u8]) -> BTreeMap<Country, u16> {
        let mut far: BTreeMap<Country, Vec<(f64, f64)>> = BTreeMap::new();
        self.each(|number, distance, weight, same_country| {
            if precision[number] == 3 && same_country {
                far.entry(self.country(number)).or_default().push((distance, weight));
            }
        });
        let spread = |mut distances: Vec<(f64, f64)>| {
            distances.sort_by(|one, other| one.0.total_cmp(&other.0));
            whole_kilometres(quantile(&distances, SHARE_WITHIN).max(f64::from(ACCURACY_KM[2])))
        };
        far.into_iter().map(|(country, distances)| (country, spread(distances))).collect()
    }

    fn family(&self, precision: &[u8], spreads: &BTreeMap<Country, u16>) -> Family {
        let mut family = Family { all: self.from.iter().map(Range::weight).sum(), ..Family::default() };
        self.each(|number, distance, weight, same_country| {
            let step = usize::from(precision[number]);
            let stated = ACCURACY_KM
                .get(step)
                .copied()
                .unwrap_or_else(|| spreads.get(&self.country(number)).copied().unwrap_or_default().into());
            family.moved.push((distance, weight));
            family.by_precision[step].0 += weight;
            family.by_precision[step].1 += if distance <= f64::from(stated) { weight } else { 0.0 };
            family.other_country += if same_country { 0.0 } else { weight };
        });
        family.moved.sort_by(|one, other| one.0.total_cmp(&other.0));
        family.unanswered = family.all - family.moved.iter().map(|(_, weight)| weight).sum::<f64>();
        family
    }
}

/// The distance below which the share of the weight lies.
fn quantile(sorted: &[(f64, f64)], share: f64) -> f64 {
    let wanted = share * sorted.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut sum = 0.0;
    let found = sorted.iter().find(|(_, weight)| {
        sum += weight;
        sum >= wanted
    });
    found.or(sorted.last()).map_or(0.0, |(distance, _)| *distance)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "distances on Earth fit, none is negative"
)]
fn whole_kilometres(distance: f64) -> u16 {
    distance.ceil() as u16
}

impl Measured {
    /// The accuracy report.
    pub(crate) fn report(&self) -> Result<String> {
        let mut text = String::from("How far answers moved from the source, by address space:\n");
        for (name, family) in ["IPv4", "IPv6"].into_iter().zip(&self.families) {
            if family.moved.is_empty() {
                writeln!(text, "{name}: nothing")?;
                continue;
            }
            let answered = family.all - family.unanswered;
            let moved = |share| quantile(&family.moved, share);
            let far: f64 = family.moved.iter().filter(|(km, _)| *km > 100.0).map(|(_, weight)| weight).sum();
            let share = |part: f64, whole: f64| if whole > 0.0 { 100.0 * part / whole } else { 0.0 };
            writeln!(
                text,
                "{name}: p50 {:.1} km, p75 {:.1} km, p90 {:.1} km, p99 {:.0} km; more than 100 km {:.2} %; \
                 country changed {:.3} %; not answered {:.2} %",
                moved(0.5),
                moved(0.75),
                moved(0.9),
                moved(0.99),
                share(far, answered),
                share(family.other_country, answered),
                share(family.unanswered, family.all),
            )?;
            let steps = ["the city, 5 km", "near, 25 km", "the region, 200 km", "the country"];
            for (step, (all, within)) in steps.iter().zip(family.by_precision) {
                writeln!(
                    text,
                    "  {step:20} {:6.2} % of the space, true for {:6.2} %",
                    share(all, answered),
                    share(within, all)
                )?;
            }
        }
        text.push_str("\nWhere only the country is known, 95 % lie within (km):");
        for (country, spread) in &self.spreads {
            write!(text, " {} {spread}", country.code())?;
        }
        text.push('\n');
        Ok(text)
    }
}

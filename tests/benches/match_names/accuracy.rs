//! Accuracy of the first hit at every threshold and at the bands.
use candor_matcher::{Index, POSSIBLE_SCORE, PROBABLE_SCORE, Profile, Record, band_of_score};
use candor_schema::gate::MatchBand;

use crate::labeled::{Labeled, Named};
use crate::plot::plot;

/// The first hit for one name.
pub struct Hit {
    /// Whether the name's firm is known.
    known: bool,
    /// Whether the hit is that firm.
    right: bool,
    /// Score; none without a hit.
    score: f32,
    /// Whether the name is in the reported half; thresholds are chosen on the other half.
    reported: bool,
}

/// Accuracy if every first hit at or above a threshold is accepted.
pub struct Point {
    pub threshold: f32,
    /// Share of accepted hits that are right.
    pub precision: f64,
    /// The same for names with a known firm: the labels omit some firms.
    closed: f64,
    /// Share of names with a known firm that are matched correctly.
    pub recall: f64,
}

impl Point {
    fn at(threshold: f32, hits: &[&Hit]) -> Self {
        let count = |counts: &dyn Fn(&Hit) -> bool| hits.iter().filter(|hit| counts(hit)).count();
        let accepted = count(&|hit| hit.score >= threshold);
        let closed = count(&|hit| hit.score >= threshold && hit.known);
        let right = count(&|hit| hit.score >= threshold && hit.right);
        Self {
            threshold,
            precision: share(right, accepted),
            closed: share(right, closed),
            recall: share(right, count(&|hit| hit.known)),
        }
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        let sum = self.precision + self.recall;
        if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 }
    }

    fn print(&self, what: &str) {
        println!(
            "  {what:<14} {:>9.2} {:>10.3} {:>8.3} {:>7.3} {:>17.3}",
            self.threshold,
            self.precision,
            self.recall,
            self.f1(),
            self.closed
        );
    }
}

/// Returns a part of a whole, in [0, 1]; 1 if the whole is 0.
pub fn share(part: usize, whole: usize) -> f64 {
    let number = |count| f64::from(u32::try_from(count).expect("fewer than four billion"));
    if whole == 0 { 1.0 } else { number(part) / number(whole) }
}

/// Prints the accuracy on both halves and plots it.
pub fn measure(labeled: &Labeled) {
    let hits = hits(labeled);
    println!(
        "{} names to find among {} ({}), the first hit of each:",
        labeled.queries.len(),
        labeled.known.len(),
        labeled.source
    );
    let half = |reported| hits.iter().filter(|hit| hit.reported == reported).collect::<Vec<_>>();
    let (chosen_on, reported_on) = (half(false), half(true));
    let (chosen, reported) = (curve(&chosen_on), curve(&reported_on));
    let best = chosen.iter().max_by(|one, other| one.f1().total_cmp(&other.f1()));
    let best = best.expect("a threshold").threshold;
    for (name, hits, points) in [
        ("the half to choose a threshold on", &chosen_on, &chosen),
        ("the half to report on", &reported_on, &reported),
    ] {
        println!("\n{name}:");
        top(hits);
        header();
        for point in points {
            point.print("");
        }
        bands(hits);
        Point::at(best, hits).print("chosen");
    }
    println!("\nboth halves:");
    let all: Vec<&Hit> = hits.iter().collect();
    top(&all);
    header();
    bands(&all);
    let path = plot(&reported, labeled.source);
    println!("\nplotted, of the half to report on: {}", path.display());
}

fn top(hits: &[&Hit]) {
    let known = hits.iter().filter(|hit| hit.known).count();
    let right = hits.iter().filter(|hit| hit.right).count();
    println!(
        "  {} names, {known} of them of a known firm; found first: {right}, {:.4}",
        hits.len(),
        share(right, known)
    );
}

fn header() {
    println!("                 threshold  precision   recall      F1  precision, known");
}

/// Prints the accuracy at the matcher's own thresholds.
fn bands(hits: &[&Hit]) {
    Point::at(POSSIBLE_SCORE, hits).print("POSSIBLE");
    Point::at(PROBABLE_SCORE, hits).print("PROBABLE");
    let exact =
        hits.iter().filter(|hit| band_of_score(hit.score) == Some(MatchBand::Exact)).count();
    println!("  EXACT          {exact} hits: it requires an identifier, and these are only names");
}

fn curve(hits: &[&Hit]) -> Vec<Point> {
    (1..20_u8).map(|twentieths| Point::at(f32::from(twentieths) / 20.0, hits)).collect()
}

fn hits(labeled: &Labeled) -> Vec<Hit> {
    let mut index = Index::new();
    for known in &labeled.known {
        index.insert(&Record::from_name(&*known.name));
    }
    let hit = |query: &Named| {
        let results = index.search(&Profile::from_name(&query.name), 1, 0.0);
        let top = results.first();
        let firm = top.and_then(|top| {
            labeled.known.get(usize::try_from(top.record.number()).ok()?)?.firm.as_deref()
        });
        Hit {
            known: query.firm.is_some(),
            right: query.firm.is_some() && firm == query.firm.as_deref(),
            score: top.map_or(0.0, |top| top.score),
            reported: is_reported(&query.name),
        }
    };
    labeled.queries.iter().map(hit).collect()
}

/// Returns the half of a name, from a hash of its letters, so that it does not depend on other
/// names.
pub fn is_reported(name: &str) -> bool {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 33 & 1 == 1
}

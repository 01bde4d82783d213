//! How right the first hit is: at every threshold, and where the bands begin.
use candor_schema::award::matcher::{Index, POSSIBLE_SCORE, PROBABLE_SCORE, Profile, Record};
use candor_schema::gate::MatchBand;

use crate::labelled::{Labelled, Named};
use crate::plot::plot;

/// The first hit of one name.
pub struct Hit {
    /// Whether the firm asked for is among those known.
    known: bool,
    /// Whether it is the one that was found.
    right: bool,
    /// Nothing, where nothing was found.
    score: f32,
    /// Its half: thresholds are chosen on one, and reported on the other.
    reported: bool,
}

/// What comes of taking every first hit from a threshold on.
pub struct Point {
    pub threshold: f32,
    /// Of all hits taken, how many are right.
    pub precision: f64,
    /// The same among names whose firm is known: the labels miss some firms that are.
    closed: f64,
    /// Of all names whose firm is known, how many are found right.
    pub recall: f64,
}

impl Point {
    fn at(threshold: f32, hits: &[&Hit]) -> Self {
        let count = |counts: &dyn Fn(&Hit) -> bool| hits.iter().filter(|hit| counts(hit)).count();
        let taken = count(&|hit| hit.score >= threshold);
        let closed = count(&|hit| hit.score >= threshold && hit.known);
        let right = count(&|hit| hit.score >= threshold && hit.right);
        Self {
            threshold,
            precision: share(right, taken),
            closed: share(right, closed),
            recall: share(right, count(&|hit| hit.known)),
        }
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        let sum = self.precision + self.recall;
        if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 }
    }

    fn tell(&self, what: &str) {
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

/// A part of a whole, in [0, 1]; of nothing, all of it.
pub fn share(part: usize, whole: usize) -> f64 {
    let number = |count| f64::from(u32::try_from(count).expect("fewer than four billion"));
    if whole == 0 { 1.0 } else { number(part) / number(whole) }
}

/// Tells how right it is on either half of the labelled names and draws it.
pub fn measured(labelled: &Labelled) {
    let hits = hits(labelled);
    println!(
        "{} names to find among {} ({}), the first hit of each:",
        labelled.asked.len(),
        labelled.known.len(),
        labelled.source
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
            point.tell("");
        }
        bands(hits);
        Point::at(best, hits).tell("chosen");
    }
    println!("\nboth halves:");
    let all: Vec<&Hit> = hits.iter().collect();
    top(&all);
    header();
    bands(&all);
    let path = plot(&reported, labelled.source);
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

/// What the thresholds that the matcher itself has come to.
fn bands(hits: &[&Hit]) {
    Point::at(POSSIBLE_SCORE, hits).tell("POSSIBLE");
    Point::at(PROBABLE_SCORE, hits).tell("PROBABLE");
    let exact =
        hits.iter().filter(|hit| MatchBand::from_score(hit.score) == Some(MatchBand::Exact)).count();
    println!("  EXACT          {exact} hits: it takes an identifier, and these are names alone");
}

fn curve(hits: &[&Hit]) -> Vec<Point> {
    (1..20_u8).map(|twentieths| Point::at(f32::from(twentieths) / 20.0, hits)).collect()
}

fn hits(labelled: &Labelled) -> Vec<Hit> {
    let mut index = Index::new();
    for known in &labelled.known {
        index.insert(&Record::from_name(&*known.name));
    }
    let hit = |asked: &Named| {
        let found = index.search(&Profile::from_name(&asked.name), 1, 0.0);
        let top = found.first();
        let firm = top.and_then(|top| {
            labelled.known.get(usize::try_from(top.record.number()).ok()?)?.firm.as_deref()
        });
        Hit {
            known: asked.firm.is_some(),
            right: asked.firm.is_some() && firm == asked.firm.as_deref(),
            score: top.map_or(0.0, |top| top.score),
            reported: is_reported(&asked.name),
        }
    };
    labelled.asked.iter().map(hit).collect()
}

/// Which half a name is of: by its own letters, so that it stays there when others come and go.
fn is_reported(name: &str) -> bool {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 33 & 1 == 1
}

//! Accuracy and speed of the name matcher on labeled names, on firms known by identifiers, and with
//! up to 80,000 names in memory; and pairs of names, with the false alarms.
//!
//! `cargo bench -p candor-tests --bench match_names`
//!
//! With `CANDOR_PUBLIC_DATA` set to the folder of public data, which is not in the repository, it
//! measures on that; otherwise on a small sample, which only shows that the benchmark works.
use std::path::PathBuf;

use crate::accuracy::measure;
use crate::identities::{identities, recipients};
use crate::innocents::innocents;
use crate::labeled::Labeled;
use crate::pairs::pairs;
use crate::speed::speed;

mod accuracy;
mod identities;
mod innocents;
mod labeled;
mod pairs;
mod plot;
mod rows;
mod speed;

fn main() {
    let folder = std::env::var_os("CANDOR_PUBLIC_DATA").map(PathBuf::from);
    let labeled = match &folder {
        Some(folder) => Labeled::public(folder),
        None => Labeled::sample(),
    };
    measure(&labeled);
    let known = labeled.known.iter().map(|known| known.name.clone());
    pairs(folder.as_deref().map_or_else(|| known.collect(), recipients));
    match &folder {
        Some(folder) => {
            identities(folder);
            innocents(folder);
        }
        None => println!(
            "\nLEFT OUT: firms known by their identifiers. Run it with CANDOR_PUBLIC_DATA=<the \
             folder that has {}>",
            identities::AWARDS,
        ),
    }
    speed(folder.as_deref(), &labeled);
}

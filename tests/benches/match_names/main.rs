//! Accuracy and speed of the name matcher on labeled names, on firms known by identifiers, and with
//! up to 80,000 names in memory.
//!
//! `cargo bench -p candor-tests --bench match_names`
//!
//! With `CANDOR_PUBLIC_DATA` set to the folder of public data, which is not in the repository, it
//! measures on that; otherwise on a small sample, which only shows that the benchmark works.
use std::path::PathBuf;

use crate::accuracy::measure;
use crate::identities::identities;
use crate::labeled::Labeled;
use crate::speed::speed;

mod accuracy;
mod identities;
mod labeled;
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
    match &folder {
        Some(folder) => identities(folder),
        None => println!(
            "\nLEFT OUT: firms known by their identifiers. Run it with CANDOR_PUBLIC_DATA=<the \
             folder that has {}>",
            identities::AWARDS,
        ),
    }
    speed(folder.as_deref(), &labeled);
}

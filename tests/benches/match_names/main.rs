//! How right and how fast the matcher of names is: on labelled names, on firms that are known by
//! their identifiers, and with up to 80,000 names in memory.
//!
//! `cargo bench -p candor-tests --bench match_names`
//!
//! With `CANDOR_PUBLIC_DATA` naming the folder of public data that is not in the tree, it measures
//! on those; without, on a small sample of our own, which shows that all works and little more.
use std::path::PathBuf;

use crate::accuracy::measured;
use crate::identities::identities;
use crate::labelled::Labelled;
use crate::speed::speed;

mod accuracy;
mod identities;
mod labelled;
mod plot;
mod rows;
mod speed;

fn main() {
    let folder = std::env::var_os("CANDOR_PUBLIC_DATA").map(PathBuf::from);
    let labelled = match &folder {
        Some(folder) => Labelled::public(folder),
        None => Labelled::sample(),
    };
    measured(&labelled);
    match &folder {
        Some(folder) => identities(folder),
        None => println!(
            "\nLEFT OUT: firms known by their identifiers. Run it with CANDOR_PUBLIC_DATA=<the \
             folder that has {}>",
            identities::AWARDS,
        ),
    }
    speed(folder.as_deref(), &labelled);
}

//! Pure rules of awards and matches.
mod coverage;
mod file_row;
mod firm;
mod merged;

pub use coverage::{agreement_sha256, find_coverage};
pub use file_row::problem;
pub use firm::{Firm, SearchRecord, relation_scope};
pub use merged::{FirmMatches, select_counting};

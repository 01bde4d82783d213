//! Pure rules of awards and matches.
mod coverage;
mod file_row;
mod firm;

pub use coverage::{agreement_sha256, find_coverage};
pub use file_row::problem;
pub use firm::{Firm, SearchRecord, relation_scope};

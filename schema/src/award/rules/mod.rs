//! Pure rules of awards and matches.
mod coverage;
mod firm;
mod file_row;

pub use coverage::{agreement_sha256, find_coverage};
pub use firm::{SearchRecord, Firm, relation_scope};
pub use file_row::problem;

//! What is decided of awards and matches from models alone.
mod coverage;
mod firm;
mod row;

pub use coverage::{agreement_sha256, find_coverage};
pub use firm::{SearchRecord, Firm, scope_of};
pub use row::problem;

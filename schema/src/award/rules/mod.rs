//! What is decided of awards and matches from models alone.
mod coverage;
mod firm;
mod row;

pub use coverage::{agreement_sha256, coverage};
pub use firm::{Around, Firm, scope_of};
pub use row::problem;

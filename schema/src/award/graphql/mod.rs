//! How clients see federal awards and their matches.
mod award;
mod found;
mod named;
mod operations;

pub use award::FederalAward;
pub use found::{AwardMatch, match_include};
pub use operations::{AwardMutation, AwardQuery};

//! GraphQL types and operations of federal awards and their matches.
mod award;
mod award_match;
mod name_match;
mod operations;

pub use award::FederalAward;
pub use award_match::{AwardMatch, match_include};
pub use operations::{AwardMutation, AwardQuery};

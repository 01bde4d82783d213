//! The tables of federal awards, their recipients and their matches.
pub mod appeal;
pub mod award;
pub mod found;
pub mod holder;
pub mod import;
pub mod matched;
pub mod recipient;
pub mod revision;
pub mod to_match;
pub mod transaction;

//! What federal awards, and their matches with organizations, are made of.
mod row;

pub use row::{Agency, AwardKind, AwardRow, Recipient, Told};

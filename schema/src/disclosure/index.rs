//! What each filing discloses, in rows: for whoever screens by it. Written by this feature alone.
pub use super::entity::disclosed::{agreement, arrangement, category, nature, summary, total};

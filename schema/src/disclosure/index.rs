//! The screening rows of each filing, for other features to query. Only this feature writes them.
pub use super::entity::disclosed::{agreement, arrangement, category, nature, summary, total};

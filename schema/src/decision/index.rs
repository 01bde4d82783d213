//! The rows of each decision's findings, for screening queries. Only this feature writes them.
pub use super::entity::finding::{Column, Entity};

//! What each decision finds, in rows: for whoever screens by it. Written by this feature alone.
pub use super::entity::finding::{Column, Entity};

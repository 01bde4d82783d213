//! The tables of decisions and of what they find.
pub mod decision;
pub mod finding;

//! The tables of decisions and their findings.
pub mod decision;
pub mod finding;

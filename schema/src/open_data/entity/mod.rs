//! The database views of open data.
pub mod addendum;
pub mod amendment;
pub mod bid;
pub mod component;
pub mod contract;
pub mod disclosure;
pub mod party;
pub mod process;
pub mod tender;

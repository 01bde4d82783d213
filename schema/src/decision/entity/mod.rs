//! The tables of decisions and their findings, and of the parties of the subjects.
pub mod bid_member;
pub mod bid_standing;
pub mod bid_subcontractor;
pub mod contract_member;
pub mod contract_subcontractor;
pub mod decision;
pub mod finding;
pub mod substitution;

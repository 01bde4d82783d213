//! The tables of contracts, their terms and parties, contract actions and award attempts.
pub mod attempt;
pub mod contract;
pub mod member;
pub mod renewal;
pub mod subcontractor;
pub mod term;

//! The tables of contracts and their terms, contract actions and award attempts.
pub mod attempt;
pub mod contract;
pub mod renewal;
pub mod term;

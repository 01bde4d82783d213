//! The tables of contracts and of what carries them on.
pub mod attempt;
pub mod contract;
pub mod member;
pub mod renewal;
pub mod subcontractor;
pub mod term;

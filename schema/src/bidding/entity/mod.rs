//! The tables of solicitations, addenda and bids.
pub mod addendum;
pub mod bid;
pub mod solicitation;

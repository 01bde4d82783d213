//! The tables of solicitations, addenda, bids, members and subcontractors.
pub mod addendum;
pub mod bid;
pub mod member;
pub mod solicitation;
pub mod subcontractor;

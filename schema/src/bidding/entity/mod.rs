//! The tables of solicitations, their addenda, bids and the subcontractors that bids name.
pub mod addendum;
pub mod bid;
pub mod member;
pub mod solicitation;
pub mod subcontractor;

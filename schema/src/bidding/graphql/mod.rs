//! The GraphQL types, queries and mutations of solicitations and bids.
mod bid;
mod loader;
mod operations;
mod solicitation;
mod suspension_preview;

pub use bid::{Bid, bid_include, list_own_bids};
pub use loader::SolicitationBidsLoader;
pub use operations::{BiddingMutation, BiddingQuery};
pub use solicitation::{Solicitation, solicitation_include};

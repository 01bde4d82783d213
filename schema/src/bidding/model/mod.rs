//! What solicitations and bids are made of.
mod bid;
mod solicitation;

pub use bid::{BidId, BidInput, BidOrder, BidOrderField, BidStatus, SubcontractorInput};
pub use solicitation::{
    OrderDirection, SolicitationAmendment, SolicitationId, SolicitationInput, SolicitationOrder,
    SolicitationOrderField, SolicitationStatus,
};

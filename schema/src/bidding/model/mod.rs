//! The values, statuses and inputs of solicitations and bids.
mod bid;
mod solicitation;

pub use bid::{BidId, BidInput, BidOrder, BidOrderField, BidStatus, SubcontractorInput};
pub use solicitation::{
    OrderDirection, SolicitationAmendment, SolicitationId, SolicitationInput, SolicitationOrder,
    SolicitationOrderField, SolicitationStatus,
};

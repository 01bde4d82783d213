//! The values, states and inputs of solicitations and bids.
mod bid;
mod solicitation;

pub use bid::{
    BidDecision, BidId, BidInput, BidOrder, BidOrderField, BidRecord, BidState, BidStatus,
};
pub use solicitation::{
    Addendum, OrderDirection, Publication, SolicitationAmendment, SolicitationId,
    SolicitationInput, SolicitationOrder, SolicitationOrderField, SolicitationRecord,
    SolicitationState, SolicitationStatus,
};

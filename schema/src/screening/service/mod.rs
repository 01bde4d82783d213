//! Use cases of screening. Each checks the viewer's role, validates the filter and loads the
//! requested children of the rows.
mod compensation;
mod exposure;
mod review_queue;
mod screen_bids;
mod screen_contracts;
mod simulate_policy;

pub use compensation::{CompensationTotal, ComponentTotal};
pub use exposure::{Exposure, ExposureKey, ExposureTotals, load_exposure};
pub use review_queue::{QueueInclude, QueueItem, review_queue};
pub use screen_bids::{
    ScreenedBid, ScreenedBidInclude, count_facets, screen_bids, validate_bid_filter,
};
pub use screen_contracts::{
    ScreenedContract, ScreenedContractInclude, count_due_by_month, screen_contracts,
    validate_contract_filter,
};
pub use simulate_policy::{ChangedSubject, PolicySimulation, simulate_policy};

pub use super::store::{BidFacetCounts, RequestedFacets, ValueCounts};

use crate::page::PageArguments;

/// A requested page of a screening, with the requested children of its rows.
#[derive(Clone, Copy, Debug)]
pub struct ListRequest<'a, I> {
    pub arguments: &'a PageArguments,
    /// Whether to count all matching rows.
    pub with_total: bool,
    pub include: I,
}

const SCREENING_IS_FOR_STAFF: &str = "only City staff may screen bids and contracts";

//! Use cases of screening. Each checks the viewer's role, validates the filter and loads the
//! requested children of the rows.
mod exposure;
mod review_queue;
mod screen_bids;
mod screen_contracts;
mod simulate_policy;
mod compensation;

pub use exposure::{ExposureTotals, Exposure, ExposureKey, load_exposure};
pub use review_queue::{QueueInclude, QueueItem, review_queue};
pub use screen_bids::{ScreenedBidInclude, ScreenedBid, validate_bid_filter, count_facets, screen_bids};
pub use screen_contracts::{
    ScreenedContractInclude, ScreenedContract, validate_contract_filter, count_due_by_month, screen_contracts,
};
pub use simulate_policy::{ChangedSubject, PolicySimulation, simulate_policy};
pub use compensation::{ComponentTotal, CompensationTotal};

pub use super::store::{RequestedFacets, BidFacetCounts, ValueCounts};

use crate::organization::model::Role;
use crate::page::PageArguments;

/// A requested page of a screening, with the requested children of its rows.
#[derive(Clone, Copy, Debug)]
pub struct ListRequest<'a, I> {
    pub arguments: &'a PageArguments,
    /// Whether to count all matching rows.
    pub with_total: bool,
    pub include: I,
}

/// The roles that may screen bids and contracts.
const SCREENING_ROLES: [Role; 6] = [
    Role::BcaReviewer,
    Role::BcaSupervisor,
    Role::CaoAnalyst,
    Role::Auditor,
    Role::Admin,
    Role::ContractOfficer,
];
const SCREENING_IS_FOR_STAFF: &str = "only City staff may screen bids and contracts";

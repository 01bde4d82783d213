//! Use cases of screening: who may, what is asked, what each row carries.
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

/// Who screens.
const SCREENING_ROLES: [Role; 6] = [
    Role::BcaReviewer,
    Role::BcaSupervisor,
    Role::CaoAnalyst,
    Role::Auditor,
    Role::Admin,
    Role::ContractOfficer,
];
const SCREENING_IS_FOR_STAFF: &str = "only the City's staff screens bids and contracts";

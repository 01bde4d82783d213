//! Use cases of screening. Each checks the viewer's role, validates the filter and loads the
//! requested children of the rows.
mod compensation;
mod contract_counts;
mod exports;
mod exposure;
mod firm_desk;
mod item_objects;
mod reconcile;
mod renewals_due;
mod review_queue;
mod screen_bids;
mod screen_contracts;
mod simulate_policy;

pub use compensation::{CompensationTotal, ComponentTotal};
pub use contract_counts::{
    ContractCount, count_contract_facets, count_contracts_by_department, count_contracts_by_month,
};
pub use exports::{
    export_bids, export_contracts, validate_bid_export, validate_contract_export,
    validate_renewals_due_export,
};
pub use exposure::{Exposure, ExposureKey, ExposureTotals, load_exposure};
pub use firm_desk::{WaitingItem, list_waiting};
pub use item_objects::ItemInclude;
pub use reconcile::{
    ReconcileCandidate, ReconcilePreview, ReconcileQuery, ReconciledKind, find_reconcile_preview,
    reconcile, suggest_entities,
};
pub use renewals_due::{RenewalsDue, renewals_due};
pub use review_queue::{QueueInclude, QueueItem, review_queue};
pub use screen_bids::{
    ScreenedBid, ScreenedBidInclude, count_facets, screen_bids, validate_bid_filter,
};
pub use screen_contracts::{
    ScreenedContract, ScreenedContractInclude, screen_contracts, validate_contract_filter,
};
pub use simulate_policy::{ChangedSubject, PolicySimulation, simulate_policy};

pub use super::entity::bid_export::Model as BidExport;
pub use super::entity::contract_export::Model as ContractExport;
pub use super::entity::screened_bid::Model as ScreenedBidRow;
pub use super::entity::screened_contract::Model as ScreenedContractRow;
pub use super::store::{BidFacetCounts, ContractFacetCounts, RequestedFacets, ValueCounts};

const SCREENING_IS_FOR_STAFF: &str = "only City staff may screen bids and contracts";

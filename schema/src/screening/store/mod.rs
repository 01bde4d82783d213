//! All SQL of screening. Each statement applies the viewer's row filter.
mod active_contracts;
mod facets;
mod firm_desk;
mod large_sums;
mod review_queue;
mod screen_bids;
mod screen_contracts;

pub use active_contracts::{ActiveContracts, active_contracts_on};
pub use facets::{BidFacetCounts, RequestedFacets, ValueCounts, count_facets};
pub use firm_desk::{WaitingWindow, list_waiting};
pub use review_queue::list_queue;
pub use screen_bids::{export_bids, list_bids, list_decided_bids, select_bids};
pub use screen_contracts::{
    ContractFacetCounts, ContractGroup, count_by_department, count_by_end_date,
    count_contract_facets, export_contracts, list_contract_ids, list_contracts,
};

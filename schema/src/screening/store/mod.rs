//! All SQL of screening. Each statement applies the viewer's row filter.
mod agreements;
mod disclosure_criteria;
mod facets;
mod active_contracts;
mod review_queue;
mod screen_bids;
mod screen_contracts;

pub use agreements::{Agreements, load_agreements};
pub use facets::{RequestedFacets, BidFacetCounts, ValueCounts, count_facets};
pub use active_contracts::{ActiveContracts, DayPeriod, active_contracts_on};
pub use review_queue::list_queue;
pub use screen_bids::{list_decided_bids, list_bids, select_bids};
pub use screen_contracts::{list_contract_ids, count_by_end_date, list_contracts};

//! The database views of screening.
pub mod bid_export;
pub mod contract_export;
pub mod exempted_contract;
pub mod resting_bid;
pub mod review_item;
pub mod screened_bid;
pub mod screened_contract;
pub mod waiting_item;
pub mod waived_contract;

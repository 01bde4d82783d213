//! The database views of screening.
pub mod review_item;
pub mod screened_bid;
pub mod screened_contract;

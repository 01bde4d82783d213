//! The views that are screened.
pub mod review_item;
pub mod screened_bid;
pub mod screened_contract;

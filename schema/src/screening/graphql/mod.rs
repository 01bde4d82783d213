//! GraphQL queries and types of screening.
mod contract_counts;
mod contract_operations;
mod exposure;
mod facets;
mod firm_desk;
mod item_include;
mod operations;
mod review_item;
mod screened_bid;
mod screened_contract;
mod simulation;

pub use contract_operations::ContractScreeningQuery;
pub use facets::Facets;
pub use firm_desk::{WaitingItem, list_waiting};
pub use operations::ScreeningQuery;
pub use review_item::ReviewItem;
pub use screened_bid::ScreenedBid;
pub use screened_contract::ScreenedContract;

//! The GraphQL types, queries and mutations of contracts and contract actions.
mod contract;
mod operations;
mod renewal;
mod suspension_preview;

pub use contract::{Contract, contract_include, list_own_contracts};
pub use operations::{ContractingMutation, ContractingQuery};
pub use renewal::{Renewal, renewal_include};
pub use suspension_preview::{SuspensionPreviewContracts, preview_contracts};

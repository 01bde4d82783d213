//! How clients see contracts and what carries them on.
mod contract;
mod operations;
mod renewal;

pub use contract::{Contract, contract_include};
pub use operations::{ContractingMutation, ContractingQuery};
pub use renewal::{Renewal, renewal_include};

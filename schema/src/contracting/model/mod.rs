//! What contracts and what carries them on are made of.
mod contract;
mod relief;
mod renewal;

pub use contract::{AwardInput, Basis, ClauseInput, ContractId, ContractInput};
pub use relief::{ExemptionInput, SubjectInput, WaiverInput};
pub use renewal::{InvalidTransition, RenewalId, RenewalInput, RenewalStatus};

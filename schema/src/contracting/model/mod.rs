//! The values, statuses and inputs of contracts, contract actions, waivers and exemptions.
mod contract;
mod party;
mod renewal;
mod waivers_and_exemptions;

pub use contract::{AwardInput, Basis, ClauseInput, ContractId, ContractInput, ContractTerms};
pub use party::{IdentifyPartyInput, SubstitutionInput};
pub use renewal::{
    Admission, Execution, RenewalId, RenewalInput, RenewalRecord, RenewalState, RenewalStatus,
};
pub use waivers_and_exemptions::{ExemptionInput, SubjectInput, WaiverInput};

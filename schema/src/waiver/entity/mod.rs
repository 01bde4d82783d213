//! Tables of waivers and exemptions.
pub mod contract_holder;
pub mod exemption;
pub mod waiver;

//! Tables of waivers and exemptions.
pub mod exemption;
pub mod waiver;

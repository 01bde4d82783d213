//! Waivers and exemptions by the contract that they are for: for whoever screens by them. Written
//! by this feature alone.
pub mod exemption {
    pub use crate::waiver::entity::exemption::{Column, Entity};
}
pub mod waiver {
    pub use crate::waiver::entity::waiver::{Column, Entity};
}

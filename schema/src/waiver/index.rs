//! Columns of waivers and exemptions that screening filters by. Only this feature writes them.
pub mod exemption {
    pub use crate::waiver::entity::exemption::{Column, Entity};
}
pub mod waiver {
    pub use crate::waiver::entity::waiver::{Column, Entity};
}

//! Use cases of screening: who may, what is asked, what each row carries.
mod exposure;
mod review_queue;
mod screen_bids;
mod screen_contracts;
mod simulate_policy;
mod worth;

pub use exposure::{Exposed, Exposure, Key, exposure};
pub use review_queue::{QueueInclude, Waiting, review_queue};
pub use screen_bids::{ScreenInclude, Screened, checked, facets, screen};
pub use screen_contracts::{
    ContractScreenInclude, ScreenedContract, checked_contracts, due_counts, screen_contracts,
};
pub use simulate_policy::{ChangedSubject, Simulated, simulate};
pub use worth::{WithComponent, Worth};

pub use super::store::{Asked, Counted, Counts};

use crate::organization::model::Role;

/// Who screens.
const STAFF: [Role; 6] = [
    Role::BcaReviewer,
    Role::BcaSupervisor,
    Role::CaoAnalyst,
    Role::Auditor,
    Role::Admin,
    Role::ContractOfficer,
];
const WHO: &str = "only the City's staff screens bids and contracts";

//! Every statement on contracts and on what carries them on; each read carries the viewer's row
//! filter.
mod contracts;
mod hanging;
mod include;
mod parties;
mod renewals;

pub use contracts::{
    attempt, batch, by_ids, by_numbers, find, insert, insert_terms, last_term, lock,
    next_by_standing, put_attempt, replace_terms, same_number, update, update_standing,
    visible_by_ids, visible_orders_under, write,
};
pub use hanging::{every, naming, next_to_stand, one};
pub use include::{Contract, Include, Renewal, RenewalInclude, include, include_renewals};
pub use parties::{insert_parties, keep_resolutions, parties, replace_members, subcontractors};
pub use renewals::{
    find as find_renewal, insert as insert_renewal, lock as lock_renewal, open_of,
    update as update_renewal, visible_renewals_of,
};

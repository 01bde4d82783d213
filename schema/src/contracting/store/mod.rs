//! Statements on contracts and contract actions. Reads for a viewer apply the viewer's row filter.
mod contracts;
mod dependents;
mod renewals;

pub use contracts::{
    find_by_number, find_last_attempt, find_last_term, find_visible, insert, insert_all,
    insert_terms, list_batch, list_by_ids, list_by_numbers, list_expired_statuses, list_not_ready,
    list_own, list_visible_by_ids, list_visible_by_number, list_visible_orders, lock, lock_attempt,
    shorten_and_insert_term, update, update_status, upsert_attempt,
};
pub use dependents::{list_next_ids, select_all, select_naming, select_one};
pub use renewals::{
    find_visible as find_visible_renewal, insert as insert_renewal, list_executed,
    list_open_proposals, list_visible_by_ids as list_visible_renewals_by_ids,
    list_visible_renewals, lock as lock_renewal, update as update_renewal,
};

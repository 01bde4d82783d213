//! Statements on solicitations and bids. Reads for a viewer apply the viewer's row filter.
mod bids;
mod dependents;
mod solicitations;

pub use bids::{
    close_live_bids, count_bids, count_by_solicitation, find_bid_with_wrong_copies,
    find_last_attempt, find_live_bid, find_visible_bid, has_attempted, has_bids, insert_bid,
    list_own_bids, list_pages_by_solicitation, list_shared_solicitations, list_shown_bids,
    list_visible_bid_ids, list_visible_bids, load_bid, lock_bid, update_bid,
};
pub use dependents::{
    is_awarded, list_attempts, list_missed_cures, list_next_bid_ids, list_revivable, select_naming,
    select_on_solicitation, select_under_policy,
};
pub use solicitations::{
    SolicitationFilter, SolicitationListQuery, find_by_number, find_visible, insert,
    insert_addendum, list_addenda, list_by_ids, list_solicitations, list_visible_by_ids,
    list_visible_by_number, lock, update, update_with_searched_words,
};

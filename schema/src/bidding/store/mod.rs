//! Every statement on solicitations and bids; each read carries the viewer's row filter.
mod bids;
mod decide_anew;
mod parties;
mod solicitations;

pub use bids::{
    Bid, BidInclude, bid, close_live, count_of_each, find_bid, has_attempted, include_bids,
    insert_bid, last_attempt, live_of, lock_bid, named_by, pages_of_each, update_bid,
    visible_bid_ids, visible_bids_by_ids,
};
pub use decide_anew::{cure_missed, naming, next_to_decide, on, under_policy};
pub use parties::{insert_parties, keep_resolutions, parties, subcontractors};
pub use solicitations::{
    Filter, Include, Solicitation, addenda, by_ids, find, include, insert, insert_addendum, lock,
    page, same_number, update, visible_by_ids,
};

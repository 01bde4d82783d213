//! Every statement on solicitations and bids; each read carries the viewer's row filter.
mod bids;
mod solicitations;

pub use bids::{
    Bid, BidInclude, bids_batch, close_live, count_of_each, find_bid, include_bids, insert_bid,
    live_of, lock_bid, pages_of_each, update_bid,
};
pub use solicitations::{
    Filter, Include, Solicitation, addenda, batch, by_ids, find, include, insert, insert_addendum,
    lock, page, same_number, update,
};

//! Tables of federal awards, their recipients and their matches.
pub mod appeal;
pub mod award;
pub mod award_holder;
pub mod award_match;
pub mod import;
pub mod match_backlog;
pub mod match_progress;
pub mod recipient;
pub mod revision;
pub mod transaction;
pub mod transaction_deletion;
pub mod vehicle_with_order;

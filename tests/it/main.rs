//! Everything is one binary: each further one would link for seven seconds.
mod arrows;
mod at_the_same_moment;
mod bad_input;
mod bidder_files;
mod bids_are_sealed;
mod gate_counts_days;
mod gate_decides;
mod harness_stands;
mod invariants;
mod officer_solicits;
mod people_join;
mod policy_changes;
mod record_is_checked;
mod reviewer_reads;
mod statements;
mod vendor_names;
mod who_may;

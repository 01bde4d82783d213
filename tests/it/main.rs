//! Everything is one binary: each further one would link for seven seconds.

/// That of the service, whose memory is measured here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod analyst_screens_contracts;
mod arrows;
mod at_the_same_moment;
mod awards_are_imported;
mod awards_are_matched;
mod bad_input;
mod bidder_files;
mod bids_are_decided_anew;
mod bids_are_sealed;
mod changes_are_queued;
mod connections_are_bounded;
mod contract_is_assigned;
mod contracts_are_imported;
mod database_is_busy;
mod disclosures_are_compared;
mod documents_under_attack;
mod edges_show_what_node_shows;
mod gate_counts_days;
mod gate_decides;
mod harness_stands;
mod identifiers_are_claimed;
mod invariants;
mod officer_awards;
mod officer_renews;
mod officer_solicits;
mod one_user_does_not_starve_others;
mod paper_is_entered;
mod people_are_told_apart;
mod people_have_quotas;
mod people_join;
mod policies_are_tried;
mod policy_changes;
mod policy_is_suspended;
mod record_is_checked;
mod reviewer_decides;
mod reviewer_reads;
mod reviewer_screens;
mod service_is_killed;
mod service_itself;
mod statements;
mod tampering_is_found;
mod trail_hides_the_rest;
mod trail_tells_each_reader;
mod vendor_names;
mod vendors_are_screened;
mod waivers_are_granted;
mod what_is_acknowledged_is_kept;
mod who_may;

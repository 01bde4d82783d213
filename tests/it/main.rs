//! One test binary: each further one would add seven seconds of linking.

/// The service's allocator, because tests here measure its memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod access_table;
mod acknowledged_writes_survive;
mod analyst_screens_contracts;
mod arrows;
mod awards_are_imported;
mod awards_are_matched;
mod bad_input;
mod bidder_files;
mod bids_are_reevaluated;
mod bids_are_sealed;
mod changes_are_queued;
mod concurrent_requests;
mod connections_are_bounded;
mod contract_is_assigned;
mod contracts_are_imported;
mod database_is_busy;
mod disclosures_are_compared;
mod edge_and_node_access_agree;
mod expensive_documents;
mod firms_are_identified;
mod gate_counts_days;
mod gate_decides;
mod identifiers_are_claimed;
mod invariants;
mod officer_awards;
mod officer_renews;
mod officer_solicits;
mod one_user_does_not_starve_others;
mod organizations_are_merged;
mod paper_disclosures;
mod people_have_quotas;
mod people_join;
mod policies_are_simulated;
mod policy_changes;
mod policy_is_suspended;
mod principals_are_distinguished;
mod records_are_verified;
mod requests_are_logged;
mod reviewer_decides;
mod reviewer_reads;
mod reviewer_screens;
mod service_is_killed;
mod service_process;
mod statements;
mod tampering_is_detected;
mod test_harness;
mod trail_hides_restricted_entries;
mod trail_visibility;
mod use_cases_have_spans;
mod vendor_names;
mod vendors_are_imported;
mod vendors_are_screened;
mod waivers_are_granted;

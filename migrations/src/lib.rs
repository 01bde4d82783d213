//! The migrations of Candor's database. Each file is one migration and can be reverted.
mod engine;
mod m20261101_000001_organizations;
mod m20261101_000002_policies;
mod m20261101_000003_disclosures;
mod m20261101_000004_decisions;
mod m20261101_000005_bidding;
mod m20261101_000006_ledger;
mod m20261125_000007_reviews;
mod m20261125_000008_reevaluations;
mod m20261125_000009_screening;
mod m20261126_000010_contracts;
mod m20261126_000011_awards;
mod m20261128_000012_clock;
mod m20261128_000013_identity;
mod m20261128_000014_lists;
mod m20261128_000015_merges;
mod m20261128_000016_desks;
mod m20261128_000017_readiness;
mod m20261128_000018_relief;
mod m20261128_000019_bids;
mod m20261128_000020_queue;
mod m20261128_000021_policies;
mod m20261128_000023_partial_facts;
mod m20261129_000025_filings_by_policy;
mod m20261129_000026_folding;
mod m20261129_000027_transactions;
mod m20261129_000029_api_keys;
mod m20261129_000033_idempotency_keys;
mod m20261129_000034_exports_and_names;
mod m20261129_000035_open_data;
mod m20261129_000036_import_jobs;
mod m20261129_000037_answer_headers;
mod m20261129_000038_fast_decompression;
mod m20261129_000039_queue_in_order;
mod m20261130_000040_words;
mod m20261130_000041_views_in_order;
mod m20261130_000042_histories_by_index;
mod m20261130_000043_bids_in_order;
mod m20261130_000044_queue_parts_in_order;
mod m20261130_000045_filings_in_effect;
mod m20261130_000046_merges_in_turn;
mod m20261130_000047_survivors_in_lists;
mod m20261201_000048_withdrawn_questions;

use sea_orm_migration::prelude::*;

/// Applies the migrations in the order of their names.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261101_000001_organizations::Migration),
            Box::new(m20261101_000002_policies::Migration),
            Box::new(m20261101_000003_disclosures::Migration),
            Box::new(m20261101_000004_decisions::Migration),
            Box::new(m20261101_000005_bidding::Migration),
            Box::new(m20261101_000006_ledger::Migration),
            Box::new(m20261125_000007_reviews::Migration),
            Box::new(m20261125_000008_reevaluations::Migration),
            Box::new(m20261125_000009_screening::Migration),
            Box::new(m20261126_000010_contracts::Migration),
            Box::new(m20261126_000011_awards::Migration),
            Box::new(m20261128_000012_clock::Migration),
            Box::new(m20261128_000013_identity::Migration),
            Box::new(m20261128_000014_lists::Migration),
            Box::new(m20261128_000015_merges::Migration),
            Box::new(m20261128_000016_desks::Migration),
            Box::new(m20261128_000017_readiness::Migration),
            Box::new(m20261128_000018_relief::Migration),
            Box::new(m20261128_000019_bids::Migration),
            Box::new(m20261128_000020_queue::Migration),
            Box::new(m20261128_000021_policies::Migration),
            Box::new(m20261128_000023_partial_facts::Migration),
            Box::new(m20261129_000025_filings_by_policy::Migration),
            Box::new(m20261129_000026_folding::Migration),
            Box::new(m20261129_000027_transactions::Migration),
            Box::new(m20261129_000029_api_keys::Migration),
            Box::new(m20261129_000033_idempotency_keys::Migration),
            Box::new(m20261129_000034_exports_and_names::Migration),
            Box::new(m20261129_000035_open_data::Migration),
            Box::new(m20261129_000036_import_jobs::Migration),
            Box::new(m20261129_000037_answer_headers::Migration),
            Box::new(m20261129_000038_fast_decompression::Migration),
            Box::new(m20261129_000039_queue_in_order::Migration),
            Box::new(m20261130_000040_words::Migration),
            Box::new(m20261130_000041_views_in_order::Migration),
            Box::new(m20261130_000042_histories_by_index::Migration),
            Box::new(m20261130_000043_bids_in_order::Migration),
            Box::new(m20261130_000044_queue_parts_in_order::Migration),
            Box::new(m20261130_000045_filings_in_effect::Migration),
            Box::new(m20261130_000046_merges_in_turn::Migration),
            Box::new(m20261130_000047_survivors_in_lists::Migration),
            Box::new(m20261201_000048_withdrawn_questions::Migration),
        ]
    }
}

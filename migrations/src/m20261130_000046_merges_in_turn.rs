//! An organization that was merged into one that was later merged itself remembers through which one it came: by it the
//! service finds which organizations were one firm at an earlier time. Rows from before have none, as if each had been
//! merged into its survivor at once.
//!
//! Exposure finds the filing in effect by the rule that gives the gate its facts, so its view `screening_filing` is
//! dropped. The department of a contract's term is looked up only where it is asked.
use sea_orm_migration::prelude::*;

use crate::engine;
use crate::m20261130_000045_filings_in_effect::SCREENING_FILING;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let up = [
            "ALTER TABLE organization ADD COLUMN merged_through {uuid} REFERENCES organization (id)
                CHECK (merged_through IS NULL OR merged_into IS NOT NULL)",
            "DROP VIEW screening_filing",
            // As `screening_contract_term`, without looking its department up.
            "CREATE VIEW screening_term_without_department AS
                SELECT contract_term.organization_id, contract_term.from_date,
                    contract_term.until_date, contract_term.value_cents, contract_term.currency
                FROM contract_term",
        ];
        engine::run(manager, &up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = [
            "DROP VIEW screening_term_without_department",
            SCREENING_FILING,
            "ALTER TABLE organization DROP COLUMN merged_through",
        ];
        engine::run(manager, &down).await
    }
}

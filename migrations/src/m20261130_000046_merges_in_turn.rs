//! An organization that was merged into one that was later merged itself remembers through which one it came: by it the
//! service finds which organizations were one firm at an earlier time. Rows from before have none, as if each had been
//! merged into its survivor at once.
//!
//! Exposure finds the filing in effect by the same function as the gate, so that its view goes; and the department of a
//! contract's term is looked up only where it is asked.
use sea_orm_migration::prelude::*;

use crate::engine;
use crate::m20261126_000010_contracts::SCREENING_CONTRACT_TERM as WITH_DEPARTMENT;
use crate::m20261130_000045_filings_in_effect::SCREENING_FILING;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Holder and value of each contract, by period. Both databases leave out the join where no column of `contract` is
/// read, because a left join with a primary key removes and repeats no row.
const SCREENING_CONTRACT_TERM: &str = "CREATE VIEW screening_contract_term AS
    SELECT contract_term.organization_id, contract.department_id, contract_term.from_date,
        contract_term.until_date, contract_term.value_cents, contract_term.currency
    FROM contract_term LEFT JOIN contract ON contract.id = contract_term.contract_id";

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
            "DROP VIEW screening_contract_term",
            SCREENING_CONTRACT_TERM,
        ];
        engine::run(manager, &up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = [
            "DROP VIEW screening_contract_term",
            WITH_DEPARTMENT,
            SCREENING_FILING,
            "ALTER TABLE organization DROP COLUMN merged_through",
        ];
        engine::run(manager, &down).await
    }
}

//! The filings that exposure reads have no time at which they were superseded: computing it took two lookups for each
//! filing, and the latest filing before a time is found by sorting them once. They have whether they are on file now:
//! when organizations are merged, a filing that was withdrawn before does not supersede an earlier one of the other.
use sea_orm_migration::prelude::*;

use crate::engine;
use crate::m20261128_000015_merges::SCREENING_FILING as WITH_SUPERSEDED_AT;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Each filing for every organization of its filer's group, with whether it is on file now (1 or 0) and the time at
/// which it was withdrawn.
const SCREENING_FILING: &str = "CREATE VIEW screening_filing AS
    SELECT filing.id, member.organization_id, filing.filed_at, disclosure.withdrawn_at,
        CASE WHEN disclosure.status = 'FILED' THEN 1 ELSE 0 END AS is_on_file
    FROM filing JOIN disclosure ON disclosure.id = filing.id
        JOIN organization_group filer ON filer.organization_id = filing.organization_id
        JOIN organization_group member ON member.survivor_id = filer.survivor_id";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, &["DROP VIEW screening_filing", SCREENING_FILING]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, &["DROP VIEW screening_filing", WITH_SUPERSEDED_AT]).await
    }
}

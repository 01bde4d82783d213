//! The filings that exposure reads have their version, the organization that filed them and when it was merged, by which
//! the filing in effect at any time is found as the gate finds it. Before, they had the time at which they were
//! superseded: computing it took two lookups for each filing, and a filing that was withdrawn before a merge hid an
//! earlier one of the other organization.
use sea_orm_migration::prelude::*;

use crate::engine;
use crate::m20261128_000015_merges::SCREENING_FILING as WITH_SUPERSEDED_AT;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Each filing for every organization of its filer's group, with its filer, when that was merged into another
/// organization, and when the filing was withdrawn.
pub const SCREENING_FILING: &str = "CREATE VIEW screening_filing AS
    SELECT filing.id, member.organization_id, filing.organization_id AS filed_for, filer.merged_at,
        filing.version, filing.filed_at, disclosure.withdrawn_at
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

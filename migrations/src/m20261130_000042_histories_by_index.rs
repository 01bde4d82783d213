//! On PostgreSQL, `filing_history` reads the filings of an organization that belongs to no group by the index of
//! filings alone. Before, it looked up the survivor and the members of each organization's group, which was a
//! third of the work of a page of firms with their newest filings.
//!
//! Merges leave no chains: whoever merges an organization also moves those that were merged into it.
//!
//! On SQLite the view stays a join: SQLite reads a view with `UNION ALL` as a whole where it cannot push a
//! condition into each part.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::engine;
use crate::m20261128_000015_merges::FILING_HISTORY;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // Small, so that looking up fifty organizations that are not merged costs little.
    "CREATE INDEX merged_organization_by_id ON organization (id) WHERE merged_into IS NOT NULL",
    // Each filing for every organization of its filer's group: for the filer itself, for the organization that
    // took it over, and for those that were taken over by the same one or by the filer.
    "CREATE OR REPLACE VIEW filing_history AS
        SELECT filing.organization_id, filing.id, filing.organization_id AS filed_for, filing.version,
            filing.filed_at
        FROM filing
        UNION ALL
        SELECT filer.merged_into, filing.id, filing.organization_id, filing.version, filing.filed_at
        FROM organization filer JOIN filing ON filing.organization_id = filer.id
        WHERE filer.merged_into IS NOT NULL
        UNION ALL
        SELECT member.id, filing.id, filing.organization_id, filing.version, filing.filed_at
        FROM organization member
            JOIN organization filer ON COALESCE(filer.merged_into, filer.id) = member.merged_into
                AND filer.id <> member.id
            JOIN filing ON filing.organization_id = filer.id
        WHERE member.merged_into IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        engine::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let before = FILING_HISTORY.replacen("CREATE VIEW", "CREATE OR REPLACE VIEW", 1);
        engine::run(manager, &[&before, "DROP INDEX merged_organization_by_id"]).await
    }
}

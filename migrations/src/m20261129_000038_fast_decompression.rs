//! On PostgreSQL, the long texts that lists and decisions read are compressed with `lz4`, which takes a
//! fifth of the time of PostgreSQL's own method to read. Rows that are stored already stay as they are
//! until they are written again. A server that was built without `lz4` goes on with its own method.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The tables with their texts of many hundred bytes.
const COLUMNS: &[(&str, &str)] = &[
    ("disclosure_draft", "statement"),
    ("filing", "statement"),
    ("filing", "attestation"),
    ("decision", "facts"),
    ("decision", "decision"),
];

async fn compress_with(manager: &SchemaManager<'_>, method: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for (table, column) in COLUMNS {
        let statement = format!(
            "DO $$ BEGIN
                ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION {method};
            EXCEPTION WHEN feature_not_supported THEN
                RAISE NOTICE 'this server has no lz4';
            END $$"
        );
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        compress_with(manager, "lz4").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        compress_with(manager, "default").await
    }
}

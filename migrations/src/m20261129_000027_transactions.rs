//! The days of transactions of federal awards, and the transactions that USAspending deleted.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // Unknown for transactions that were imported before.
    "ALTER TABLE award_transaction ADD COLUMN action_on {date}",
    "ALTER TABLE award_transaction ADD COLUMN modified_on {date}",
    // By keys rather than references, because a deletion may be imported before its award.
    "CREATE TABLE award_transaction_deletion (
        award_key text NOT NULL CHECK (award_key <> ''),
        key text NOT NULL CHECK (key <> ''),
        modified_on {date},
        PRIMARY KEY (award_key, key))",
];

const DOWN: &[&str] = &[
    "DROP TABLE award_transaction_deletion",
    "ALTER TABLE award_transaction DROP COLUMN modified_on",
    "ALTER TABLE award_transaction DROP COLUMN action_on",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}

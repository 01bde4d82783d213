//! The headers of an answer that is stored with its idempotency key, as a JSON object: `etag` and
//! `location`, if it had them.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &["ALTER TABLE idempotency_key ADD COLUMN headers text
        CHECK (headers IS NULL OR status IS NOT NULL)"];

const DOWN: &[&str] = &["ALTER TABLE idempotency_key DROP COLUMN headers"];

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

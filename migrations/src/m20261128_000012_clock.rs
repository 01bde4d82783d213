//! The latest time that the service has observed.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // One row, written once a second while the service runs. It detects a clock that goes back, also
    // after a restart, and shows that the database is writable.
    "CREATE TABLE service_clock (
        id smallint PRIMARY KEY CHECK (id = 1),
        latest_at {time} NOT NULL)",
];

const DOWN: &[&str] = &["DROP TABLE service_clock"];

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

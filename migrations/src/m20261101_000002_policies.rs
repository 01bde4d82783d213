//! Policies: the ordinance as versioned data, immutable once published.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // The terms are canonical JSON (RFC 8785), stored as text because they are hashed.
    "CREATE TABLE policy (
        id {uuid} PRIMARY KEY,
        version bigint NOT NULL UNIQUE CHECK (version > 0),
        effective_from {time} NOT NULL,
        terms text NOT NULL,
        sha256 text NOT NULL,
        enacted_at {time} NOT NULL)",
    "CREATE INDEX policy_by_effect ON policy (effective_from, version)",
];

const DOWN: &[&str] = &["DROP TABLE policy"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        engine::make_append_only(manager, "policy", &[&["id"], &["version"]]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}

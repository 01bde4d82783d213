//! The keys of requests that must not run twice, with their answers.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // `changed_at` is written in the transaction of the request's change.
    "CREATE TABLE idempotency_key (
        principal text NOT NULL CHECK (principal <> ''),
        key text NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
        request_sha256 text NOT NULL CHECK (length(request_sha256) = 64),
        attempt {uuid} NOT NULL,
        created_at {time} NOT NULL,
        changed_at {time},
        saved text,
        status integer CHECK (status BETWEEN 200 AND 599),
        content_type text,
        body text,
        CHECK ((changed_at IS NULL) = (saved IS NULL)),
        CHECK ((status IS NULL) = (body IS NULL)),
        CHECK (status IS NULL OR changed_at IS NOT NULL),
        PRIMARY KEY (principal, key))",
    "CREATE INDEX idempotency_key_by_time ON idempotency_key (created_at)",
];

const DOWN: &[&str] = &["DROP TABLE idempotency_key"];

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

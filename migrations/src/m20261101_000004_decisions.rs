//! The gate's decisions, with their facts.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // The subject has no foreign key: the decision is inserted first, and the subject's row refers to
    // it by (id, subject_id, outcome). Facts and findings are canonical JSON, stored as text.
    "CREATE TABLE decision (
        id {uuid} PRIMARY KEY,
        subject_kind text NOT NULL,
        subject_id {uuid} NOT NULL,
        sequence bigint NOT NULL CHECK (sequence > 0),
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        policy_version bigint NOT NULL REFERENCES policy (version),
        facts text NOT NULL,
        facts_sha256 text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('ADMIT', 'REVIEW', 'BLOCK')),
        decision text NOT NULL,
        decision_sha256 text NOT NULL,
        decided_at {time} NOT NULL,
        UNIQUE (subject_id, sequence),
        UNIQUE (id, subject_id, outcome))",
];

const DOWN: &[&str] = &["DROP TABLE decision"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        let keys: &[&[&str]] = &[&["id"], &["subject_id", "sequence"]];
        engine::make_append_only(manager, "decision", keys).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}

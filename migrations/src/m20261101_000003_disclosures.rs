//! Drafts, filings, and the status of each filed disclosure.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE disclosure_draft (
        id {uuid} PRIMARY KEY,
        organization_id {uuid} NOT NULL UNIQUE REFERENCES organization (id),
        statement text NOT NULL,
        revision bigint NOT NULL CHECK (revision > 0),
        updated_at {time} NOT NULL,
        updated_by text NOT NULL)",
    // Statement and attestation are canonical JSON (RFC 8785), stored as text because they are hashed.
    "CREATE TABLE filing (
        id {uuid} PRIMARY KEY,
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        version bigint NOT NULL CHECK (version > 0),
        kind text NOT NULL,
        policy_version bigint NOT NULL REFERENCES policy (version),
        statement text NOT NULL,
        sha256 text NOT NULL,
        attestation text NOT NULL,
        filed_at {time} NOT NULL,
        filed_by text NOT NULL,
        UNIQUE (organization_id, version),
        UNIQUE (id, organization_id, version),
        UNIQUE (id, filed_by))",
    // `not_withdrawn` is TRUE unless the disclosure is withdrawn. A live bid refers to it, so that
    // concurrent transactions cannot withdraw the disclosure of a live bid.
    "CREATE TABLE disclosure (
        id {uuid} PRIMARY KEY,
        organization_id {uuid} NOT NULL,
        version bigint NOT NULL,
        status text NOT NULL CHECK (status IN ('FILED', 'SUPERSEDED', 'WITHDRAWN')),
        review text NOT NULL CHECK (review IN
            ('UNREVIEWED', 'CLARIFICATION_REQUESTED', 'ACCEPTED', 'REJECTED')),
        withdrawn_at {time},
        withdrawal_reason text,
        not_withdrawn boolean GENERATED ALWAYS AS
            (CASE WHEN status <> 'WITHDRAWN' THEN TRUE END) STORED,
        FOREIGN KEY (id, organization_id, version)
            REFERENCES filing (id, organization_id, version),
        UNIQUE (id, organization_id, not_withdrawn),
        CHECK ((status = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)),
        CHECK ((withdrawn_at IS NULL) = (withdrawal_reason IS NULL)))",
    "CREATE UNIQUE INDEX disclosure_one_filed ON disclosure (organization_id)
        WHERE status = 'FILED'",
    "CREATE INDEX disclosure_by_version ON disclosure (organization_id, version, id)",
];

const DOWN: &[&str] =
    &["DROP TABLE disclosure", "DROP TABLE filing", "DROP TABLE disclosure_draft"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        engine::make_append_only(manager, "filing", &[&["id"], &["organization_id", "version"]])
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}

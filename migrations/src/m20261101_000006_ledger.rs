//! The ledger, with one hash chain for each subject.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // Hashed values are stored as text: the time in its canonical form, and the data as canonical
    // JSON. `organization_id` repeats the organization in the data for filters; null if it has none.
    "CREATE TABLE ledger (
        id {uuid} NOT NULL UNIQUE,
        subject_id {uuid} NOT NULL,
        subject text NOT NULL,
        organization_id {uuid},
        sequence bigint NOT NULL CHECK (sequence > 0),
        previous text NOT NULL,
        hash text NOT NULL,
        at text NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        data text NOT NULL,
        PRIMARY KEY (subject_id, sequence))",
    // Entries store personal data as digests with this salt. Removing the salt with the data prevents
    // guessing the data from the digest.
    "CREATE TABLE ledger_salt (
        subject_id {uuid} NOT NULL,
        sequence bigint NOT NULL,
        salt text NOT NULL CHECK (salt <> ''),
        PRIMARY KEY (subject_id, sequence))",
];

const DOWN: &[&str] = &["DROP TABLE ledger_salt", "DROP TABLE ledger"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        engine::make_append_only(manager, "ledger", &[&["id"], &["subject_id", "sequence"]]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}

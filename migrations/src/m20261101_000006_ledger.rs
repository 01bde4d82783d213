//! The ledger: who did what to which subject, chained per subject.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // What is hashed is kept as text: the canonical time, and the data as canonical JSON. The
    // organization is that of the data, kept beside it to filter by; null if it names none.
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
    // What an entry keeps of personal data is a digest with this salt: whoever removes the data
    // removes its salt too, and nothing of it can be guessed from the digest.
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
        engine::freeze(manager, "ledger", &[&["id"], &["subject_id", "sequence"]]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}

//! Reviews of disclosures: assignment, clarifications, acceptances, rejections and appeals.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "ALTER TABLE disclosure ADD COLUMN reviewer text",
    "ALTER TABLE disclosure ADD COLUMN assigned_at {time}",
    "CREATE INDEX disclosure_by_reviewer ON disclosure (reviewer)",
    "CREATE INDEX disclosure_by_review ON disclosure (review)",
    "CREATE TABLE clarification (
        id {uuid} PRIMARY KEY,
        disclosure_id {uuid} NOT NULL REFERENCES disclosure (id),
        path {json} NOT NULL,
        question text NOT NULL CHECK (question <> ''),
        asked_by text NOT NULL,
        asked_at {time} NOT NULL,
        due_at {time} NOT NULL,
        status text NOT NULL CHECK (status IN ('OPEN', 'ANSWERED', 'CLOSED')),
        answer text,
        answered_by text,
        answered_at {time},
        closed_at {time},
        close_reason text,
        CHECK ((status = 'ANSWERED') = (answer IS NOT NULL)),
        CHECK ((answer IS NULL) = (answered_by IS NULL)),
        CHECK ((answer IS NULL) = (answered_at IS NULL)),
        CHECK ((status = 'CLOSED') = (closed_at IS NOT NULL)),
        CHECK ((closed_at IS NULL) = (close_reason IS NULL)))",
    // A disclosure has at most one open clarification.
    "CREATE UNIQUE INDEX clarification_one_open ON clarification (disclosure_id)
        WHERE status = 'OPEN'",
    "CREATE INDEX clarification_by_disclosure ON clarification (disclosure_id, asked_at, id)",
    "CREATE INDEX clarification_by_due ON clarification (status, due_at, id)",
    // The person who filed a disclosure, for example by entering a paper form, may not review it.
    // Each row repeats that person, and a composite key ties it to the filing.
    "CREATE TABLE review (
        id {uuid} PRIMARY KEY,
        disclosure_id {uuid} NOT NULL REFERENCES disclosure (id),
        filed_by text NOT NULL,
        verdict text NOT NULL CHECK (verdict IN ('ACCEPTED', 'REJECTED')),
        reasons {json} NOT NULL,
        paths {json} NOT NULL,
        explanation text NOT NULL,
        decided_by text NOT NULL,
        decided_at {time} NOT NULL,
        appeal_by {time},
        reopened_by text,
        reopened_at {time},
        reopen_reason text,
        UNIQUE (id, disclosure_id, filed_by, decided_by),
        FOREIGN KEY (disclosure_id, filed_by) REFERENCES filing (id, filed_by),
        CHECK (decided_by <> filed_by),
        CHECK (reopened_by <> filed_by),
        CHECK ((verdict = 'REJECTED') = (appeal_by IS NOT NULL)),
        CHECK ((reopened_at IS NULL) = (reopened_by IS NULL)),
        CHECK ((reopened_at IS NULL) = (reopen_reason IS NULL)))",
    // A disclosure has at most one verdict that is not reopened.
    "CREATE UNIQUE INDEX review_one_in_effect ON review (disclosure_id)
        WHERE reopened_at IS NULL",
    "CREATE INDEX review_by_disclosure ON review (disclosure_id, decided_at, id)",
    "CREATE TABLE appeal (
        id {uuid} PRIMARY KEY,
        review_id {uuid} NOT NULL UNIQUE,
        disclosure_id {uuid} NOT NULL,
        disclosure_filed_by text NOT NULL,
        rejected_by text NOT NULL,
        grounds text NOT NULL CHECK (grounds <> ''),
        filed_by text NOT NULL,
        filed_at {time} NOT NULL,
        outcome text CHECK (outcome IN ('UPHELD', 'REOPENED')),
        explanation text,
        decided_by text,
        decided_at {time},
        FOREIGN KEY (review_id, disclosure_id, disclosure_filed_by, rejected_by)
            REFERENCES review (id, disclosure_id, filed_by, decided_by),
        CHECK (decided_by <> disclosure_filed_by),
        CHECK (decided_by <> rejected_by),
        CHECK ((outcome IS NULL) = (decided_at IS NULL)),
        CHECK ((outcome IS NULL) = (decided_by IS NULL)),
        CHECK ((outcome IS NULL) = (explanation IS NULL)))",
    "CREATE INDEX appeal_by_disclosure ON appeal (disclosure_id, filed_at, id)",
    "CREATE INDEX appeal_open ON appeal (filed_at, id) WHERE outcome IS NULL",
];

// SQLite cannot drop a column that an index uses.
const DOWN: &[&str] = &[
    "DROP TABLE appeal",
    "DROP TABLE review",
    "DROP TABLE clarification",
    "DROP INDEX disclosure_by_review",
    "DROP INDEX disclosure_by_reviewer",
    "ALTER TABLE disclosure DROP COLUMN assigned_at",
    "ALTER TABLE disclosure DROP COLUMN reviewer",
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

//! Imports that were asked for over HTTP, with what each reports about the lines of its file.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // `process` is the process of the service that has the file and runs the import.
    "CREATE TABLE import_job (
        id {uuid} NOT NULL PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('AWARDS', 'CONTRACTS', 'VENDORS')),
        owner text NOT NULL CHECK (owner <> ''),
        file text NOT NULL CHECK (file <> ''),
        bytes bigint NOT NULL CHECK (bytes > 0),
        sha256 text NOT NULL CHECK (length(sha256) = 64),
        is_dry_run boolean NOT NULL,
        is_every_agency boolean NOT NULL,
        complete_from {date},
        complete_to {date},
        process {uuid} NOT NULL,
        seen_at {time} NOT NULL,
        state text NOT NULL CHECK (state IN ('RECEIVED', 'RUNNING', 'DONE', 'REFUSED', 'INTERRUPTED')),
        received_at {time} NOT NULL,
        started_at {time},
        ended_at {time},
        bytes_read bigint NOT NULL CHECK (bytes_read >= 0),
        rows_read bigint NOT NULL CHECK (rows_read >= 0),
        rows_imported bigint NOT NULL CHECK (rows_imported >= 0),
        rows_refused bigint NOT NULL CHECK (rows_refused >= 0),
        report_lines bigint NOT NULL CHECK (report_lines >= 0),
        counts text,
        message text,
        CHECK ((complete_from IS NULL) = (complete_to IS NULL)),
        CHECK (complete_from <= complete_to),
        CHECK (kind = 'AWARDS' OR (complete_from IS NULL AND NOT is_every_agency)),
        CHECK (kind <> 'AWARDS' OR NOT is_dry_run),
        CHECK ((ended_at IS NULL) = (state IN ('RECEIVED', 'RUNNING'))),
        CHECK (state NOT IN ('RUNNING', 'DONE') OR started_at IS NOT NULL),
        CHECK (state <> 'RECEIVED' OR started_at IS NULL),
        CHECK ((counts IS NULL) = (state <> 'DONE')),
        CHECK (state <> 'REFUSED' OR message IS NOT NULL))",
    "CREATE UNIQUE INDEX import_job_running ON import_job (process) WHERE state = 'RUNNING'",
    "CREATE INDEX import_job_waiting ON import_job (process, id) WHERE state = 'RECEIVED'",
    "CREATE INDEX import_job_open ON import_job (seen_at) WHERE ended_at IS NULL",
    "CREATE INDEX import_job_ended ON import_job (ended_at)",
    "CREATE TABLE import_report_line (
        job_id {uuid} NOT NULL REFERENCES import_job (id) ON DELETE CASCADE,
        number bigint NOT NULL CHECK (number > 0),
        kind text NOT NULL CHECK (kind IN ('REFUSED', 'WARNING', 'MERGE_PROPOSED', 'NOTE')),
        line bigint CHECK (line > 0),
        field text,
        message text NOT NULL CHECK (message <> ''),
        CHECK ((line IS NULL) = (kind = 'NOTE')),
        PRIMARY KEY (job_id, number))",
];

const DOWN: &[&str] = &["DROP TABLE import_report_line", "DROP TABLE import_job"];

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

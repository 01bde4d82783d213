//! Look-ups by number, search by number and title, and the lists of disclosures, waivers and
//! exemptions.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // Numbers, codes and names are looked up without regard to case.
    "CREATE INDEX solicitation_by_folded_number ON solicitation (upper(number), department_id)",
    "CREATE INDEX contract_by_folded_number ON contract (upper(number), department_id)",
    "CREATE INDEX department_by_folded_code ON department (upper(code))",
    "CREATE INDEX department_by_folded_name ON department (upper(name))",
    // Copied from the filing, to list by status or review in the order of time.
    "ALTER TABLE disclosure ADD COLUMN filed_at {time} NOT NULL
        DEFAULT '1970-01-01T00:00:00+00:00'",
    "UPDATE disclosure SET filed_at =
        (SELECT filing.filed_at FROM filing WHERE filing.id = disclosure.id)",
    "CREATE INDEX disclosure_by_time ON disclosure (filed_at, id)",
    "CREATE INDEX disclosure_by_organization ON disclosure (organization_id, filed_at, id)",
    "CREATE INDEX disclosure_by_status ON disclosure (status, filed_at, id)",
    "CREATE INDEX disclosure_by_review_and_time ON disclosure (review, filed_at, id)",
    "CREATE INDEX waiver_by_department ON waiver (department_id, requested_at, id)",
    "CREATE INDEX waiver_by_status ON waiver (status, requested_at, id)",
    "CREATE INDEX waiver_by_rule ON waiver (rule, requested_at, id)",
    "CREATE INDEX waiver_by_expiry ON waiver (expires_on, id)",
    "CREATE INDEX exemption_by_department ON exemption (department_id, claimed_at, id)",
    "CREATE INDEX exemption_by_kind ON exemption (kind, claimed_at, id)",
    // The current holders of contracts, by whose names waivers and exemptions are found.
    "CREATE VIEW contract_holder AS
        SELECT contract.id AS contract_id, contract.organization_id FROM contract",
];

/// As the tables of `m20261125_000009_screening`: words as the service folds them, separated by one
/// space. `search_relief` has the waivers and the exemptions.
pub const SQLITE: &[&str] = &[
    "CREATE VIRTUAL TABLE search_solicitation USING fts5
        (words, subject_id UNINDEXED, tokenize = 'ascii', prefix = '2 3')",
    "CREATE VIRTUAL TABLE search_contract USING fts5
        (words, subject_id UNINDEXED, tokenize = 'ascii', prefix = '2 3')",
    "CREATE VIRTUAL TABLE search_relief USING fts5
        (words, subject_id UNINDEXED, tokenize = 'ascii', prefix = '2 3')",
];

const POSTGRES: &[&str] = &[
    "CREATE TABLE search_solicitation (
        subject_id uuid PRIMARY KEY,
        words text NOT NULL,
        lexemes tsvector GENERATED ALWAYS AS
            (array_to_tsvector(string_to_array(words, ' '))) STORED)",
    "CREATE INDEX search_solicitation_lexemes ON search_solicitation USING gin (lexemes)",
    "CREATE TABLE search_contract (
        subject_id uuid PRIMARY KEY,
        words text NOT NULL,
        lexemes tsvector GENERATED ALWAYS AS
            (array_to_tsvector(string_to_array(words, ' '))) STORED)",
    "CREATE INDEX search_contract_lexemes ON search_contract USING gin (lexemes)",
    "CREATE TABLE search_relief (
        subject_id uuid PRIMARY KEY,
        words text NOT NULL,
        lexemes tsvector GENERATED ALWAYS AS
            (array_to_tsvector(string_to_array(words, ' '))) STORED)",
    "CREATE INDEX search_relief_lexemes ON search_relief USING gin (lexemes)",
];

const DOWN: &[&str] = &[
    "DROP TABLE search_relief",
    "DROP TABLE search_contract",
    "DROP TABLE search_solicitation",
    "DROP VIEW contract_holder",
    "DROP INDEX exemption_by_kind",
    "DROP INDEX exemption_by_department",
    "DROP INDEX waiver_by_expiry",
    "DROP INDEX waiver_by_rule",
    "DROP INDEX waiver_by_status",
    "DROP INDEX waiver_by_department",
    "DROP INDEX disclosure_by_review_and_time",
    "DROP INDEX disclosure_by_status",
    "DROP INDEX disclosure_by_organization",
    "DROP INDEX disclosure_by_time",
    "ALTER TABLE disclosure DROP COLUMN filed_at",
    "DROP INDEX department_by_folded_name",
    "DROP INDEX department_by_folded_code",
    "DROP INDEX contract_by_folded_number",
    "DROP INDEX solicitation_by_folded_number",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        engine::run(manager, if postgres { POSTGRES } else { SQLITE }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}

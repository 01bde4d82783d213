//! Readiness of contracts: today, and at their end if nothing more is filed; and when the holder's
//! disclosure lapses.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "ALTER TABLE contract ADD COLUMN readiness_at_end text NOT NULL DEFAULT 'BLOCK'
        CHECK (readiness_at_end IN ('ADMIT', 'REVIEW', 'BLOCK'))",
    "ALTER TABLE contract ADD COLUMN disclosure_lapses_on {date}",
    // `readiness` was the outcome at the contract's end. The service computes the status of every
    // contract again before it is next due, because each is expired.
    "UPDATE contract SET readiness_at_end = readiness,
        status_expires_at = CAST('1970-01-01T00:00:00+00:00' AS {time})",
    "CREATE INDEX contract_by_readiness_at_end ON contract (readiness_at_end, end_date, id)",
    "CREATE INDEX contract_by_lapse ON contract (disclosure_lapses_on, end_date, id)
        WHERE disclosure_lapses_on IS NOT NULL",
    "DROP VIEW screened_contract",
    // A contract with the columns that staff screen by, and the disclosure that its holder's group has
    // on file now.
    "CREATE VIEW screened_contract AS
        SELECT contract.id, contract.department_id, contract.organization_id, contract.number,
            contract.title, contract.value_cents, contract.currency, contract.start_date,
            contract.end_date, contract.clause_version, contract.readiness,
            contract.readiness_at_end, contract.disclosure_lapses_on, contract.noncompliance_code,
            contract.noncompliant_since,
            COALESCE(disclosure.id, (SELECT other.id FROM organization_group holder
                JOIN organization_group peer ON peer.survivor_id = holder.survivor_id
                JOIN disclosure other ON other.organization_id = peer.organization_id
                WHERE holder.organization_id = contract.organization_id
                    AND other.status = 'FILED')) AS disclosure_id
        FROM contract LEFT JOIN disclosure
            ON disclosure.organization_id = contract.organization_id
                AND disclosure.status = 'FILED'",
];

const DOWN: &[&str] = &[
    "DROP VIEW screened_contract",
    "CREATE VIEW screened_contract AS
        SELECT contract.id, contract.department_id, contract.organization_id, contract.number,
            contract.title, contract.value_cents, contract.currency, contract.start_date,
            contract.end_date, contract.clause_version, contract.readiness, contract.noncompliance_code,
            contract.noncompliant_since,
            COALESCE(disclosure.id, (SELECT other.id FROM organization_group holder
                JOIN organization_group peer ON peer.survivor_id = holder.survivor_id
                JOIN disclosure other ON other.organization_id = peer.organization_id
                WHERE holder.organization_id = contract.organization_id
                    AND other.status = 'FILED')) AS disclosure_id
        FROM contract LEFT JOIN disclosure
            ON disclosure.organization_id = contract.organization_id
                AND disclosure.status = 'FILED'",
    "DROP INDEX contract_by_lapse",
    "DROP INDEX contract_by_readiness_at_end",
    "UPDATE contract SET readiness = readiness_at_end,
        status_expires_at = CAST('1970-01-01T00:00:00+00:00' AS {time})",
    "ALTER TABLE contract DROP COLUMN disclosure_lapses_on",
    "ALTER TABLE contract DROP COLUMN readiness_at_end",
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

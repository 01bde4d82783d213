//! Organizations that were merged count as one: views of each organization's group, of the filings of a
//! group as one history, and what matching and screening read of them.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Each filing for every organization of its filer's group.
pub const FILING_HISTORY: &str = "CREATE VIEW filing_history AS
    SELECT member.organization_id, filing.id, filing.organization_id AS filed_for, filing.version,
        filing.filed_at
    FROM filing
        JOIN organization_group filer ON filer.organization_id = filing.organization_id
        JOIN organization_group member ON member.survivor_id = filer.survivor_id";

/// Each filing for every organization of its filer's group, with the times at which it was withdrawn and superseded: by
/// the next version, or by a later filing of another organization of the group.
pub const SCREENING_FILING: &str = "CREATE VIEW screening_filing AS
    SELECT filing.id, member.organization_id, filing.filed_at, disclosure.withdrawn_at,
        (SELECT MIN(later.filed_at) FROM organization_group peer
            JOIN filing later ON later.organization_id = peer.organization_id
            WHERE peer.survivor_id = filer.survivor_id
                AND CASE WHEN later.organization_id = filing.organization_id
                    THEN later.version = filing.version + 1
                    ELSE (later.filed_at, later.id) > (filing.filed_at, filing.id) END)
            AS superseded_at
    FROM filing JOIN disclosure ON disclosure.id = filing.id
        JOIN organization_group filer ON filer.organization_id = filing.organization_id
        JOIN organization_group member ON member.survivor_id = filer.survivor_id";

const UP: &[&str] = &[
    // An organization and those that were merged into it have the same survivor.
    "CREATE INDEX organization_by_survivor ON organization (COALESCE(merged_into, id))",
    "CREATE VIEW organization_group AS
        SELECT organization.id AS organization_id,
            COALESCE(organization.merged_into, organization.id) AS survivor_id,
            organization.merged_at
        FROM organization",
    FILING_HISTORY,
    "DROP VIEW screening_filing",
    SCREENING_FILING,
    "DROP VIEW screened_contract",
    // A contract with the columns that staff screen by, and the disclosure that its holder's group has
    // on file now.
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
    "DROP VIEW organization_match_backlog",
    // Every organization that is not merged, with the revision up to which it was matched; -1 if it was
    // never matched.
    "CREATE VIEW organization_match_backlog AS
        SELECT organization.id AS organization_id,
            COALESCE(organization_match_progress.revision, -1) AS revision
        FROM organization LEFT JOIN organization_match_progress
            ON organization_match_progress.organization_id = organization.id
        WHERE organization.merged_into IS NULL",
];

const DOWN: &[&str] = &[
    "DROP VIEW organization_match_backlog",
    "CREATE VIEW organization_match_backlog AS
        SELECT organization.id AS organization_id,
            COALESCE(organization_match_progress.revision, -1) AS revision
        FROM organization LEFT JOIN organization_match_progress
            ON organization_match_progress.organization_id = organization.id",
    "DROP VIEW screened_contract",
    "CREATE VIEW screened_contract AS
        SELECT contract.id, contract.department_id, contract.organization_id, contract.number,
            contract.title, contract.value_cents, contract.currency, contract.start_date,
            contract.end_date, contract.clause_version, contract.readiness, contract.noncompliance_code,
            contract.noncompliant_since, disclosure.id AS disclosure_id
        FROM contract LEFT JOIN disclosure
            ON disclosure.organization_id = contract.organization_id
                AND disclosure.status = 'FILED'",
    "DROP VIEW screening_filing",
    "CREATE VIEW screening_filing AS
        SELECT filing.id, filing.organization_id, filing.filed_at, disclosure.withdrawn_at,
            later.filed_at AS superseded_at
        FROM filing JOIN disclosure ON disclosure.id = filing.id
            LEFT JOIN filing later ON later.organization_id = filing.organization_id
                AND later.version = filing.version + 1",
    "DROP VIEW filing_history",
    "DROP VIEW organization_group",
    "DROP INDEX organization_by_survivor",
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

//! What the lines of exports show of other tables, and organizations by the time of their last change, so
//! that the index of their names is refreshed by what changed.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What an export of bids shows of other tables.
pub const BID_EXPORT: &str = "CREATE VIEW screening_bid_export AS
    SELECT bid.id AS bid_id, solicitation.number AS solicitation_number,
        solicitation.title AS solicitation_title, solicitation.due_at,
        department.code AS department_code, department.name AS department_name,
        organization.legal_name AS organization_name, bid.amount_cents, bid.currency,
        filing.version AS disclosure_version
    FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
        JOIN department ON department.id = solicitation.department_id
        JOIN organization ON organization.id = bid.organization_id
        LEFT JOIN filing ON filing.id = bid.disclosure_id";

/// What an export of contracts shows of other tables.
pub const CONTRACT_EXPORT: &str = "CREATE VIEW screening_contract_export AS
    SELECT contract.id AS contract_id, department.code AS department_code,
        department.name AS department_name, organization.legal_name AS organization_name,
        contract.signed_on, contract.options_left
    FROM contract JOIN department ON department.id = contract.department_id
        JOIN organization ON organization.id = contract.organization_id";

const UP: &[&str] = &[
    BID_EXPORT,
    CONTRACT_EXPORT,
    "CREATE VIEW filing_export AS
        SELECT filing.id AS disclosure_id, organization.legal_name AS organization_name,
            filing.kind, filing.policy_version, filing.sha256,
            COALESCE(disclosed.withheld, FALSE) AS withheld,
            COALESCE(disclosed.paper, FALSE) AS paper,
            (SELECT COUNT(*) FROM disclosed_agreement
                WHERE disclosed_agreement.disclosure_id = filing.id) AS agreements,
            (SELECT COUNT(*) FROM disclosed_arrangement
                WHERE disclosed_arrangement.disclosure_id = filing.id) AS arrangements
        FROM filing JOIN organization ON organization.id = filing.organization_id
            LEFT JOIN disclosed ON disclosed.disclosure_id = filing.id",
    "CREATE INDEX organization_by_change ON organization (updated_at, id)",
];

const DOWN: &[&str] = &[
    "DROP INDEX organization_by_change",
    "DROP VIEW filing_export",
    "DROP VIEW screening_contract_export",
    "DROP VIEW screening_bid_export",
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

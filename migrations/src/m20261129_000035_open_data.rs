//! What open data shows: contracting processes, and the owners of firms with a filing.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Bids, which are public once they were due, sealed or not.
pub const OPEN_BID: &str = "CREATE VIEW open_bid AS
    SELECT bid.id AS bid_id, bid.solicitation_id, bid.organization_id, bid.status,
        bid.amount_cents, bid.currency, bid.submitted_at, bid.disclosure_id,
        solicitation.due_at
    FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id";

/// Contracts, with the solicitation of the bid.
pub const OPEN_CONTRACT: &str = "CREATE VIEW open_contract AS
    SELECT contract.id AS contract_id, bid.solicitation_id, contract.bid_id, contract.number,
        contract.title, contract.method, contract.public_works, contract.awarded_to,
        contract.organization_id, contract.value_cents, contract.currency,
        contract.signed_on, contract.start_date, contract.end_date, contract.recorded_at,
        contract.award_disclosure_id, contract.disclosure_id,
        department.id AS department_id, department.name AS department_name
    FROM contract JOIN department ON department.id = contract.department_id
        LEFT JOIN bid ON bid.id = contract.bid_id";

/// Filings, with the numbers of what they disclose.
pub const OPEN_DISCLOSURE: &str = "CREATE VIEW open_disclosure AS
    SELECT filing.id AS disclosure_id, filing.organization_id, filing.version, filing.kind,
        filing.policy_version, filing.filed_at, disclosure.status,
        COALESCE(disclosed.withheld, FALSE) AS withheld,
        (SELECT COUNT(*) FROM disclosed_agreement
            WHERE disclosed_agreement.disclosure_id = filing.id) AS agreements,
        (SELECT COUNT(*) FROM disclosed_arrangement
            WHERE disclosed_arrangement.disclosure_id = filing.id) AS arrangements
    FROM filing JOIN disclosure ON disclosure.id = filing.id
        LEFT JOIN disclosed ON disclosed.disclosure_id = filing.id";

const UP: &[&str] = &[
    // A process is a published solicitation with what follows from it, or a contract without one.
    "CREATE VIEW open_process AS
        SELECT solicitation.id AS process_id, 'SOLICITATION' AS kind
            FROM solicitation WHERE solicitation.status <> 'DRAFT'
        UNION ALL
        SELECT contract.id AS process_id, 'CONTRACT' AS kind
            FROM contract WHERE contract.bid_id IS NULL",
    "CREATE VIEW open_tender AS
        SELECT solicitation.id AS solicitation_id, solicitation.number, solicitation.title,
            solicitation.description, solicitation.method, solicitation.public_works,
            solicitation.status, solicitation.due_at, solicitation.created_at,
            solicitation.published_at, solicitation.canceled_at,
            solicitation.cancellation_reason, department.id AS department_id,
            department.name AS department_name
        FROM solicitation JOIN department ON department.id = solicitation.department_id
        WHERE solicitation.status <> 'DRAFT'",
    "CREATE VIEW open_addendum AS
        SELECT addendum.solicitation_id, addendum.number, addendum.text, addendum.due_at,
            addendum.issued_at
        FROM addendum",
    OPEN_BID,
    OPEN_CONTRACT,
    "CREATE VIEW open_amendment AS
        SELECT renewal.id AS renewal_id, renewal.contract_id, renewal.action, renewal.number,
            renewal.start_date, renewal.end_date, renewal.value_cents, renewal.currency,
            renewal.executed_at
        FROM renewal WHERE renewal.status = 'EXECUTED'",
    "CREATE VIEW open_party AS
        SELECT organization.id AS organization_id, organization.kind, organization.legal_name,
            organization.address, organization.ownership, organization.updated_at
        FROM organization",
    OPEN_DISCLOSURE,
    // What is withheld has no component here.
    "CREATE VIEW open_component AS
        SELECT disclosed_agreement.disclosure_id, disclosed_agreement.component,
            COUNT(*) AS agreements
        FROM disclosed_agreement WHERE disclosed_agreement.component IS NOT NULL
        GROUP BY disclosed_agreement.disclosure_id, disclosed_agreement.component",
];

const DOWN: &[&str] = &[
    "DROP VIEW open_component",
    "DROP VIEW open_disclosure",
    "DROP VIEW open_party",
    "DROP VIEW open_amendment",
    "DROP VIEW open_contract",
    "DROP VIEW open_bid",
    "DROP VIEW open_addendum",
    "DROP VIEW open_tender",
    "DROP VIEW open_process",
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

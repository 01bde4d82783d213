//! What exports of bids and contracts and open data say of a firm that was merged is said of the organization that it
//! goes on as, as in the lists of bids and contracts. An export of disclosures names the organization that filed.
//! Before, a bid that rests on a filing of the merged organization had that one's id and name, so that open data
//! counted one firm twice.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const DROP: &[&str] = &[
    "DROP VIEW screening_bid_export",
    "DROP VIEW screening_contract_export",
    "DROP VIEW open_bid",
    "DROP VIEW open_contract",
    "DROP VIEW open_disclosure",
];

const UP: &[&str] = &[
    "CREATE VIEW screening_bid_export AS
        SELECT bid.id AS bid_id, solicitation.number AS solicitation_number,
            solicitation.title AS solicitation_title, solicitation.due_at,
            department.code AS department_code, department.name AS department_name,
            firm.id AS firm_id, firm.legal_name AS organization_name, bid.amount_cents,
            bid.currency, filing.version AS disclosure_version
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            JOIN department ON department.id = solicitation.department_id
            JOIN organization bidder ON bidder.id = bid.organization_id
            JOIN organization firm ON firm.id = COALESCE(bidder.merged_into, bidder.id)
            LEFT JOIN filing ON filing.id = bid.disclosure_id",
    "CREATE VIEW screening_contract_export AS
        SELECT contract.id AS contract_id, department.code AS department_code,
            department.name AS department_name, firm.id AS firm_id,
            firm.legal_name AS organization_name, contract.signed_on, contract.options_left
        FROM contract JOIN department ON department.id = contract.department_id
            JOIN organization holder ON holder.id = contract.organization_id
            JOIN organization firm ON firm.id = COALESCE(holder.merged_into, holder.id)",
    // Sealed or not, bids are public once they were due.
    "CREATE VIEW open_bid AS
        SELECT bid.id AS bid_id, bid.solicitation_id,
            COALESCE(bidder.merged_into, bidder.id) AS organization_id, bid.status,
            bid.amount_cents, bid.currency, bid.submitted_at, bid.disclosure_id,
            solicitation.due_at
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            JOIN organization bidder ON bidder.id = bid.organization_id",
    "CREATE VIEW open_contract AS
        SELECT contract.id AS contract_id, bid.solicitation_id, contract.bid_id, contract.number,
            contract.title, contract.method, contract.public_works,
            COALESCE(winner.merged_into, winner.id) AS awarded_to,
            COALESCE(holder.merged_into, holder.id) AS organization_id, contract.value_cents,
            contract.currency, contract.signed_on, contract.start_date, contract.end_date,
            contract.recorded_at, contract.award_disclosure_id, contract.disclosure_id,
            department.id AS department_id, department.name AS department_name
        FROM contract JOIN department ON department.id = contract.department_id
            JOIN organization winner ON winner.id = contract.awarded_to
            JOIN organization holder ON holder.id = contract.organization_id
            LEFT JOIN bid ON bid.id = contract.bid_id",
    "CREATE VIEW open_disclosure AS
        SELECT filing.id AS disclosure_id, COALESCE(filer.merged_into, filer.id) AS organization_id,
            filing.version, filing.kind, filing.policy_version, filing.filed_at, disclosure.status,
            COALESCE(disclosed.withheld, FALSE) AS withheld,
            (SELECT COUNT(*) FROM disclosed_agreement
                WHERE disclosed_agreement.disclosure_id = filing.id) AS agreements,
            (SELECT COUNT(*) FROM disclosed_arrangement
                WHERE disclosed_arrangement.disclosure_id = filing.id) AS arrangements
        FROM filing JOIN disclosure ON disclosure.id = filing.id
            JOIN organization filer ON filer.id = filing.organization_id
            LEFT JOIN disclosed ON disclosed.disclosure_id = filing.id",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DROP).await?;
        engine::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use crate::m20261129_000034_exports_and_names as exports;
        use crate::m20261129_000035_open_data as open_data;
        engine::run(manager, DROP).await?;
        engine::run(manager, &[exports::BID_EXPORT, exports::CONTRACT_EXPORT]).await?;
        let open_data = [open_data::OPEN_BID, open_data::OPEN_CONTRACT, open_data::OPEN_DISCLOSURE];
        engine::run(manager, &open_data).await
    }
}

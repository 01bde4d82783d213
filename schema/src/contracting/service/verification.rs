//! Checking that the ledger says the same of every contract and renewal.
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::store;
use crate::contracting::model::Basis;
use crate::fault::Result;
use crate::ledger;
use crate::ledger::model::{Claim, LedgerAction, Life};
use crate::money::Money;

/// Where each entry on a renewal leaves it.
const RENEWAL: &[(LedgerAction, &str)] = &[
    (LedgerAction::RenewalProposed, "PROPOSED"),
    (LedgerAction::RenewalSuperseded, "SUPERSEDED"),
    (LedgerAction::RenewalExecuted, "EXECUTED"),
];

/// Compares every contract with the ledger. Answers the number of contracts and what is wrong with
/// the first wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row| Claim {
        row: row.id.uuid(),
        name: format!("contract {}", row.id),
        subject: row.id.uuid(),
        made_by: match row.basis {
            Basis::Recorded => super::record::RECORDED,
            Basis::Gated | Basis::Ungated => LedgerAction::ContractAwarded,
        },
        made_with: json!({
            "department": row.department_id,
            "number": row.number,
            "organization": row.awarded_to,
            "signedOn": row.signed_on,
            "basis": row.basis,
        }),
        life: None,
    })
    .await
}

/// As [`borne_out`], of the renewals.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn renewals_borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::renewals_batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row| Claim {
        row: row.id.uuid(),
        name: format!("renewal {}", row.id),
        subject: row.id.uuid(),
        made_by: LedgerAction::RenewalProposed,
        made_with: json!({
            "contract": row.contract_id,
            "action": row.action,
            "organization": row.organization_id,
            "value": Money { cents: row.value_cents, currency: row.currency.clone() },
        }),
        life: Some(Life { status: row.status.word(), set_by: RENEWAL }),
    })
    .await
}

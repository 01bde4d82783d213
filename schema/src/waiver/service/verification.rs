//! Checking that the ledger says the same of every waiver and exemption.
use sea_orm::ConnectionTrait;

use super::exemptions::claimed;
use super::waivers::told;
use crate::fault::Result;
use crate::ledger;
use crate::ledger::model::{Claim, LedgerAction, Life};
use crate::waiver::entity::{exemption, waiver};
use crate::waiver::store;

/// Where each entry on a waiver leaves it.
const LIFE: &[(LedgerAction, &str)] = &[
    (LedgerAction::WaiverRequested, "REQUESTED"),
    (LedgerAction::WaiverApproved, "APPROVED"),
    (LedgerAction::WaiverRevoked, "REVOKED"),
];

/// Compares every waiver with the ledger. Answers their number and what is wrong with the first
/// wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn waivers_borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::waivers::batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row: &waiver::Model| Claim {
        row: row.id.uuid(),
        name: format!("waiver {}", row.id),
        subject: row.id.uuid(),
        made_by: LedgerAction::WaiverRequested,
        made_with: told(row),
        life: Some(Life { status: row.status.word(), set_by: LIFE }),
    })
    .await
}

/// As [`waivers_borne_out`], of the exemptions.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn exemptions_borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::exemptions::batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row: &exemption::Model| Claim {
        row: row.id.uuid(),
        name: format!("exemption {}", row.id),
        subject: row.id.uuid(),
        made_by: LedgerAction::ExemptionClaimed,
        made_with: claimed(row),
        life: None,
    })
    .await
}

//! Checking that the ledger says the same of every solicitation and bid.
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::store;
use crate::fault::Result;
use crate::ledger;
use crate::ledger::model::{Claim, LedgerAction, Life};
use crate::money::Money;

/// Where each entry on a solicitation leaves it.
const SOLICITATION: &[(LedgerAction, &str)] = &[
    (LedgerAction::SolicitationDrafted, "DRAFT"),
    (LedgerAction::SolicitationPublished, "PUBLISHED"),
    (LedgerAction::SolicitationCancelled, "CANCELLED"),
];
/// Where each entry on a bid leaves it; `bid.submitted` says so itself.
const BID: &[(LedgerAction, &str)] = &[
    (LedgerAction::BidWithdrawn, "WITHDRAWN"),
    (LedgerAction::BidClosed, "CLOSED"),
    (LedgerAction::BidAwarded, "AWARDED"),
];

/// Compares every solicitation with the ledger. Answers the number of solicitations and what is
/// wrong with the first wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row| Claim {
        row: row.id.uuid(),
        name: format!("solicitation {}", row.id),
        subject: row.id.uuid(),
        made_by: LedgerAction::SolicitationDrafted,
        made_with: json!({ "department": row.department_id, "number": row.number }),
        life: Some(Life { status: row.status.word(), set_by: SOLICITATION }),
    })
    .await
}

/// As [`borne_out`], of the bids and refused attempts.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn bids_borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::bids_batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row| Claim {
        row: row.id.uuid(),
        name: format!("bid {}", row.id),
        subject: row.id.uuid(),
        made_by: LedgerAction::BidSubmitted,
        made_with: json!({
            "solicitation": row.solicitation_id,
            "organization": row.organization_id,
            "amount": Money { cents: row.amount_cents, currency: row.currency.clone() },
        }),
        life: Some(Life { status: row.status.word(), set_by: BID }),
    })
    .await
}

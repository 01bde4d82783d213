//! Checking that the ledger knows every organization and department.
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::store;
use crate::fault::Result;
use crate::ledger;
use crate::ledger::model::{Claim, LedgerAction};

/// Compares every organization with the entry of the ledger that registered it; what is known of
/// it may have been corrected since. Answers the number of organizations and what is wrong with
/// the first wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row| Claim {
        row: row.id.uuid(),
        name: format!("organization {}", row.id),
        subject: row.id.uuid(),
        made_by: LedgerAction::OrganizationRegistered,
        made_with: json!({}),
        life: None,
    })
    .await
}

/// As [`borne_out`], of the departments.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn departments_borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::departments_batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row| Claim {
        row: row.id.uuid(),
        name: format!("department {}", row.id),
        subject: row.id.uuid(),
        made_by: LedgerAction::DepartmentRegistered,
        made_with: json!({ "code": row.code, "name": row.name, "contact": row.contact }),
        life: None,
    })
    .await
}

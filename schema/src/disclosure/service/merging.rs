//! Makes one history of the filings of organizations that are merged.
use chrono::{DateTime, Utc};

use super::filing::{Successor, supersede};
use super::{FiledDisclosure, parse_attestation, store};
use crate::database::Tx;
use crate::fault::Result;
use crate::organization::model::{OrganizationId, Viewer};

/// Leaves the newest of the organizations' disclosures on file and marks the others as superseded by it.
/// The caller holds the organizations' locks.
///
/// # Errors
/// `Conflict` if a disclosure changed meanwhile.
#[tracing::instrument(skip_all, fields(organizations = organizations.len()))]
pub async fn merge_filings(
    tx: &Tx,
    viewer: &Viewer,
    organizations: Vec<OrganizationId>,
) -> Result<()> {
    let mut filed = store::lock_filed(tx, organizations).await?;
    store::sort_history(&mut filed, |FiledDisclosure { record, .. }| {
        (record.organization_id, record.version, record.filed_at, record.id)
    });
    let Some(newest) = filed.pop() else { return Ok(()) };
    let form = parse_attestation(&newest.filing)?.form;
    for older in filed {
        let successor = Successor {
            id: newest.record.id,
            form,
            reason: "the firm was merged with another, whose newer disclosure counts",
        };
        supersede(tx, viewer, older.record, successor).await?;
    }
    Ok(())
}

/// When one of these organizations last withdrew a disclosure (UTC). The caller holds their locks.
///
/// # Errors
/// Database faults only.
pub async fn find_last_withdrawal(
    tx: &Tx,
    organizations: Vec<OrganizationId>,
) -> Result<Option<DateTime<Utc>>> {
    Ok(store::find_last_withdrawal(tx, organizations).await?)
}

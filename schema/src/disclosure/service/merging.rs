//! Makes one history of the filings of organizations that are merged.
use super::filing::{Successor, supersede};
use super::{parse_attestation, store};
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
    filed.sort_by_key(|filed| (filed.filing.filed_at, filed.record.id));
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

//! The start and end of every review transaction: lock, assignment, re-evaluation, commit.
use super::{FiledDisclosure, load_visible_by_ids, parse_attestation, store};
use crate::database::Tx;
use crate::disclosure::model::{AttestationForm, DisclosureId, DisclosureRecord, DisclosureStatus};
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::Viewer;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;

/// The refusal of a viewer who is not a reviewer.
pub(super) const REVIEWER_REQUIRED: &str =
    "only a reviewer of the Bureau of Contract Administration may do this";

/// Locks a disclosure's organization and the disclosure for a reviewer. Whoever filed it, or entered
/// its paper form, may not review it: a review takes a second person.
///
/// # Errors
/// `NotFound` if the viewer may not see it, `Forbidden` unless the viewer is a reviewer or supervisor
/// who did not file it, `Conflict` if it was withdrawn.
pub(super) async fn lock_for_review(
    tx: &Tx,
    viewer: &Viewer,
    id: DisclosureId,
) -> Result<FiledDisclosure> {
    // Read through the transaction: a second connection per request could exhaust the pool.
    let visible = store::find(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.require_reviewer(REVIEWER_REQUIRED)?;
    if visible.filing.filed_by == viewer.subject {
        return Err(Fault::Forbidden(match parse_attestation(&visible.filing)?.form {
            AttestationForm::Paper => {
                "you entered this paper form; another reviewer or supervisor must review it"
            }
            AttestationForm::Electronic => {
                "you filed this disclosure; another reviewer or supervisor must review it"
            }
        }));
    }
    organization::service::lock_organization(tx, visible.record.organization_id).await?;
    let record = store::reviews::lock_disclosure(tx, id).await?.ok_or(Fault::NotFound)?;
    if record.status() == DisclosureStatus::Withdrawn {
        return Err(Fault::conflict("the disclosure was withdrawn and can no longer be reviewed"));
    }
    Ok(FiledDisclosure { record, filing: visible.filing })
}

/// Enqueues re-evaluation of the bids and contracts that depend on the disclosure's organization.
pub(super) async fn enqueue_reevaluation(
    tx: &Tx,
    viewer: &Viewer,
    record: &DisclosureRecord,
    lifted_rules: LiftedRules,
) -> Result<()> {
    let change = Change {
        source: ChangeSource::Organization,
        subject_id: record.organization_id.uuid(),
        lifted_rules,
        not_before: viewer.now,
    };
    enqueue(tx, change).await
}

/// Commits, and returns the disclosure as `viewer` may see it.
pub(super) async fn commit_and_load(
    tx: Tx,
    viewer: &Viewer,
    id: DisclosureId,
) -> Result<FiledDisclosure> {
    let filed = load_visible_by_ids(&*tx, viewer, vec![id.uuid()]).await?.remove(&id);
    let filed = filed.ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(filed)
}

//! What every act of a reviewer begins and ends with.
use super::{Filed, attestation, store, visible_by_ids};
use crate::database::Tx;
use crate::disclosure::entity::disclosure;
use crate::disclosure::model::{AttestationForm, DisclosureId, DisclosureStatus};
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::Viewer;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;

const WHO: &str = "only a reviewer of the Bureau of Contract Administration does this";

/// A disclosure under the lock on its organization, for a reviewer. Whoever filed it, as by entering
/// a paper form, takes no part in its review: two people stand behind it.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but reviewers and supervisors
/// and to whoever filed it, `Conflict` if it was withdrawn.
pub(super) async fn lock_for_review(tx: &Tx, viewer: &Viewer, id: DisclosureId) -> Result<Filed> {
    // Through the transaction: a second connection held beside it could run the pool dry.
    let seen = store::find(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.reviews(WHO)?;
    if seen.filing.filed_by == viewer.subject {
        return Err(Fault::Forbidden(match attestation(&seen.filing)?.form {
            AttestationForm::Paper => {
                "you entered this paper form; another reviewer or supervisor reviews it"
            }
            AttestationForm::Electronic => {
                "you filed this disclosure; another reviewer or supervisor reviews it"
            }
        }));
    }
    organization::service::lock_one(tx, seen.row.organization_id).await?;
    let row = store::reviews::lock(tx, id).await?.ok_or(Fault::NotFound)?;
    if row.status == DisclosureStatus::Withdrawn {
        return Err(Fault::conflict("it was withdrawn; nothing of it is reviewed any more"));
    }
    Ok(Filed { row, filing: seen.filing })
}

/// Notes that what hangs on the disclosure's organization is looked at again.
pub(super) async fn changed(
    tx: &Tx,
    viewer: &Viewer,
    row: &disclosure::Model,
    revives: LiftedRules,
) -> Result<()> {
    enqueue(tx, (ChangeSource::Organization, row.organization_id.uuid()), revives, viewer.now).await
}

/// Whoever acts on a disclosure that nobody is on is on it from then on.
pub(super) fn taken(row: disclosure::Model, viewer: &Viewer) -> disclosure::Model {
    let (reviewer, taken_at) = match (&row.reviewer, row.taken_at) {
        (Some(_), _) => (row.reviewer, row.taken_at),
        (None, _) => (Some(viewer.subject.clone()), Some(viewer.now)),
    };
    disclosure::Model { reviewer, taken_at, ..row }
}

/// Commits, and returns the disclosure as `viewer` sees it then.
pub(super) async fn shown(tx: Tx, viewer: &Viewer, id: DisclosureId) -> Result<Filed> {
    let filed = visible_by_ids(&*tx, viewer, vec![id.uuid()]).await?.remove(&id);
    let filed = filed.ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(filed)
}

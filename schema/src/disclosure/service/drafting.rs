//! Saving drafts as they are typed.
use std::sync::Arc;

use super::filing::{Typed, checked};
use super::store;
use super::{Draft, read};
use crate::database::Database;
use crate::disclosure::model::{DisclosureDraftInput, DisclosureId, Statement};
use crate::fault::{Fault, FieldPath, Result, UserError};
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;

/// Keeps a draft as typed, however incomplete. Draft saves are not entries of the ledger.
///
/// # Errors
/// `NotFound` to who is no member, `Conflict` if somebody saved another revision meanwhile: what
/// is stored stays as it is, and what was sent is still the sender's to merge.
pub async fn save_draft(
    db: &Database,
    viewer: &Viewer,
    input: DisclosureDraftInput,
) -> Result<Draft> {
    let organization = input.organization_id;
    viewer.member_of(organization)?;
    let path = FieldPath::argument("input");
    let statement = match (input.statement, input.copy_from) {
        (Some(_), Some(_)) => {
            let told = "Send a statement or copyFrom, not both.";
            return Err(Fault::invalid(&path.at("copyFrom"), "contradiction", told));
        }
        (Some(statement), None) => statement,
        (None, None) => Statement::default(),
        (None, Some(earlier)) => {
            let filed = store::find(&db.read, viewer, earlier).await?;
            let own = filed.filter(|filed| filed.row.organization_id == organization);
            let Some(own) = own else {
                let told = "This organization has filed no such disclosure; leave copyFrom out, or \
                    send the identifier of one of its own.";
                return Err(Fault::invalid(&path.at("copyFrom"), "invalid", told));
            };
            read(earlier, &own.filing.statement)?
        }
    };
    let statement =
        serde_json::to_string(&statement).map_err(|e| Fault::Internal(e.to_string().into()))?;
    let tx = db.begin().await?;
    organization::service::lock_one(&tx, organization).await?;
    let saved = match (store::draft_of(&tx, organization).await?, input.revision) {
        (None, None) => {
            let draft = Draft {
                id: DisclosureId::generate(),
                organization_id: organization,
                statement,
                revision: 1,
                updated_at: viewer.now,
                updated_by: viewer.subject.clone(),
            };
            store::insert_draft(&tx, draft).await?
        }
        (Some(draft), Some(revision)) if draft.revision == revision => {
            let draft = Draft {
                statement,
                revision: revision + 1,
                updated_at: viewer.now,
                updated_by: viewer.subject.clone(),
                ..draft
            };
            store::update_draft(&tx, draft).await?
        }
        (Some(draft), _) => return Err(stale(&draft)),
        (None, Some(_)) => {
            return Err(Fault::conflict(
                "the draft was filed or discarded meanwhile; nothing was saved: leave revision out \
                to begin a new draft with what you sent",
            ));
        }
    };
    tx.commit().await?;
    Ok(saved)
}

/// What is told to who did not read the draft as it is now.
pub(super) fn stale(draft: &Draft) -> Fault {
    Fault::conflict(format!(
        "the draft {} is at revision {} now, saved by {}; nothing was changed: read it, merge, and \
        send that revision",
        draft.id,
        draft.revision,
        draft.updated_by.subject()
    ))
}

/// Throws a draft away.
///
/// # Errors
/// `NotFound` if it is no draft of the viewer's organization, `Conflict` at another revision.
pub async fn discard_draft(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    revision: i64,
) -> Result<Draft> {
    let draft = store::find_draft(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let tx = db.begin().await?;
    organization::service::lock_one(&tx, draft.organization_id).await?;
    let draft = store::draft_of(&tx, draft.organization_id).await?;
    let draft = draft.filter(|draft| draft.id == id).ok_or(Fault::NotFound)?;
    if draft.revision != revision {
        return Err(stale(&draft));
    }
    store::delete_draft(&tx, id).await?;
    tx.commit().await?;
    Ok(draft)
}

/// All that keeps a draft from being filed now, at once; empty if nothing does.
///
/// # Errors
/// `Conflict` if no policy is in force, and as [`Compute::run`](crate::compute::Compute::run).
pub async fn gaps(db: &Database, viewer: &Viewer, draft: &Draft) -> Result<Vec<UserError>> {
    let policy = Arc::new(policy::service::current(&db.read, viewer.now).await?.policy);
    let typed = Typed::Draft(draft.id, draft.statement.clone());
    Ok(checked(db, viewer, typed, policy).await?.err().unwrap_or_default())
}

//! Withdrawal of a disclosure.
use serde_json::json;

use super::filing::lock_group_filed;
use super::{FiledDisclosure, store};
use crate::database::Database;
use crate::disclosure::model::{DisclosureId, DisclosureRecord, ReviewTransitions, Withdrawal};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::Viewer;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_PROSE_CHARS, validate_required};

/// Withdraws an organization's disclosure on file; the filing stays on the record.
///
/// # Errors
/// `NotFound` if the viewer may not see it, `Forbidden` unless the viewer is a signatory, `Conflict`
/// if it is not the disclosure on file, or if a live bid, an award or an executed renewal of the
/// organization relies on it; a database constraint enforces that under concurrency.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn withdraw(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    reason: &str,
) -> Result<FiledDisclosure> {
    let filed = store::find(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let organization = filed.record.organization_id;
    viewer.require_signatory(
        organization,
        "only a signatory may withdraw; ask one of your signatories",
    )?;
    let mut errors = InputErrors::default();
    let reason =
        validate_required(reason, MAX_PROSE_CHARS, &FieldPath::argument("reason"), &mut errors);
    errors.finish()?;
    let tx = db.begin().await?;
    organization::service::lock_organization(&tx, organization).await?;
    let group = organization::service::load_group(&*tx, organization).await?;
    let on_file = lock_group_filed(&tx, &group, organization).await?;
    let filed = on_file.filter(|filed| filed.record.id == id);
    let not_filed = "the disclosure was superseded or withdrawn; reload";
    let FiledDisclosure { record, filing } = filed.ok_or(Fault::conflict(not_filed))?;
    if !store::reviews::list_under_appeal(&*tx, vec![id.uuid()]).await?.is_empty() {
        return Err(Fault::conflict(
            "your appeal against its rejection is open; wait for the decision, or file a new \
            disclosure to replace it",
        ));
    }
    let open = store::reviews::find_open_clarifications(&*tx, vec![id.uuid()]).await?.remove(&id);
    let mut review = record.review;
    if let Some(open) = open {
        super::clarification::close_clarification(
            &tx,
            viewer,
            open,
            "the disclosure was withdrawn",
        )
        .await?;
        review = review.close_clarification().map_err(|_| Fault::conflict(not_filed))?;
    }
    // The organizations were one firm when they were locked, also if this was received before they were merged.
    let merged_at = group.last_merge_of(organization);
    let at = merged_at.map_or(viewer.now, |merged_at| viewer.now.max(merged_at));
    let withdrawal = Withdrawal { at, reason: reason.clone() };
    let record = DisclosureRecord { review, ..record };
    let record = record.withdraw(withdrawal).map_err(|_| Fault::conflict(not_filed))?;
    let in_use = "a live bid or a contract of yours relies on this disclosure; file an amendment \
        instead, or withdraw the bid first";
    let record = store::update(&tx, record).await.map_err(|error| match Fault::from(error) {
        Fault::Conflict(_) => Fault::conflict(in_use),
        fault => fault,
    })?;
    let actor = viewer.actor();
    append(&tx, actor, id, LedgerAction::DisclosureWithdrawn, &json!({ "reason": reason })).await?;
    let change = Change {
        source: ChangeSource::Organization,
        subject_id: organization.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: viewer.now,
    };
    enqueue(&tx, change).await?;
    tx.commit().await?;
    Ok(FiledDisclosure { record, filing })
}

//! Merges two organizations that are one firm. Bids decide whether they may be merged, so the use case is
//! in this feature; the parts of the earlier features are in theirs.
use std::collections::BTreeSet;

use super::store;
use crate::bidding::model::SolicitationRecord;
use crate::clock::just_after;
use crate::database::{Database, Tx};
use crate::deadline::has_settled;
use crate::disclosure;
use crate::fault::{Fault, FieldPath, Result};
use crate::organization;
use crate::organization::model::{MergeInput, Viewer};
use crate::organization::service::{LockedMerge, Organization, OrganizationInclude};
use crate::user_message::UserMessage;

/// Merges an organization into another: their filings become one history, of which the newest counts;
/// what refers to either stays readable; the members of the retired one lose access.
///
/// # Errors
/// `Forbidden` unless the viewer is a supervisor; `Invalid` as [`organization::service::lock_for_merge`],
/// and if both have an open bid on one solicitation; `Conflict` if one of them was merged at the same
/// time.
#[tracing::instrument(skip_all, fields(id = %input.retired_id))]
pub async fn merge_organizations(
    db: &Database,
    viewer: &Viewer,
    input: &MergeInput,
    include: OrganizationInclude,
) -> Result<Organization> {
    viewer.require_supervisor("only a supervisor may merge organizations")?;
    let tx = db.begin().await?;
    let merge = organization::service::lock_for_merge(&tx, viewer, input).await?;
    let viewer = &viewer.with_effective_time(&tx);
    require_no_shared_solicitation(&tx, viewer, &merge).await?;
    let group = [merge.retired(), merge.surviving()].map(|id| merge.groups.ids_of(id)).concat();
    let last_withdrawal = disclosure::service::find_last_withdrawal(&tx, group.clone()).await?;
    disclosure::service::merge_filings(&tx, viewer, group).await?;
    // What was withdrawn before the organizations were locked was withdrawn before they were one firm.
    let merged_at = last_withdrawal.map_or(viewer.now, |at| viewer.now.max(just_after(at)));
    let merged =
        organization::service::merge_locked_organizations(&tx, viewer, merge, merged_at, include)
            .await?;
    tx.commit().await?;
    Ok(merged)
}

/// Requires that not both firms have an open bid on one solicitation. A solicitation whose bids are
/// sealed is not named.
async fn require_no_shared_solicitation(
    tx: &Tx,
    viewer: &Viewer,
    merge: &LockedMerge,
) -> Result<()> {
    let (one, other) = (merge.retired(), merge.surviving());
    let (one, other) = (merge.groups.ids_of(one), merge.groups.ids_of(other));
    let shared = store::list_shared_solicitations(tx, one, other).await?;
    if shared.is_empty() {
        return Ok(());
    }
    let is_open = |record: &SolicitationRecord| {
        let is_sealed = record.state.publication().is_some_and(|it| it.sealed);
        !is_sealed || has_settled(record.due_at, viewer.now)
    };
    let shared = store::list_by_ids(&**tx, shared).await?;
    let named: BTreeSet<String> = shared
        .into_iter()
        .map(|record| {
            if is_open(&record) {
                record.number
            } else {
                "a solicitation whose bids are sealed".to_owned()
            }
        })
        .collect();
    let solicitations = named.into_iter().collect::<Vec<_>>().join(", ");
    let path = FieldPath::argument("input").at("survivingId");
    Err(Fault::invalid(&path, UserMessage::MergeOfBidders { solicitations }))
}

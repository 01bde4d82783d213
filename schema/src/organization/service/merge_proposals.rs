//! Proposals to merge organizations that may be one firm, for a supervisor to decide.
use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::merging::load_groups;
use super::store::{Organization, OrganizationInclude, merging};
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{FirstEntry, append, append_first};
use crate::organization::entity::merge_proposal::Model;
use crate::organization::model::{
    MergeOutcome, MergeProposalId, OrganizationId, PossibleMerge, ProposedMerge, Viewer,
};
use crate::text::{MAX_PROSE_CHARS, validate_required};

/// A proposal to merge two organizations, with those that the viewer may see.
#[derive(Clone, Debug)]
pub struct MergeProposal {
    pub row: Model,
    pub organization: Option<Organization>,
    pub other: Option<Organization>,
}

/// Inserts the pairs that were not proposed before and are not one firm already, and returns the new
/// proposals. The caller is a command or a use case that may propose.
///
/// # Errors
/// `Conflict` if another transaction proposes one of them.
#[tracing::instrument(skip_all, fields(pairs = pairs.len()))]
pub async fn propose_merges(
    tx: &Tx,
    viewer: &Viewer,
    pairs: Vec<PossibleMerge>,
) -> Result<Vec<ProposedMerge>> {
    let mut wanted = BTreeMap::new();
    for PossibleMerge { organizations: (one, other), grounds } in pairs {
        if one != other {
            wanted.entry((one.min(other), one.max(other))).or_insert(grounds);
        }
    }
    let ids: HashSet<Uuid> =
        wanted.keys().flat_map(|(one, other)| [one.uuid(), other.uuid()]).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let groups = load_groups(&**tx, ids.clone()).await?;
    let known = merging::list_proposals_among(&**tx, ids).await?;
    let known: HashSet<_> = known.iter().map(|row| (row.organization_id, row.other_id)).collect();
    wanted.retain(|pair, _| !known.contains(pair) && !groups.is_same_firm(pair.0, pair.1));
    let rows: Vec<Model> = wanted
        .into_iter()
        .map(|((organization_id, other_id), grounds)| Model {
            id: MergeProposalId::generate(),
            organization_id,
            other_id,
            grounds,
            proposed_by: viewer.subject.clone(),
            proposed_at: viewer.now,
            outcome: None,
            decided_by: None,
            decided_at: None,
            reason: None,
        })
        .collect();
    let entries = rows.iter().map(|row| FirstEntry {
        subject: row.id.into(),
        parent: Some(row.organization_id.into()),
        data: json!({
            "first": row.organization_id, "second": row.other_id, "grounds": row.grounds,
        }),
    });
    let entries: Vec<FirstEntry> = entries.collect();
    let new = rows.iter().map(|row| ProposedMerge {
        id: row.id,
        organizations: (row.organization_id, row.other_id),
    });
    let new: Vec<ProposedMerge> = new.collect();
    if !new.is_empty() {
        merging::insert_proposals(tx, rows).await?;
        append_first(tx, viewer.actor(), LedgerAction::MergeProposed, entries).await?;
    }
    Ok(new)
}

/// Closes the open proposals about pairs of organizations that are one firm now.
pub(super) async fn mark_proposals_merged(
    tx: &Tx,
    viewer: &Viewer,
    group: Vec<OrganizationId>,
    reason: &str,
) -> Result<()> {
    let group = group.into_iter().map(OrganizationId::uuid).collect();
    for proposal in merging::list_proposals_among(&**tx, group).await? {
        // Locked before it is looked at: it may be dismissed at the same time.
        let Some(proposal) = merging::lock_proposal(tx, proposal.id).await? else { continue };
        if proposal.outcome.is_none() {
            decide(tx, viewer, proposal, MergeOutcome::Merged, reason.to_owned()).await?;
        }
    }
    Ok(())
}

async fn decide(
    tx: &Tx,
    viewer: &Viewer,
    proposal: Model,
    outcome: MergeOutcome,
    reason: String,
) -> Result<Model> {
    let action = match outcome {
        MergeOutcome::Merged => LedgerAction::MergeProposalMerged,
        MergeOutcome::Dismissed => LedgerAction::MergeProposalDismissed,
    };
    let data = json!({ "reason": reason });
    let decided = Model {
        outcome: Some(outcome),
        decided_by: Some(viewer.subject.clone()),
        decided_at: Some(viewer.now),
        reason: Some(reason),
        ..proposal
    };
    let decided = merging::update_proposal(tx, decided).await?;
    append(tx, viewer.actor(), decided.id, action, &data).await?;
    Ok(decided)
}

/// Closes a proposal: the two organizations are two firms, and stay apart.
///
/// # Errors
/// `Forbidden` unless the viewer is a supervisor, `NotFound` for an unknown proposal, `Invalid` without a
/// reason, `Conflict` if it was decided.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn dismiss_merge(
    db: &Database,
    viewer: &Viewer,
    id: MergeProposalId,
    reason: &str,
    include: OrganizationInclude,
) -> Result<MergeProposal> {
    viewer.require_supervisor("only a supervisor may dismiss a proposal to merge organizations")?;
    let mut errors = InputErrors::default();
    let at = FieldPath::argument("reason");
    let reason = validate_required(reason, MAX_PROSE_CHARS, &at, &mut errors);
    errors.finish()?;
    let tx = db.begin().await?;
    let proposal = merging::lock_proposal(&tx, id).await?.ok_or(Fault::NotFound)?;
    if let Some(outcome) = proposal.outcome {
        return Err(Fault::conflict(match outcome {
            MergeOutcome::Merged => "the two organizations were merged; reload",
            MergeOutcome::Dismissed => "the proposal was dismissed; reload",
        }));
    }
    let viewer = &viewer.with_effective_time(&tx);
    let decided = decide(&tx, viewer, proposal, MergeOutcome::Dismissed, reason).await?;
    let proposal = with_organizations(&*tx, viewer, vec![decided], include).await?.pop();
    let proposal = proposal.ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(proposal)
}

/// Loads those of the given proposals that `viewer` may see, by id: all for City-wide readers.
#[tracing::instrument(skip_all)]
pub async fn load_merge_proposals(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: OrganizationInclude,
) -> Result<HashMap<MergeProposalId, MergeProposal>> {
    let rows = merging::load_visible_proposals(db, viewer, ids).await?;
    let proposals = with_organizations(db, viewer, rows, include).await?;
    Ok(proposals.into_iter().map(|proposal| (proposal.row.id, proposal)).collect())
}

async fn with_organizations(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    rows: Vec<Model>,
    include: OrganizationInclude,
) -> Result<Vec<MergeProposal>> {
    let ids: HashSet<Uuid> =
        rows.iter().flat_map(|row| [row.organization_id.uuid(), row.other_id.uuid()]).collect();
    let ids = ids.into_iter().collect();
    let organizations = super::load_visible_organizations(db, viewer, ids, include).await?;
    let proposals = rows.into_iter().map(|row| MergeProposal {
        organization: organizations.get(&row.organization_id).cloned(),
        other: organizations.get(&row.other_id).cloned(),
        row,
    });
    Ok(proposals.collect())
}

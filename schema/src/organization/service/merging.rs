//! Merges two organizations that are one firm, and answers who belongs to one firm.
//!
//! A merged organization keeps its row and everything that refers to it. The organizations of a group
//! count as one: [`load_groups`] says which they are.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};
use uuid::Uuid;

use super::merge_proposals::mark_proposals_merged;
use super::registration::change_of;
use super::store::{self, MemberScope, Organization, OrganizationInclude, claims, merging};
use crate::database::Tx;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization::entity::identifier::Model as Claim;
use crate::organization::entity::member;
use crate::organization::entity::organization::Model;
use crate::organization::model::{
    FormerName, GroupMember, Groups, IdentifierDisputeId, IdentifierScheme, IdentifierState,
    MergeInput, OrganizationId, Viewer,
};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_PROSE_CHARS, validate_required};
use crate::user_message::{Kinds, UserMessage};

/// Loads the groups of organizations in one statement. Unknown organizations have none.
pub async fn load_groups(db: &impl ConnectionTrait, organizations: Vec<Uuid>) -> Result<Groups> {
    if organizations.is_empty() {
        return Ok(Groups::default());
    }
    let rows = merging::load_groups(db, organizations).await?.into_iter();
    let members = rows.map(|merging::GroupRow { id, merged_into, merged_at, merged_through }| {
        (GroupMember { id, merged_at, merged_through }, merged_into.unwrap_or(id))
    });
    Ok(Groups::from_members(members))
}

/// Loads the group of one organization.
pub async fn load_group(db: &impl ConnectionTrait, organization: OrganizationId) -> Result<Groups> {
    load_groups(db, vec![organization.uuid()]).await
}

/// Locks the groups of organizations until the transaction ends, and returns those of `ids` that exist,
/// in id order.
///
/// # Errors
/// `Conflict` if one of them was merged with another before the lock was held.
pub(super) async fn lock_groups(tx: &Tx, ids: Vec<OrganizationId>) -> Result<Vec<Model>> {
    let requested: HashSet<OrganizationId> = ids.into_iter().collect();
    let uuids: Vec<Uuid> = requested.iter().map(|id| id.uuid()).collect();
    let mut locked = merging::lock_groups(tx, uuids.clone()).await?;
    // On SQLite the transaction was exclusive from its beginning.
    if tx.get_database_backend() == DbBackend::Postgres {
        let current: HashSet<Uuid> =
            load_groups(&**tx, uuids).await?.all_uuids().into_iter().collect();
        if current != locked.iter().map(|row| row.id.uuid()).collect() {
            return Err(Fault::conflict(
                "an organization was merged with another at the same time; try again",
            ));
        }
    }
    locked.retain(|row| requested.contains(&row.id));
    Ok(locked)
}

/// Requires that an organization was not merged into another; `path` is where the input names it.
///
/// # Errors
/// `Invalid` with the organization to use instead.
pub fn require_unmerged(row: &Model, path: &FieldPath) -> Result<()> {
    match row.merged_into {
        None => Ok(()),
        Some(into) => {
            let message = UserMessage::OrganizationMerged { into: into.to_string() };
            Err(Fault::invalid(path, message))
        }
    }
}

/// As [`require_unmerged`], by identifier. An unknown organization is left to the caller.
///
/// # Errors
/// `Invalid` with the organization to use instead.
pub async fn require_unmerged_id(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    path: &FieldPath,
) -> Result<()> {
    let row = store::load_by_ids(db, vec![organization.uuid()]).await?.pop();
    row.map_or(Ok(()), |row| require_unmerged(&row, path))
}

/// Loads the organizations that were merged into each of `survivors` and that `viewer` may see, earliest
/// first.
#[tracing::instrument(skip_all, fields(survivors = survivors.len()))]
pub async fn load_merged_from(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    survivors: Vec<Uuid>,
    include: OrganizationInclude,
) -> Result<HashMap<OrganizationId, Vec<Organization>>> {
    let merged = merging::list_merged_into(db, survivors).await?;
    let ids = merged.iter().map(|row| row.id.uuid()).collect();
    let mut visible = super::load_visible_organizations(db, viewer, ids, include).await?;
    let mut by_survivor = HashMap::<OrganizationId, Vec<Organization>>::new();
    for row in merged {
        if let (Some(survivor), Some(organization)) = (row.merged_into, visible.remove(&row.id)) {
            by_survivor.entry(survivor).or_default().push(organization);
        }
    }
    Ok(by_survivor)
}

/// Two organizations that are locked with their groups and may be merged, as far as this feature knows.
#[derive(Clone, Debug)]
pub struct LockedMerge {
    retired: Model,
    surviving: Model,
    reason: String,
    /// The groups of both, before they are merged.
    pub groups: Groups,
}

impl LockedMerge {
    /// The identifier of the organization that ends.
    #[must_use]
    pub const fn retired(&self) -> OrganizationId {
        self.retired.id
    }

    /// The identifier of the organization that goes on.
    #[must_use]
    pub const fn surviving(&self) -> OrganizationId {
        self.surviving.id
    }
}

/// Locks two organizations to merge.
///
/// # Errors
/// `Forbidden` unless the viewer is a supervisor; `Invalid` without a reason, for an unknown or merged
/// organization, one and the same, a joint venture with its member, or different verified identifiers of
/// one scheme; `Conflict` if one of them was merged at the same time.
#[tracing::instrument(skip_all, fields(id = %input.retired_id))]
pub async fn lock_for_merge(tx: &Tx, viewer: &Viewer, input: &MergeInput) -> Result<LockedMerge> {
    viewer.require_supervisor("only a supervisor may merge organizations")?;
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path.at("reason"), &mut errors);
    let (retired_at, surviving_at) = (path.at("retiredId"), path.at("survivingId"));
    if input.retired_id == input.surviving_id {
        errors.add(&surviving_at, UserMessage::MergeWithItself);
        return Err(Fault::Invalid(errors.into_errors()));
    }
    let locked = lock_groups(tx, vec![input.retired_id, input.surviving_id]).await?;
    let mut find = |id: OrganizationId, at: &FieldPath| {
        let row = locked.iter().find(|row| row.id == id).cloned();
        match &row {
            None => errors.add(at, UserMessage::OrganizationUnknown),
            Some(row) => {
                if let Some(into) = row.merged_into {
                    let message = UserMessage::OrganizationMerged { into: into.to_string() };
                    errors.add(at, message);
                }
            }
        }
        row
    };
    let retired = find(input.retired_id, &retired_at);
    let surviving = find(input.surviving_id, &surviving_at);
    errors.finish()?;
    let (Some(retired), Some(surviving)) = (retired, surviving) else {
        return Err(Fault::NotFound);
    };
    let mut errors = InputErrors::default();
    let ids = vec![retired.id.uuid(), surviving.id.uuid()];
    let groups = load_groups(&**tx, ids).await?;
    let ventures = store::list_joint_venture_members(&**tx, groups.all_uuids()).await?;
    let members = ventures.values().flatten().filter_map(|party| party.organization_id);
    let members = load_groups(&**tx, members.map(OrganizationId::uuid).collect()).await?;
    let is_member = |(venture, parties): (&OrganizationId, &Vec<super::Party>)| {
        let ids = parties.iter().filter_map(|party| party.organization_id);
        let venture = groups.survivor_of(*venture);
        let mut ids = ids.map(|id| members.survivor_of(id)).filter(|id| *id != venture);
        ids.any(|id| id == retired.id || id == surviving.id)
    };
    if ventures.iter().any(is_member) {
        errors.add(&surviving_at, UserMessage::MergeOfVentureAndMember);
    }
    let claimed = claims::list_claims_of(&**tx, retired.id).await?;
    let kept = claims::list_claims_of(&**tx, surviving.id).await?;
    let (claimed, kept) = (verified_by_scheme(&claimed), verified_by_scheme(&kept));
    for (scheme, retired) in claimed {
        let Some(surviving) = kept.get(&scheme) else { continue };
        if retired.iter().all(|value| !surviving.contains(value)) {
            let message = UserMessage::MergeOfVerified {
                scheme: Kinds::named(scheme.as_str(), scheme.label()),
                retired: retired.join(", "),
                surviving: surviving.join(", "),
            };
            errors.add(&surviving_at, message);
        }
    }
    errors.finish()?;
    Ok(LockedMerge { retired, surviving, reason, groups })
}

/// Returns the verified identifiers among claims, by scheme.
fn verified_by_scheme(claims: &[Claim]) -> BTreeMap<IdentifierScheme, Vec<String>> {
    let mut verified = BTreeMap::<IdentifierScheme, Vec<String>>::new();
    for claim in claims.iter().filter(|claim| claim.state == IdentifierState::Verified) {
        verified.entry(claim.scheme).or_default().push(claim.value.clone());
    }
    verified
}

/// Merges two locked organizations: ends the memberships of the retired one, moves its identifiers and
/// names, and queues the re-evaluation of what depends on either. They are one firm from `merged_at` on (UTC).
/// Returns the survivor with its children.
#[tracing::instrument(skip_all, fields(id = %merge.retired.id))]
pub async fn merge_locked_organizations(
    tx: &Tx,
    viewer: &Viewer,
    merge: LockedMerge,
    merged_at: DateTime<Utc>,
    include: OrganizationInclude,
) -> Result<Organization> {
    let LockedMerge { retired, surviving, reason, groups } = merge;
    let (retired_id, surviving_id) = (retired.id, surviving.id);
    let (actor, now) = (viewer.actor(), viewer.now);
    for member in store::list_members(&**tx, MemberScope::Organization(retired_id)).await? {
        let member =
            store::update_member(tx, member::Model { removed_at: Some(now), ..member }).await?;
        let data = json!({ "member": member.id });
        append(tx, actor, retired_id, LedgerAction::MemberRemoved, &data).await?;
    }
    move_claims(tx, viewer, retired_id, surviving_id).await?;
    let data = json!({ "retired": retired_id, "surviving": surviving_id, "reason": reason });
    let earlier = groups.members_of(retired_id).iter().map(|member| member.id.uuid()).collect();
    for before in store::load_by_ids(&**tx, earlier).await? {
        let merged_at = before.merged_at.or(Some(merged_at));
        let merged_through = before.merged_through.or(before.merged_into);
        let merged =
            Model { merged_into: Some(surviving_id), merged_at, merged_through, ..before.clone() };
        let merged = store::update_organization(tx, merged).await?;
        store::names::refresh_names(tx, &before, &merged).await?;
        append(tx, actor, merged.id, LedgerAction::OrganizationMerged, &data).await?;
    }
    let merged = with_names_of(surviving.clone(), &retired, viewer);
    let row = store::update_organization(tx, merged).await?;
    store::names::refresh_names(tx, &surviving, &row).await?;
    append(tx, actor, surviving_id, LedgerAction::OrganizationMerged, &data).await?;
    let group = groups.ids_of(retired_id).into_iter().chain(groups.ids_of(surviving_id)).collect();
    mark_proposals_merged(tx, viewer, group, &reason).await?;
    // Whatever depends on one organization of a group depends on all of them.
    enqueue(tx, change_of(surviving_id, viewer)).await?;
    let organizations = store::load_children(&**tx, Some(viewer), vec![row], include).await?;
    organizations.into_iter().next().ok_or(Fault::NotFound)
}

/// Returns the survivor with the names of the retired organization: its legal names become former ones,
/// its trade names are added.
fn with_names_of(surviving: Model, retired: &Model, viewer: &Viewer) -> Model {
    let mut row = surviving;
    let legal_name = FormerName { name: retired.legal_name.clone(), until: viewer.now };
    for former in retired.former_names.0.iter().cloned().chain([legal_name]) {
        let is_known = row.legal_name == former.name
            || row.former_names.0.iter().any(|known| known.name == former.name);
        if !is_known {
            row.former_names.0.push(former);
        }
    }
    row.former_names.0.sort_by_key(|former| former.until);
    for name in &retired.doing_business_as.0 {
        if *name != row.legal_name && !row.doing_business_as.0.contains(name) {
            row.doing_business_as.0.push(name.clone());
        }
    }
    // A search for matches or an edit that read the row before this must notice.
    row.revision += 1;
    row.updated_at = viewer.now;
    row
}

/// Moves the claims of a retired organization to the survivor. Where both claim an identifier, the
/// stronger claim stays, and it is no longer disputed if nobody else claims it.
async fn move_claims(
    tx: &Tx,
    viewer: &Viewer,
    retired: OrganizationId,
    surviving: OrganizationId,
) -> Result<()> {
    let key = |claim: &Claim| (claim.scheme, claim.value.clone());
    let claimed = claims::list_claims_of(&**tx, retired).await?;
    let kept = claims::list_claims_of(&**tx, surviving).await?;
    let mut kept: HashMap<_, _> = kept.into_iter().map(|claim| (key(&claim), claim)).collect();
    // First, because at most one claim to an identifier is undisputed.
    claims::delete_claims(tx, &claimed).await?;
    let disputes = claimed.iter().chain(kept.values()).filter_map(|claim| claim.dispute_id);
    let disputes: HashSet<Uuid> = disputes.map(IdentifierDisputeId::uuid).collect();
    let mut moved = Vec::new();
    for claim in claimed {
        let Some(own) = kept.remove(&key(&claim)) else {
            moved.push(Claim { organization_id: surviving, ..claim });
            continue;
        };
        let strongest = if strength(&claim) > strength(&own) { claim } else { own.clone() };
        let mut merged = Claim { organization_id: surviving, ..strongest };
        if merged.state == IdentifierState::Disputed {
            let all =
                claims::list_claims_for(&**tx, &[super::claims::identifier_of(&merged)]).await?;
            if all.iter().all(|claim| claim.organization_id == surviving) {
                merged.state = IdentifierState::Claimed;
                merged.dispute_id = None;
            }
        }
        if merged != own {
            claims::update_claim(tx, merged).await?;
        }
    }
    claims::insert_claims(tx, moved).await?;
    let closed = claims::delete_disputes_without_claims(tx, disputes.into_iter().collect()).await?;
    for dispute in closed {
        let data: Value = json!({ "scheme": dispute.scheme, "id": dispute.value });
        append(tx, viewer.actor(), dispute.id, LedgerAction::IdentifierDisputeClosed, &data)
            .await?;
    }
    Ok(())
}

/// Returns the order of two claims to one identifier: verified, else undisputed, else the earlier one.
fn strength(claim: &Claim) -> (u8, std::cmp::Reverse<chrono::DateTime<chrono::Utc>>) {
    let state = match claim.state {
        IdentifierState::Verified => 2,
        IdentifierState::Claimed => 1,
        IdentifierState::Disputed => 0,
    };
    (state, std::cmp::Reverse(claim.claimed_at))
}

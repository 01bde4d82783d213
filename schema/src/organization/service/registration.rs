//! Registers and updates organizations, and fills the search index.
use serde_json::json;

use super::claims;
use super::store::{self, Organization, OrganizationInclude};
use super::take_quota;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, Result};
use crate::ledger::model::{LedgerAction, ServiceId};
use crate::ledger::service::{append, begin};
use crate::organization::entity::member;
use crate::organization::entity::organization::{FormerNames, Model, Names};
use crate::organization::model::{
    FormerName, MemberId, MemberRole, OrganizationId, OrganizationInput, Ownership, Viewer,
};
use crate::organization::{rules, service};
use crate::quota::Activity;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::search::{self, Index};
use crate::user_message::UserMessage;

/// Registers an organization, with the viewer as its first signatory.
///
/// # Errors
/// `Forbidden` unless the viewer is a bidder, `Invalid` with every error in the input, including an
/// identifier that another organization claims, `Conflict` if another organization claims one
/// concurrently, `RateLimited` above the quota.
#[tracing::instrument(skip_all)]
pub async fn register_organization(
    db: &Database,
    viewer: &Viewer,
    input: OrganizationInput,
    include: OrganizationInclude,
) -> Result<Organization> {
    viewer.require_bidder("only a bidder may register an organization")?;
    let input = rules::validate_organization(input)?;
    take_quota(db, viewer, Activity::Organization)?;
    let tx = db.begin().await?;
    let row = organization_row(OrganizationId::generate(), &input, viewer);
    let row = store::insert_organization(&tx, row).await?;
    let signatory = member::Model {
        id: MemberId::generate(),
        organization_id: Some(row.id),
        department_id: None,
        role: Some(MemberRole::Signatory),
        email: viewer.email.clone(),
        subject: Some(viewer.subject.clone()),
        invited_at: viewer.now,
        bound_at: Some(viewer.now),
        removed_at: None,
    };
    store::insert_member(&tx, signatory).await?;
    replace_children(&tx, viewer, &row, &input, LedgerAction::OrganizationRegistered).await?;
    // The viewer was loaded before this membership existed.
    let mut viewer = viewer.clone();
    viewer.organizations.push((row.id, MemberRole::Signatory));
    let organizations = store::load_children(&*tx, Some(&viewer), vec![row], include).await?;
    let organization = organizations.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(organization)
}

/// Updates an organization: the input replaces every field.
///
/// # Errors
/// `NotFound` unless the viewer is a member, `Forbidden` for a preparer, `Invalid` with every error in
/// the input, `Conflict` if another organization claims one of the identifiers concurrently.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn update_organization(
    db: &Database,
    viewer: &Viewer,
    id: OrganizationId,
    input: OrganizationInput,
    include: OrganizationInclude,
) -> Result<Organization> {
    viewer.require_signatory(id, "only a signatory may update the organization")?;
    let input = rules::validate_organization(input)?;
    if input.joint_venture_members.iter().any(|party| party.organization_id == Some(id)) {
        let path = FieldPath::argument("input").at("jointVentureMembers");
        return Err(Fault::invalid(&path, UserMessage::VentureIsOwnMember));
    }
    let tx = db.begin().await?;
    let before = service::lock_organization(&tx, id).await?;
    let mut former_names = before.former_names;
    if before.legal_name != input.legal_name {
        former_names.0.push(FormerName { name: before.legal_name, until: viewer.now });
    }
    let changed = Model {
        created_at: before.created_at,
        revision: before.revision + 1,
        former_names,
        ..organization_row(id, &input, viewer)
    };
    let row = store::update_organization(&tx, changed).await?;
    search::remove(&tx, Index::Organization, id.uuid()).await?;
    replace_children(&tx, viewer, &row, &input, LedgerAction::OrganizationUpdated).await?;
    let organizations = store::load_children(&*tx, Some(viewer), vec![row], include).await?;
    let organization = organizations.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(organization)
}

fn organization_row(id: OrganizationId, input: &OrganizationInput, viewer: &Viewer) -> Model {
    Model {
        id,
        kind: input.kind,
        legal_name: input.legal_name.clone(),
        doing_business_as: Names(input.doing_business_as.clone()),
        address: input.address.clone(),
        ownership: Ownership {
            immediate_owner: input.immediate_owner.clone(),
            highest_owner: input.highest_owner.clone(),
            predecessors: input.predecessors.clone(),
        },
        created_at: viewer.now,
        updated_at: viewer.now,
        revision: 1,
        former_names: FormerNames::default(),
        merged_into: None,
        merged_at: None,
    }
}

async fn replace_children(
    tx: &Tx,
    viewer: &Viewer,
    row: &Model,
    input: &OrganizationInput,
    action: LedgerAction,
) -> Result<()> {
    let parties = &input.joint_venture_members;
    // Checked here, since an unknown member id would violate a foreign key without a clear message.
    let known = service::resolve_parties(&**tx, &parties.iter().collect::<Vec<_>>()).await?;
    let parties: Vec<_> = parties.iter().cloned().zip(known).collect();
    if let Some(index) =
        parties.iter().position(|(party, known)| party.organization_id.is_some() && known.is_none())
    {
        let path =
            FieldPath::argument("input").at("jointVentureMembers").at(index).at("organizationId");
        return Err(Fault::invalid(&path, UserMessage::MemberUnknown));
    }
    let parties: Vec<_> = parties.into_iter().map(|(party, _)| party).collect();
    let identifiers = claims::replace_claims(tx, viewer, row.id, input).await?;
    store::replace_joint_venture_members(tx, row.id, &parties).await?;
    insert_searched_names(tx, row).await?;
    // Bids may name it by an identifier that it now claims, and a venture's members affect its bids.
    let change = Change {
        source: ChangeSource::Organization,
        subject_id: row.id.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: viewer.now,
    };
    enqueue(tx, change).await?;
    let data = json!({
        "kind": row.kind,
        "legalName": row.legal_name,
        "doingBusinessAs": row.doing_business_as.0,
        "identifiers": identifiers,
        "ownership": row.ownership,
        "jointVentureMembers": parties,
    });
    let actor = viewer.actor();
    if action == LedgerAction::OrganizationRegistered {
        let part = ServiceId::part_of(row.id.uuid());
        return begin(tx, actor, row.id, part, action, &data).await;
    }
    append(tx, actor, row.id, action, &data).await
}

/// Inserts an organization's names into the search index.
pub(super) async fn insert_searched_names(tx: &Tx, row: &Model) -> Result<()> {
    Ok(search::insert(tx, Index::Organization, row.id.uuid(), &searched_names(row)).await?)
}

/// Returns the names by which an organization is searched.
pub(super) fn searched_names(row: &Model) -> Vec<&str> {
    let trade_names = row.doing_business_as.0.iter().map(String::as_str);
    trade_names.chain([row.legal_name.as_str()]).collect()
}

/// Fills the search index with the names of every organization if it is empty, as after an upgrade from
/// a version without it. Returns the number of organizations indexed.
pub async fn fill_empty_search_index(db: &Database) -> Result<u64> {
    const BATCH: u64 = 500;
    if !search::is_empty(&db.read, Index::Organization).await? {
        return Ok(0);
    }
    let (mut indexed, mut last) = (0, None);
    let tx = db.begin().await?;
    loop {
        let rows = store::load_batch(&*tx, last, BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        for row in &rows {
            insert_searched_names(&tx, row).await?;
            indexed += 1;
        }
    }
    tx.commit().await?;
    Ok(indexed)
}

//! Registering an organization and correcting what is known of it.
use serde_json::json;

use super::claims;
use super::store::{self, Include, Organization};
use super::take_quota;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, Result};
use crate::ledger::model::{LedgerAction, ServiceId};
use crate::ledger::service::{append, begin};
use crate::organization::entity::member;
use crate::organization::entity::organization::{Model, Names};
use crate::organization::model::{
    MemberId, MemberRole, OrganizationId, OrganizationInput, Ownership, Role, Viewer,
};
use crate::organization::{rules, service};
use crate::quota::Activity;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::search::{self, Index};

/// Registers an organization; who does so is its first signatory.
///
/// # Errors
/// `Forbidden` to all but bidders, `Invalid` with all that is wrong, an identifier that another
/// organization bears among it, `Conflict` if another claimed one at this moment, `RateLimited`
/// above the quota.
pub async fn register(
    db: &Database,
    viewer: &Viewer,
    input: OrganizationInput,
    include: Include,
) -> Result<Organization> {
    viewer.requires(&[Role::Bidder], "only a bidder registers an organization")?;
    let input = rules::validate_organization(input)?;
    take_quota(db, viewer, Activity::Organization)?;
    let tx = db.begin().await?;
    let row = organization_row(OrganizationId::generate(), &input, viewer);
    let row = store::insert_organization(&tx, row).await?;
    let first = member::Model {
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
    store::insert_member(&tx, first).await?;
    replace_children(&tx, viewer, &row, &input, LedgerAction::OrganizationRegistered).await?;
    // The request began before its sender was a member.
    let mut viewer = viewer.clone();
    viewer.organizations.push((row.id, MemberRole::Signatory));
    let made = store::load_children(&*tx, Some(&viewer), vec![row], include).await?;
    let made = made.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(made)
}

/// Corrects what is known of an organization: the input replaces all of it.
///
/// # Errors
/// `NotFound` to who is no member, `Forbidden` to a preparer, `Invalid` with all that is wrong,
/// `Conflict` if another organization claimed one of the identifiers at this moment.
pub async fn update(
    db: &Database,
    viewer: &Viewer,
    id: OrganizationId,
    input: OrganizationInput,
    include: Include,
) -> Result<Organization> {
    viewer.signs_for(id, "only a signatory changes what its organization is")?;
    let input = rules::validate_organization(input)?;
    if input.joint_venture_members.iter().any(|party| party.organization_id == Some(id)) {
        let path = FieldPath::argument("input").at("jointVentureMembers");
        return Err(Fault::invalid(&path, "contradiction", "A venture is no member of itself."));
    }
    let tx = db.begin().await?;
    let old = service::lock_one(&tx, id).await?;
    let changed = Model { created_at: old.created_at, ..row(id, &input, viewer) };
    let row = store::update_organization(&tx, changed).await?;
    search::remove(&tx, Index::Organization, id.uuid()).await?;
    replace_children(&tx, viewer, &row, &input, LedgerAction::OrganizationUpdated).await?;
    let made = store::load_children(&*tx, Some(viewer), vec![row], include).await?;
    let made = made.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(made)
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
    // A member's id that nobody bears would be a foreign key's refusal: it is kept as a name.
    let known = service::resolve(&**tx, &parties.iter().collect::<Vec<_>>()).await?;
    let parties: Vec<_> = parties.iter().cloned().zip(known).collect();
    if let Some(index) =
        parties.iter().position(|(party, known)| party.organization_id.is_some() && known.is_none())
    {
        let path = FieldPath::argument("input").at("jointVentureMembers").at(index).at("organizationId");
        let told = "There is no such organization; ask the member for its identifier, or leave it \
            out and name the member alone.";
        return Err(Fault::invalid(&path, "invalid", told));
    }
    let parties: Vec<_> = parties.into_iter().map(|(party, _)| party).collect();
    let identifiers = claims::replace_claims(tx, viewer, row.id, input).await?;
    store::replace_joint_venture_members(tx, row.id, &parties).await?;
    insert_searched_names(tx, row).await?;
    // Others may have named it by an identifier that it bears now, and a venture's members count.
    enqueue(tx, (ChangeSource::Organization, row.id.uuid()), LiftedRules::none(), viewer.now).await?;
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

/// Puts an organization's names into the index that is searched.
pub(super) async fn insert_searched_names(tx: &Tx, row: &Model) -> Result<()> {
    Ok(search::insert(tx, Index::Organization, row.id.uuid(), &searched_names(row)).await?)
}

/// The names by which an organization is searched.
pub(super) fn searched_names(row: &Model) -> Vec<&str> {
    let others = row.doing_business_as.0.iter().map(String::as_str);
    others.chain([row.legal_name.as_str()]).collect()
}

/// Puts the names of every organization into the index that is searched, if it holds none: those
/// of a version that did not know of it. Answers how many there were.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn index_missing(db: &Database) -> Result<u64> {
    const BATCH: u64 = 500;
    if !search::is_empty(&db.read, Index::Organization).await? {
        return Ok(0);
    }
    let (mut written, mut last) = (0, None);
    let tx = db.begin().await?;
    loop {
        let rows = store::load_batch(&*tx, last, BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        for row in &rows {
            insert_searched_names(&tx, row).await?;
            written += 1;
        }
    }
    tx.commit().await?;
    Ok(written)
}

//! Registers and updates organizations, and fills the indexes of their names.
use std::collections::HashSet;

use candor_matcher::ExactName;
use serde_json::json;
use uuid::Uuid;

use super::claims;
use super::resolution::{FirmMatch, NamedFirm, SearchBy, find_firms};
use super::store::{self, Organization, OrganizationInclude};
use super::take_quota;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, Result, UserError};
use crate::gate::ResolvedBy;
use crate::ledger::model::{LedgerAction, ServiceId};
use crate::ledger::service::{append, begin};
use crate::organization::entity::member;
use crate::organization::entity::organization::{FormerNames, Model, Names};
use crate::organization::model::{
    FormerName, Identifier, MemberId, MemberRole, OrganizationId, OrganizationInput,
    OrganizationUpdate, Ownership, Viewer,
};
use crate::organization::{rules, service};
use crate::quota::Activity;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::search::{self, Index};
use crate::user_message::UserMessage;

/// The number of former names that are kept, the latest ones.
const MAX_FORMER_NAMES: usize = 50;

/// A registered organization, or the one that the same person registered before.
#[derive(Clone, Debug)]
pub struct Registration {
    pub organization: Organization,
    /// Says that the organization was registered before; empty for a new one.
    pub user_errors: Vec<UserError>,
    /// Whether another organization has the same name.
    pub has_namesake: bool,
}

/// Registers an organization, with the viewer as its first signatory. If the viewer already acts for one
/// with the same name or number, returns that one, so that a repeated request registers no second one.
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
) -> Result<Registration> {
    viewer.require_bidder("only a bidder may register an organization")?;
    let input = rules::validate_organization(input)?;
    take_quota(db, viewer, Activity::Organization)?;
    let tx = db.begin().await?;
    store::lock_person(&tx, &viewer.subject).await?;
    if let Some(own) = find_own_duplicate(&tx, viewer, &input).await? {
        let path = FieldPath::argument("input").at("legalName");
        let message = UserMessage::AlreadyRegistered { id: own.id.to_string() };
        let organization = with_children(&tx, viewer, own, include).await?;
        let user_errors = vec![path.user_error(message)];
        return Ok(Registration { organization, user_errors, has_namesake: false });
    }
    let named = NamedFirm { organization_id: None, identifiers: &[], name: &input.legal_name };
    let found = find_firms(&*tx, &[named], SearchBy::NumberOrName).await?.pop();
    let has_namesake = matches!(found, Some(FirmMatch::One(..) | FirmMatch::Several));
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
    insert_new(&tx, viewer, &row, &input).await?;
    let organization = with_children(&tx, viewer, row, include).await?;
    tx.commit().await?;
    Ok(Registration { organization, user_errors: Vec::new(), has_namesake })
}

/// Registers an organization that is not there yet, for the City's own use, such as an emergency award or
/// a paper form. It has no members: an administrator invites the first one. If a firm with the same name
/// or number is registered, returns that one.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer or a contract officer, `Invalid` with every error in the
/// input, `RateLimited` above the quota.
#[tracing::instrument(skip_all)]
pub async fn register_organization_for_firm(
    db: &Database,
    viewer: &Viewer,
    input: OrganizationInput,
    is_another_of_same_name: bool,
    include: OrganizationInclude,
) -> Result<Registration> {
    viewer.require_reviewer_or_officer(
        "only a reviewer or a contract officer may register an organization for a firm",
    )?;
    let input = rules::validate_organization_for_firm(input)?;
    take_quota(db, viewer, Activity::Organization)?;
    let tx = db.begin().await?;
    store::lock_person(&tx, &viewer.subject).await?;
    let by = if is_another_of_same_name { SearchBy::Number } else { SearchBy::NumberOrName };
    let named = NamedFirm {
        organization_id: None,
        identifiers: &input.identifiers,
        name: &input.legal_name,
    };
    let path = FieldPath::argument("input").at("legalName");
    match find_firms(&*tx, &[named], by).await?.pop() {
        Some(FirmMatch::One(id, method)) => {
            let is_by_number = method == ResolvedBy::Identifier;
            let field = if is_by_number { "identifiers" } else { "legalName" };
            let path = FieldPath::argument("input").at(field);
            let row = store::load_by_ids(&*tx, vec![id.uuid()]).await?.pop();
            let row = row.ok_or(Fault::NotFound)?;
            let (name, id) = (row.legal_name.clone(), row.id.to_string());
            let message = if is_by_number {
                UserMessage::FirmHasThisNumber { name, id }
            } else {
                UserMessage::FirmAlreadyRegistered { name, id }
            };
            let organization = with_children(&tx, viewer, row, include).await?;
            let user_errors = vec![path.user_error(message)];
            return Ok(Registration { organization, user_errors, has_namesake: false });
        }
        Some(FirmMatch::Several) => {
            return Err(Fault::invalid(&path, UserMessage::SeveralFirmsOfThisName));
        }
        Some(FirmMatch::Disputed | FirmMatch::Unknown) | None => {}
    }
    let row = organization_row(OrganizationId::generate(), &input, viewer);
    let row = store::insert_organization(&tx, row).await?;
    insert_new(&tx, viewer, &row, &input).await?;
    let organization = with_children(&tx, viewer, row, include).await?;
    tx.commit().await?;
    Ok(Registration {
        organization,
        user_errors: Vec::new(),
        has_namesake: is_another_of_same_name,
    })
}

/// Finds the organization of which the viewer is a member and that has the legal name or a number of the
/// input.
async fn find_own_duplicate(
    tx: &Tx,
    viewer: &Viewer,
    input: &OrganizationInput,
) -> Result<Option<Model>> {
    // Read under the lock: the viewer was loaded before a registration that has just ended.
    let memberships = store::list_memberships(&**tx, &viewer.subject, None).await?;
    let own: Vec<Uuid> =
        memberships.iter().filter_map(|it| it.organization_id).map(OrganizationId::uuid).collect();
    if own.is_empty() {
        return Ok(None);
    }
    let claims = store::claims::list_undisputed_claims_of(&**tx, own.clone()).await?;
    let bearers = claims.iter().filter(|it| input.identifiers.contains(&claims::identifier_of(it)));
    let bearers: HashSet<OrganizationId> = bearers.map(|it| it.organization_id).collect();
    let name = ExactName::new(&input.legal_name);
    let mut own = store::load_by_ids(&**tx, own).await?;
    own.sort_unstable_by_key(|row| (row.created_at, row.id));
    let has_other_number = |row: &Model| {
        let own = claims.iter().filter(|claim| claim.organization_id == row.id);
        let own: Vec<Identifier> = own.map(claims::identifier_of).collect();
        rules::has_other_number(&own, &input.identifiers)
    };
    own.retain(|row| {
        let is_same_name = ExactName::new(&row.legal_name).fits(&name);
        bearers.contains(&row.id) || (is_same_name && !has_other_number(row))
    });
    Ok(own.into_iter().next())
}

/// Updates an organization at the revision that the viewer read; what is not sent stays.
///
/// # Errors
/// `NotFound` unless the viewer is a member, `Forbidden` for a preparer, `Invalid` with every error in
/// the input, `Conflict` at another revision or if another organization claims one of the identifiers
/// concurrently.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn update_organization(
    db: &Database,
    viewer: &Viewer,
    id: OrganizationId,
    revision: i64,
    update: OrganizationUpdate,
    include: OrganizationInclude,
) -> Result<Organization> {
    viewer.require_signatory(id, "only a signatory may update the organization")?;
    let tx = db.begin().await?;
    let before = service::lock_organization(&tx, id).await?;
    if before.revision != revision {
        return Err(Fault::conflict(format!(
            "the organization is now at revision {}; nothing was changed. Load it again, make your \
            changes, and send that revision",
            before.revision
        )));
    }
    let current = load_input(&tx, &before).await?;
    let input = rules::validate_organization_update(current, update)?;
    let members = input.joint_venture_members.iter().filter_map(|party| party.organization_id);
    let members: Vec<Uuid> = members.map(OrganizationId::uuid).collect();
    if service::load_groups(&*tx, members).await?.survivors().any(|member| member == id) {
        let path = FieldPath::argument("input").at("jointVentureMembers");
        return Err(Fault::invalid(&path, UserMessage::VentureIsOwnMember));
    }
    service::require_unmerged(&before, &FieldPath::argument("id"))?;
    let mut former_names = before.former_names.clone();
    if before.legal_name != input.legal_name {
        let former = FormerName { name: before.legal_name.clone(), until: viewer.now };
        former_names.0.retain(|it| it.name != former.name && it.name != input.legal_name);
        former_names.0.push(former);
        let excess = former_names.0.len().saturating_sub(MAX_FORMER_NAMES);
        former_names.0.drain(..excess);
    }
    let changed = Model {
        created_at: before.created_at,
        revision: before.revision + 1,
        former_names,
        ..organization_row(id, &input, viewer)
    };
    let row = store::update_organization(&tx, changed).await?;
    store::names::refresh_names(&tx, &before, &row).await?;
    replace_children(&tx, viewer, &row, &input, LedgerAction::OrganizationUpdated).await?;
    let organization = with_children(&tx, viewer, row, include).await?;
    tx.commit().await?;
    Ok(organization)
}

/// Loads the data of an organization in the form of its input.
async fn load_input(tx: &Tx, row: &Model) -> Result<OrganizationInput> {
    let claims = store::claims::list_claims_of(&**tx, row.id).await?;
    let mut members = store::list_joint_venture_members(&**tx, vec![row.id.uuid()]).await?;
    let Ownership { immediate_owner, highest_owner, predecessors } = row.ownership.clone();
    Ok(OrganizationInput {
        kind: row.kind,
        legal_name: row.legal_name.clone(),
        doing_business_as: row.doing_business_as.0.clone(),
        identifiers: claims.iter().map(claims::identifier_of).collect(),
        identifiers_checked: false,
        disputed: false,
        address: row.address.clone(),
        immediate_owner,
        highest_owner,
        predecessors,
        joint_venture_members: members.remove(&row.id).unwrap_or_default(),
    })
}

/// Loads the requested children of an organization for the answer to a change, to a viewer who may have
/// become a member by it.
async fn with_children(
    tx: &Tx,
    viewer: &Viewer,
    row: Model,
    include: OrganizationInclude,
) -> Result<Organization> {
    let mut viewer = viewer.clone();
    let memberships = store::list_memberships(&**tx, &viewer.subject, None).await?;
    let memberships = memberships.iter().filter_map(|it| it.organization_id.zip(it.role));
    viewer.organizations = memberships.collect();
    let organizations = store::load_children(&**tx, Some(&viewer), vec![row], include).await?;
    organizations.into_iter().next().ok_or(Fault::NotFound)
}

/// Loads an organization with the requested children for the answer to a change of it.
///
/// # Errors
/// `NotFound` if there is none.
pub(super) async fn load_for_answer(
    tx: &Tx,
    viewer: &Viewer,
    id: OrganizationId,
    include: OrganizationInclude,
) -> Result<Organization> {
    let row = store::load_by_ids(&**tx, vec![id.uuid()]).await?.pop().ok_or(Fault::NotFound)?;
    with_children(tx, viewer, row, include).await
}

/// Returns the change of an organization's identity, for the bids and contracts that depend on it.
#[must_use]
pub fn change_of(organization: OrganizationId, viewer: &Viewer) -> Change {
    Change {
        source: ChangeSource::Organization,
        subject_id: organization.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: viewer.now,
    }
}

/// Inserts the names and children of a new organization, with the first entry of its ledger.
async fn insert_new(
    tx: &Tx,
    viewer: &Viewer,
    row: &Model,
    input: &OrganizationInput,
) -> Result<()> {
    store::names::insert_names(tx, &[row]).await?;
    replace_children(tx, viewer, row, input, LedgerAction::OrganizationRegistered).await
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
        merged_through: None,
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
    let named: Vec<Uuid> =
        parties.iter().filter_map(|it| it.organization_id).map(OrganizationId::uuid).collect();
    let known = store::load_by_ids(&**tx, named).await?;
    let known: HashSet<OrganizationId> = known.into_iter().map(|row| row.id).collect();
    if let Some(index) =
        parties.iter().position(|it| it.organization_id.is_some_and(|id| !known.contains(&id)))
    {
        let path =
            FieldPath::argument("input").at("jointVentureMembers").at(index).at("organizationId");
        return Err(Fault::invalid(&path, UserMessage::MemberUnknown));
    }
    let identifiers = claims::replace_claims(tx, viewer, row.id, input).await?;
    store::replace_joint_venture_members(tx, row.id, parties).await?;
    // Bids may name it by an identifier that it now claims, and a venture's members affect its bids.
    enqueue(tx, change_of(row.id, viewer)).await?;
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

/// Inserts the exact names of organizations that an earlier version registered. Returns their number.
/// Every command that looks firms up runs it first.
pub async fn insert_missing_names(db: &Database) -> Result<u64> {
    const BATCH: u64 = 500;
    // First without the write lock, which only the start after an upgrade needs.
    if store::names::load_unnamed(&db.read, None, 1).await?.is_empty() {
        return Ok(0);
    }
    let (mut inserted, mut last) = (0, None);
    loop {
        let tx = db.begin().await?;
        store::names::lock_missing_names(&tx).await?;
        let rows = store::names::load_unnamed(&*tx, last, BATCH).await?;
        let Some(end) = rows.last() else { return Ok(inserted) };
        last = Some(end.id.uuid());
        inserted += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        store::names::insert_exact_names(&tx, &rows.iter().collect::<Vec<_>>()).await?;
        tx.commit().await?;
    }
}

/// Fills the search index with the names of every organization if it is empty, as after an upgrade from
/// a version without it. Returns the number of organizations indexed.
pub async fn fill_empty_search_index(db: &Database) -> Result<u64> {
    const BATCH: u64 = 500;
    let Some(tx) = search::begin_filling(db, Index::Organization).await? else { return Ok(0) };
    let (mut indexed, mut last) = (0, None);
    loop {
        let rows = store::load_batch(&*tx, last, BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.id.uuid());
        indexed += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        store::names::insert_words(&tx, &rows.iter().collect::<Vec<_>>()).await?;
    }
    tx.commit().await?;
    Ok(indexed)
}

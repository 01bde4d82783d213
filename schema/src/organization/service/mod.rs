//! Use cases of organizations, departments and their members.
mod claims;
mod departments;
mod development;
mod firm_index;
mod merge_proposals;
mod merging;
mod number_lookup;
mod people;
mod person_names;
mod portal_vendors;
mod quotas;
mod registration;
mod resolution;
mod search;
mod sign_in;
mod vendor_list;
mod vendors;
mod verification;

pub use claims::{
    IdentifierDispute, list_identifiers, load_disputes, release_identifier, verify_identifier,
};
pub use departments::{
    add_officer, create_department, list_departments, load_departments, load_officers,
    lock_department,
};
pub use development::{enroll_member, enroll_officer};
pub use firm_index::{
    FirmQuery, NamedOrganization, OrganizationCard, find_organization_card,
    match_organization_names, suggest_organizations,
};
pub use merge_proposals::{MergeProposal, dismiss_merge, load_merge_proposals, propose_merges};
pub use merging::{
    LockedMerge, load_group, load_groups, load_merged_from, lock_for_merge,
    merge_locked_organizations, require_unmerged, require_unmerged_id,
};
pub use number_lookup::{
    choose_by_number, parse_lookup, parse_number, rename_number, require_department,
};
pub use people::{invite_member, list_member_subjects, remove_member};
pub use person_names::load_person_names;
pub use portal_vendors::{
    PutVendor, VendorRecord, VendorRecordInput, VerifiedVendor, find_vendor_record,
    list_vendor_numbers, put_vendor, require_verified_vendor,
};
pub use quotas::{take_named_party_quota, take_quota};
pub use registration::{
    Registration, change_of, fill_empty_search_index, insert_missing_names, register_organization,
    register_organization_for_firm, update_organization,
};
pub use resolution::{
    FirmMatch, NamedFirm, SearchBy, find_firms, list_matching_parties, resolve_pending_parties,
    validate_subcontractor_is_other, validate_subcontractors_are_others,
};
pub use search::{find_organization_by_identifier, find_parties};
pub use sign_in::{SignedIn, load_own_memberships, sign_in, sign_in_again};
pub use vendor_list::VendorListImport;
pub use vendors::{
    Holder, ListedDepartment, Vendor, VendorRegister, load_departments_by_code_and_name,
};
pub use verification::{recorded_tables, verify_search_index};

use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

use super::entity::organization::Model;
use super::model::{Identifier, OrganizationId, OrganizationSearch, Party, Viewer};
use super::{rules, store};
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::page::{CountedPage, ListRequest, Page};

pub use super::entity::{department::Model as Department, member::Model as Member};
pub use store::{Organization, OrganizationInclude};

/// Finds an organization that `viewer` may see, with the requested children.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_organization(
    db: &Database,
    viewer: &Viewer,
    id: OrganizationId,
    include: OrganizationInclude,
) -> Result<Option<Organization>> {
    let Some(row) = store::find_organization(&db.read, viewer, id).await? else {
        return Ok(None);
    };
    Ok(store::load_children(&db.read, Some(viewer), vec![row], include).await?.pop())
}

/// Lists a page of the organizations that `viewer` may see and that fit a search, by legal name, with the
/// total count if requested.
///
/// # Errors
/// `Invalid` for a search without letters or digits, page arguments that are out of range or a cursor of
/// another list.
#[tracing::instrument(skip_all)]
pub async fn list_organizations(
    db: &Database,
    viewer: &Viewer,
    search: &OrganizationSearch,
    request: ListRequest<'_, OrganizationInclude>,
) -> Result<(Page<Organization>, Option<u64>)> {
    let ListRequest { arguments, includes_total, include } = request;
    let criteria = rules::validate_search(search)?;
    let (page, total) =
        store::list_organizations(&db.read, viewer, &criteria, arguments, includes_total).await?;
    let (page, rows) = page.split();
    let rows = store::load_children(&db.read, Some(viewer), rows, include).await?;
    Ok((page.replace(|_| rows), total))
}

/// Lists a page of the viewer's own organizations, the last registered first, with the total count if
/// requested.
///
/// # Errors
/// `Invalid` for page arguments that are out of range or a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn list_own_organizations(
    db: &Database,
    viewer: &Viewer,
    request: ListRequest<'_, OrganizationInclude>,
) -> Result<CountedPage<Organization>> {
    let ListRequest { arguments, includes_total, include } = request;
    let (page, total) =
        store::list_own_organizations(&db.read, viewer, arguments, includes_total).await?;
    let (page, rows) = page.split();
    let rows = store::load_children(&db.read, Some(viewer), rows, include).await?;
    Ok((page.replace(|_| rows), total))
}

/// Loads those of the given organizations that `viewer` may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_organizations(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: OrganizationInclude,
) -> Result<HashMap<OrganizationId, Organization>> {
    let rows = store::load_visible_by_ids(db, viewer, ids).await?;
    let rows = store::load_children(db, Some(viewer), rows, include).await?;
    Ok(rows.into_iter().map(|organization| (organization.row.id, organization)).collect())
}

/// Loads those of the given organizations that `viewer` may see, by id: for a merged one the organization
/// that took it over. A bid or contract carries the id of the organization that filed what it rests on, and
/// is the survivor's.
#[tracing::instrument(skip_all)]
pub async fn load_visible_survivors(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: OrganizationInclude,
) -> Result<HashMap<OrganizationId, Organization>> {
    let mut found = load_visible_organizations(db, viewer, ids, include).await?;
    let merged = found.iter().filter_map(|(id, it)| Some((*id, it.row.merged_into?)));
    let merged: Vec<(OrganizationId, OrganizationId)> = merged.collect();
    if merged.is_empty() {
        return Ok(found);
    }
    let survivors = merged.iter().map(|(_, survivor)| survivor.uuid()).collect();
    let survivors = load_visible_organizations(db, viewer, survivors, include).await?;
    for (id, survivor) in merged {
        if let Some(survivor) = survivors.get(&survivor) {
            found.insert(id, survivor.clone());
        }
    }
    Ok(found)
}

/// Loads organizations by id regardless of the viewer, without members: for rules, never for an answer.
pub async fn load_organizations(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
    include: OrganizationInclude,
) -> Result<HashMap<OrganizationId, Organization>> {
    let rows = store::load_by_ids(db, ids).await?;
    let rows = store::load_children(db, None, rows, include).await?;
    Ok(rows.into_iter().map(|organization| (organization.row.id, organization)).collect())
}

/// Locks organizations, with those of their groups, until `tx` ends. Returns those of `ids` that exist, in
/// id order.
///
/// # Errors
/// `Conflict` if one of them was merged with another before the lock was held.
pub async fn lock_organizations(tx: &Tx, ids: Vec<OrganizationId>) -> Result<Vec<Model>> {
    merging::lock_groups(tx, ids).await
}

/// Lists the members that a joint venture names.
pub async fn list_joint_venture_members(
    db: &impl ConnectionTrait,
    venture: OrganizationId,
) -> Result<Vec<Party>> {
    let mut members = store::list_joint_venture_members(db, vec![venture.uuid()]).await?;
    Ok(members.remove(&venture).unwrap_or_default())
}

/// Loads the members that each joint venture names, by venture; other organizations have no entry.
pub async fn load_joint_venture_members(
    db: &impl ConnectionTrait,
    ventures: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, Vec<Party>>> {
    Ok(store::list_joint_venture_members(db, ventures).await?)
}

/// Lists the joint ventures that name one of the organizations as a member, by its id or by one of the
/// `identifiers`.
pub async fn list_ventures_of(
    db: &impl ConnectionTrait,
    organizations: &[OrganizationId],
    identifiers: &[Identifier],
) -> Result<Vec<OrganizationId>> {
    Ok(store::list_ventures_of(db, organizations, identifiers).await?)
}

/// Validates and normalizes an identifier to search by.
///
/// # Errors
/// `Invalid` with every error in it.
pub fn validate_searched_identifier(given: &Identifier, path: &FieldPath) -> Result<Identifier> {
    rules::validate_searched_identifier(given, path)
}

/// Validates and normalizes a named party; errors are added at `path`.
pub fn validate_party(given: Party, path: &FieldPath, errors: &mut InputErrors) -> Party {
    rules::validate_party(given, path, errors)
}

/// Locks one organization, with those of its group, until `tx` ends.
///
/// # Errors
/// `NotFound` if there is none, `Conflict` as [`lock_organizations`].
pub async fn lock_organization(tx: &Tx, id: OrganizationId) -> Result<Model> {
    merging::lock_groups(tx, vec![id]).await?.pop().ok_or(Fault::NotFound)
}

//! Registers departments and their contract officers.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::store::{self, MemberScope};
use super::take_quota;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, Result};
use crate::ledger::model::{LedgerAction, ServiceId};
use crate::ledger::service::{append, begin};
use crate::organization::entity::{department, member};
use crate::organization::model::{
    DepartmentId, DepartmentInput, EmailAddress, MemberId, OfficerInput, Viewer,
};
use crate::organization::rules;
use crate::page::{Page, PageArguments};
use crate::quota::Activity;
use crate::user_message::UserMessage;

/// Registers a department.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator, `Invalid` with every error in the input.
#[tracing::instrument(skip_all)]
pub async fn create_department(
    db: &Database,
    viewer: &Viewer,
    input: &DepartmentInput,
) -> Result<department::Model> {
    viewer.require_admin("only an administrator may register a department")?;
    let input = rules::validate_department(input)?;
    let tx = db.begin().await?;
    if let Some(same) = store::find_same_department(&tx, &input.code, &input.name).await? {
        let field = if same.code == input.code { "code" } else { "name" };
        let message = UserMessage::DepartmentTaken { name: same.name, code: same.code };
        return Err(Fault::invalid(&FieldPath::argument("input").at(field), message));
    }
    let row = department::Model {
        id: DepartmentId::generate(),
        code: input.code,
        name: input.name,
        contact: input.contact,
        created_at: viewer.now,
    };
    let row = store::insert_department(&tx, row).await?;
    let actor = viewer.actor();
    let data = json!({ "code": row.code, "name": row.name, "contact": row.contact });
    begin(&tx, actor, row.id, ServiceId::only(), LedgerAction::DepartmentRegistered, &data).await?;
    tx.commit().await?;
    Ok(row)
}

/// Invites a contract officer to a department by e-mail. The first person who signs in with that
/// verified address becomes the officer.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator, `NotFound` for an unknown department, `Invalid`
/// for a malformed address or one that is invited already, `RateLimited` above the quota.
#[tracing::instrument(skip_all)]
pub async fn add_officer(
    db: &Database,
    viewer: &Viewer,
    input: &OfficerInput,
) -> Result<member::Model> {
    viewer.require_admin("only an administrator may add a contract officer")?;
    let email = rules::validate_email(&input.email)?;
    let people =
        store::list_members(&db.read, MemberScope::Department(input.department_id)).await?;
    require_new_officer(&people, &email)?;
    take_quota(db, viewer, Activity::Invitation)?;
    let tx = db.begin().await?;
    let department = store::lock_department(&tx, input.department_id).await?;
    let department = department.ok_or(Fault::NotFound)?;
    let people = store::list_members(&*tx, MemberScope::Department(department.id)).await?;
    require_new_officer(&people, &email)?;
    let row = member::Model {
        id: MemberId::generate(),
        organization_id: None,
        department_id: Some(department.id),
        role: None,
        email: Some(email.as_str().to_owned()),
        subject: None,
        invited_at: viewer.now,
        bound_at: None,
        removed_at: None,
    };
    let row = store::insert_member(&tx, row).await?;
    let actor = viewer.actor();
    let data = json!({ "member": row.id });
    append(&tx, actor, department.id, LedgerAction::OfficerInvited, &data).await?;
    tx.commit().await?;
    Ok(row)
}

fn require_new_officer(people: &[member::Model], email: &EmailAddress) -> Result<()> {
    if people.iter().any(|member| member.email.as_deref() == Some(email.as_str())) {
        let path = FieldPath::argument("input").at("email");
        return Err(Fault::invalid(&path, UserMessage::OfficerExists));
    }
    Ok(())
}

/// Lists a page of the departments by name, with the total count if requested.
///
/// # Errors
/// `Invalid` for page arguments that are out of range or a cursor of another list.
pub async fn list_departments(
    db: &Database,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<department::Model>, Option<u64>)> {
    store::list_departments(&db.read, arguments, includes_total).await
}

/// Loads departments by id. Every signed-in person may see them.
pub async fn load_departments(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<DepartmentId, department::Model>> {
    let rows = store::load_departments(db, ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Loads the contract officers of departments: of all for administrators and auditors, of their own
/// departments for contract officers, of none for others.
#[tracing::instrument(skip_all)]
pub async fn load_officers(
    db: &Database,
    viewer: &Viewer,
    departments: Vec<DepartmentId>,
) -> Result<HashMap<DepartmentId, Vec<member::Model>>> {
    let sees_all = viewer.can_audit();
    let own = viewer.own_departments();
    let visible = departments.into_iter().filter(|id| sees_all || own.contains(id));
    let mut officers = HashMap::<DepartmentId, Vec<member::Model>>::new();
    for row in store::list_officers(&db.read, visible.map(DepartmentId::uuid).collect()).await? {
        if let Some(department) = row.department_id {
            officers.entry(department).or_default().push(row);
        }
    }
    Ok(officers)
}

/// Locks a department, so that requests about the same thing of its follow one another.
///
/// # Errors
/// `NotFound` without the department.
pub async fn lock_department(tx: &Tx, id: DepartmentId) -> Result<()> {
    store::lock_department(tx, id).await?.ok_or(Fault::NotFound).map(|_| ())
}

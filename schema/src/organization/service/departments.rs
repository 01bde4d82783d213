//! Registering departments and their contract officers.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{store, take_quota};
use crate::database::Database;
use crate::fault::{Fault, FieldPath, Result};
use crate::ledger::model::{LedgerAction, ServiceId};
use crate::ledger::service::{append, begin};
use crate::organization::entity::{department, member};
use crate::organization::model::{
    DepartmentId, DepartmentInput, EmailAddress, MemberId, OfficerInput, Role, Viewer,
};
use crate::organization::rules;
use crate::page::{PageArguments, Page};
use crate::quota::Activity;

/// Registers a department.
///
/// # Errors
/// `Forbidden` to all but administrators, `Invalid` with all that is wrong.
pub async fn create_department(
    db: &Database,
    viewer: &Viewer,
    input: &DepartmentInput,
) -> Result<department::Model> {
    viewer.requires(&[Role::Admin], "only an administrator registers a department")?;
    let input = rules::validate_department(input)?;
    let tx = db.begin().await?;
    if let Some(same) = store::find_same_department(&tx, &input.code, &input.name).await? {
        let field = if same.code == input.code { "code" } else { "name" };
        let told = format!("{} ({}) is registered already.", same.name, same.code);
        return Err(Fault::invalid(&FieldPath::argument("input").at(field), "taken", told));
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

/// Gives a contract officer a place in a department; who first signs in with that address
/// verified takes it.
///
/// # Errors
/// `Forbidden` to all but administrators, `NotFound` without such a department, `Invalid` for an
/// address that is none or is an officer's already, `RateLimited` above the quota.
pub async fn add_officer(
    db: &Database,
    viewer: &Viewer,
    input: &OfficerInput,
) -> Result<member::Model> {
    viewer.requires(&[Role::Admin], "only an administrator adds a contract officer")?;
    let email = rules::validate_email(&input.email)?;
    let people = store::list_members(&db.read, None, Some(input.department_id)).await?;
    require_new_officer(&people, &email)?;
    take_quota(db, viewer, Activity::Invitation)?;
    let tx = db.begin().await?;
    let department = store::lock_department(&tx, input.department_id).await?;
    let department = department.ok_or(Fault::NotFound)?;
    let people = store::list_members(&*tx, None, Some(department.id)).await?;
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
        let told = "This address has a place in the department already.";
        return Err(Fault::invalid(&FieldPath::argument("input").at("email"), "taken", told));
    }
    Ok(())
}

/// A page of the departments, by name, and their number if it is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn departments(
    db: &Database,
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<department::Model>, Option<u64>)> {
    store::list_departments(&db.read, arguments, counted).await
}

/// Departments by id, for what refers to them.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn departments_by_ids(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<DepartmentId, department::Model>> {
    let rows = store::load_departments(db, ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The contract officers of departments; of those that `viewer` may know them of: administrators
/// and auditors of all, officers of their own.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn officers(
    db: &Database,
    viewer: &Viewer,
    departments: Vec<DepartmentId>,
) -> Result<HashMap<DepartmentId, Vec<member::Model>>> {
    let all = viewer.is(Role::Admin) || viewer.is(Role::Auditor);
    let own = viewer.own_departments();
    let mine = departments.into_iter().filter(|id| all || own.contains(id));
    let mut officers = HashMap::<DepartmentId, Vec<member::Model>>::new();
    for row in store::list_officers(&db.read, mine.map(DepartmentId::uuid).collect()).await? {
        if let Some(department) = row.department_id {
            officers.entry(department).or_default().push(row);
        }
    }
    Ok(officers)
}

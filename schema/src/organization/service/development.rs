//! Places for the tokens of a local development key; a deployment with an issuer has none.
use chrono::{DateTime, Utc};
use serde_json::json;

use super::store;
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::organization::entity::member::Model;
use crate::organization::model::{DepartmentId, MemberId, MemberRole, OrganizationId};
use crate::principal::{Principal, ServiceActor};

/// What the ledger names as the actor of such a place.
const TOKEN_COMMAND: ServiceActor = ServiceActor::TokenCommand;

/// Makes `subject` a member of the organization, unless it is one.
///
/// # Errors
/// `NotFound` if there is no such organization, `Conflict` if the subject has another role there.
pub async fn enroll_member(
    db: &Database,
    subject: &Principal,
    organization: OrganizationId,
    role: MemberRole,
    now: DateTime<Utc>,
) -> Result<()> {
    let tx = db.begin().await?;
    super::lock_one(&tx, organization).await?;
    let people = store::list_members(&*tx, Some(organization), None).await?;
    if let Some(member) = people.iter().find(|member| member.subject.as_ref() == Some(subject)) {
        if member.role == Some(role) {
            return Ok(());
        }
        return Err(Fault::conflict("the subject has the other role in that organization"));
    }
    let place = new_member(subject, Some(organization), None, Some(role), now);
    let place = store::insert_member(&tx, place).await?;
    let data = json!({ "member": place.id, "role": place.role });
    let actor = Actor { subject: TOKEN_COMMAND.name(), at: now };
    append(&tx, actor, organization, LedgerAction::MemberEnrolled, &data).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes `subject` a contract officer of the department, unless it is one.
///
/// # Errors
/// `NotFound` if there is no such department.
pub async fn enroll_officer(
    db: &Database,
    subject: &Principal,
    department: DepartmentId,
    now: DateTime<Utc>,
) -> Result<()> {
    let tx = db.begin().await?;
    store::lock_department(&tx, department).await?.ok_or(Fault::NotFound)?;
    let people = store::list_members(&*tx, None, Some(department)).await?;
    if people.iter().any(|officer| officer.subject.as_ref() == Some(subject)) {
        return Ok(());
    }
    let place =
        store::insert_member(&tx, new_member(subject, None, Some(department), None, now)).await?;
    let data = json!({ "member": place.id });
    let actor = Actor { subject: TOKEN_COMMAND.name(), at: now };
    append(&tx, actor, department, LedgerAction::OfficerEnrolled, &data).await?;
    tx.commit().await?;
    Ok(())
}

fn new_member(
    subject: &Principal,
    organization_id: Option<OrganizationId>,
    department_id: Option<DepartmentId>,
    role: Option<MemberRole>,
    now: DateTime<Utc>,
) -> Model {
    Model {
        id: MemberId::generate(),
        organization_id,
        department_id,
        role,
        email: None,
        subject: Some(subject.clone()),
        invited_at: now,
        bound_at: Some(now),
        removed_at: None,
    }
}

//! Memberships for the tokens of `candor token`, which uses a local development key. A deployment with
//! an issuer has none.
use chrono::{DateTime, Utc};
use serde_json::json;

use super::store::{self, MemberScope};
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::organization::entity::member::Model;
use crate::organization::model::{DepartmentId, MemberId, MemberRole, OrganizationId};
use crate::principal::{Principal, ServiceActor};

/// The ledger's actor for such a membership.
const TOKEN_COMMAND: ServiceActor = ServiceActor::TokenCommand;

/// Inserts a membership of `subject` in an organization, unless it exists.
///
/// # Errors
/// `NotFound` for an unknown organization, `Conflict` if the subject has the other role there.
pub async fn enroll_member(
    db: &Database,
    subject: &Principal,
    organization: OrganizationId,
    role: MemberRole,
    now: DateTime<Utc>,
) -> Result<()> {
    let tx = db.begin().await?;
    if let Some(into) = super::lock_organization(&tx, organization).await?.merged_into {
        return Err(Fault::conflict(format!(
            "the organization was merged into {into}; use that one"
        )));
    }
    let people = store::list_members(&*tx, MemberScope::Organization(organization)).await?;
    if let Some(member) = people.iter().find(|member| member.subject.as_ref() == Some(subject)) {
        if member.role == Some(role) {
            return Ok(());
        }
        return Err(Fault::conflict(
            "the subject is already a member of that organization in the other role",
        ));
    }
    let scope = MemberScope::Organization(organization);
    let member = store::insert_member(&tx, new_member(subject, scope, Some(role), now)).await?;
    let data = json!({ "member": member.id, "role": member.role });
    let actor = Actor { subject: TOKEN_COMMAND.name(), at: now };
    append(&tx, actor, organization, LedgerAction::MemberEnrolled, &data).await?;
    tx.commit().await?;
    Ok(())
}

/// Inserts a membership of `subject` as contract officer of a department, unless it exists.
///
/// # Errors
/// `NotFound` for an unknown department.
pub async fn enroll_officer(
    db: &Database,
    subject: &Principal,
    department: DepartmentId,
    now: DateTime<Utc>,
) -> Result<()> {
    let tx = db.begin().await?;
    store::lock_department(&tx, department).await?.ok_or(Fault::NotFound)?;
    let people = store::list_members(&*tx, MemberScope::Department(department)).await?;
    if people.iter().any(|officer| officer.subject.as_ref() == Some(subject)) {
        return Ok(());
    }
    let scope = MemberScope::Department(department);
    let member = store::insert_member(&tx, new_member(subject, scope, None, now)).await?;
    let data = json!({ "member": member.id });
    let actor = Actor { subject: TOKEN_COMMAND.name(), at: now };
    append(&tx, actor, department, LedgerAction::OfficerEnrolled, &data).await?;
    tx.commit().await?;
    Ok(())
}

fn new_member(
    subject: &Principal,
    scope: MemberScope,
    role: Option<MemberRole>,
    now: DateTime<Utc>,
) -> Model {
    let (organization_id, department_id) = match scope {
        MemberScope::Organization(id) => (Some(id), None),
        MemberScope::Department(id) => (None, Some(id)),
    };
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

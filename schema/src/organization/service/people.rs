//! Inviting people and ending their membership.
use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{store, take_quota};
use crate::database::Database;
use crate::fault::{Fault, FieldPath, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization::entity::member::Model;
use crate::organization::model::{
    EmailAddress, InvitationInput, MemberId, MemberRole, OrganizationId, Role, Viewer,
};
use crate::organization::{rules, service};
use crate::quota::Activity;

/// Invites a person by e-mail; who first signs in with that address verified is the member. A
/// signatory does so, or an administrator where the City recorded the organization and nobody acts
/// for it yet.
///
/// # Errors
/// `NotFound` to who is no member, `Forbidden` to a preparer, `Invalid` for an address that is
/// none or is a member's already, and for a first member who could not sign, `RateLimited` above
/// the quota.
pub async fn invite(db: &Database, viewer: &Viewer, input: &InvitationInput) -> Result<Model> {
    let id = input.organization_id;
    let people = store::list_members(&db.read, Some(id), None).await?;
    if people.is_empty() && viewer.is(Role::Admin) {
        if input.role != MemberRole::Signatory {
            let told = "Nobody acts for this organization yet; the first is a SIGNATORY.";
            return Err(Fault::invalid(&FieldPath::argument("input").at("role"), "invalid", told));
        }
    } else {
        viewer.signs_for(id, "only a signatory invites others")?;
    }
    let email = rules::validate_email(&input.email)?;
    require_new_member(&people, &email)?;
    take_quota(db, viewer, Activity::Invitation)?;
    let tx = db.begin().await?;
    service::lock_one(&tx, id).await?;
    // Another administrator may have invited the first member meanwhile.
    let now = store::list_members(&*tx, Some(id), None).await?;
    if people.is_empty() && !now.is_empty() {
        viewer.signs_for(id, "only a signatory invites others")?;
    }
    require_new_member(&now, &email)?;
    let member = Model {
        id: MemberId::generate(),
        organization_id: Some(id),
        department_id: None,
        role: Some(input.role),
        email: Some(email.as_str().to_owned()),
        subject: None,
        invited_at: viewer.now,
        bound_at: None,
        removed_at: None,
    };
    let member = store::insert_member(&tx, member).await?;
    let actor = viewer.actor();
    let data = json!({ "member": member.id, "role": member.role });
    append(&tx, actor, id, LedgerAction::MemberInvited, &data).await?;
    tx.commit().await?;
    Ok(member)
}

fn require_new_member(people: &[Model], email: &EmailAddress) -> Result<()> {
    if people.iter().any(|member| member.email.as_deref() == Some(email.as_str())) {
        let told = "This address is invited or a member already; remove it first to change its \
            role.";
        return Err(Fault::invalid(&FieldPath::argument("input").at("email"), "taken", told));
    }
    Ok(())
}

/// Ends a membership or withdraws an invitation: of an organization by its signatories, of a
/// department by administrators.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to a preparer, `Conflict` for an
/// organization's last signatory.
pub async fn remove(db: &Database, viewer: &Viewer, id: MemberId) -> Result<Model> {
    let member = store::find_member(&db.read, id).await?.ok_or(Fault::NotFound)?;
    let tx = db.begin().await?;
    if let Some(organization) = member.organization_id {
        viewer.signs_for(organization, "only a signatory removes a member")?;
        service::lock_one(&tx, organization).await?;
        let people = store::list_members(&*tx, Some(organization), None).await?;
        let signs = |other: &&Model| {
            other.id != id && other.role == Some(MemberRole::Signatory) && other.subject.is_some()
        };
        if member.role == Some(MemberRole::Signatory) && !people.iter().any(|other| signs(&other)) {
            return Err(Fault::conflict(
                "this is the last signatory who has signed in; let another sign in first, so that \
                somebody can still file",
            ));
        }
    } else {
        viewer.requires(&[Role::Admin], "only an administrator removes a contract officer")?;
        if let Some(department) = member.department_id {
            store::lock_department(&tx, department).await?;
        }
    }
    // Read again under the lock: somebody may have been quicker.
    let member = store::find_member(&*tx, id).await?.ok_or(Fault::NotFound)?;
    let member =
        store::update_member(&tx, Model { removed_at: Some(viewer.now), ..member }).await?;
    let actor = viewer.actor();
    let data = json!({ "member": member.id });
    if let Some(organization) = member.organization_id {
        append(&tx, actor, organization, LedgerAction::MemberRemoved, &data).await?;
    }
    if let Some(department) = member.department_id {
        append(&tx, actor, department, LedgerAction::OfficerRemoved, &data).await?;
    }
    tx.commit().await?;
    Ok(member)
}

/// The token subjects of all who are or were members of an organization, as the ledger names them.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn subjects_of_members(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<BTreeSet<String>> {
    Ok(store::list_member_subjects(db, organization).await?.into_iter().flatten().collect())
}

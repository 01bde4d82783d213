//! Invites members and ends memberships.
use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::store::{self, MemberScope};
use super::take_quota;
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
use crate::user_message::UserMessage;

/// Invites a person to an organization by e-mail. The first person who signs in with that verified
/// address becomes the member. A signatory invites; for an organization without members, which the
/// City recorded, an administrator does.
///
/// # Errors
/// `NotFound` unless the viewer is a member, `Forbidden` for a preparer, `Invalid` for a malformed
/// address, one that is invited already, or a first member who is not a signatory, `RateLimited` above
/// the quota.
#[tracing::instrument(skip_all)]
pub async fn invite_member(
    db: &Database,
    viewer: &Viewer,
    input: &InvitationInput,
) -> Result<Model> {
    let id = input.organization_id;
    let members = store::list_members(&db.read, MemberScope::Organization(id)).await?;
    if members.is_empty() && viewer.has_role(Role::Admin) {
        if input.role != MemberRole::Signatory {
            let path = FieldPath::argument("input").at("role");
            return Err(Fault::invalid(&path, UserMessage::FirstMemberSigns));
        }
    } else {
        viewer.require_signatory(id, "only a signatory may invite members")?;
    }
    let email = rules::validate_email(&input.email)?;
    require_new_member(&members, &email)?;
    take_quota(db, viewer, Activity::Invitation)?;
    let tx = db.begin().await?;
    let organization = service::lock_organization(&tx, id).await?;
    let path = FieldPath::argument("input").at("organizationId");
    service::require_unmerged(&organization, &path)?;
    // Another administrator may have invited the first member since the read above.
    let members_now = store::list_members(&*tx, MemberScope::Organization(id)).await?;
    if members.is_empty() && !members_now.is_empty() {
        viewer.require_signatory(id, "only a signatory may invite members")?;
    }
    require_new_member(&members_now, &email)?;
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

fn require_new_member(members: &[Model], email: &EmailAddress) -> Result<()> {
    if members.iter().any(|member| member.email.as_deref() == Some(email.as_str())) {
        let path = FieldPath::argument("input").at("email");
        return Err(Fault::invalid(&path, UserMessage::MemberExists));
    }
    Ok(())
}

/// Ends a membership or withdraws an invitation: in an organization by its signatories, in a
/// department by administrators.
///
/// # Errors
/// `NotFound` if the viewer may not see it, `Forbidden` for a preparer and, in a department, for
/// everyone but administrators, `Conflict` for an organization's last signatory.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn remove_member(db: &Database, viewer: &Viewer, id: MemberId) -> Result<Model> {
    let member = store::find_member(&db.read, id).await?.ok_or(Fault::NotFound)?;
    let tx = db.begin().await?;
    if let Some(organization) = member.organization_id {
        viewer.require_signatory(organization, "only a signatory may remove a member")?;
        service::lock_organization(&tx, organization).await?;
        let members = store::list_members(&*tx, MemberScope::Organization(organization)).await?;
        let is_other_signatory = |other: &Model| {
            other.id != id && other.role == Some(MemberRole::Signatory) && other.subject.is_some()
        };
        if member.role == Some(MemberRole::Signatory) && !members.iter().any(is_other_signatory) {
            return Err(Fault::conflict(
                "this is the last signatory who has signed in; have another signatory sign in first, \
                so that the organization can still file",
            ));
        }
    } else {
        viewer.require_admin("only an administrator may remove a contract officer")?;
        if let Some(department) = member.department_id {
            store::lock_department(&tx, department).await?;
        }
    }
    // Read again under the lock, since the membership may have ended meanwhile.
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

/// Lists the token subjects of all past and present members of an organization's group, as the ledger
/// names them.
pub async fn list_member_subjects(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<BTreeSet<String>> {
    let group = service::load_group(db, organization).await?.ids_of(organization);
    Ok(store::list_member_subjects(db, group).await?.into_iter().flatten().collect())
}

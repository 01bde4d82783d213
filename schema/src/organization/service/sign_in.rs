//! Signs a person in: loads memberships and accepts invitations.
use chrono::{DateTime, Utc};
use serde_json::json;

use super::person_names::remember_name;
use super::store;
use crate::database::{Database, Tx};
use crate::fault::{Fault, Result};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::organization::entity::member::Model;
use crate::organization::model::{
    DepartmentId, EmailAddress, MemberRole, OrganizationId, Role, SignIn, Viewer,
};

/// A person who has signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub viewer: Viewer,
    /// Whether an open invitation could not be accepted, so that the next sign-in has to try again.
    pub has_open_invitation: bool,
}

/// Returns the viewer of a token that this process has accepted before, as [`sign_in`] does. Memberships
/// are read only if a role acts for organizations or departments: the token's first use has accepted its
/// invitations, and other roles read the same without a membership.
pub async fn sign_in_again(db: &Database, sign_in: &SignIn, now: DateTime<Utc>) -> Result<Viewer> {
    if acts_for_others(sign_in) {
        return Ok(self::sign_in(db, sign_in, now).await?.viewer);
    }
    if let Some(name) = &sign_in.name {
        remember_name(db, &sign_in.subject, name, now).await;
    }
    Ok(viewer(sign_in, Vec::new(), Vec::new(), now))
}

/// Whether a role of the person acts for the organizations or departments that it is a member of.
fn acts_for_others(sign_in: &SignIn) -> bool {
    let roles = [Role::Bidder, Role::ContractOfficer, Role::ProcurementSystem];
    roles.iter().any(|role| sign_in.roles.contains(role))
}

fn viewer(
    sign_in: &SignIn,
    organizations: Vec<(OrganizationId, MemberRole)>,
    departments: Vec<DepartmentId>,
    now: DateTime<Utc>,
) -> Viewer {
    Viewer {
        subject: sign_in.subject.clone(),
        email: sign_in.email.as_ref().map(|email| email.as_str().to_owned()),
        name: sign_in.name.clone(),
        roles: sign_in.roles.clone(),
        organizations,
        departments,
        now,
    }
}

/// The memberships of a person: the organizations with the role in each, and the departments.
pub type Memberships = (Vec<(OrganizationId, MemberRole)>, Vec<DepartmentId>);

/// Returns the memberships of the viewer, also of one whose roles do not act for them.
#[tracing::instrument(skip_all)]
pub async fn load_own_memberships(db: &Database, viewer: &Viewer) -> Result<Memberships> {
    let memberships = store::list_memberships(&db.read, &viewer.subject, None).await?;
    read_memberships(db, memberships).await
}

/// Returns the viewer of a verified token, with its memberships. Open invitations to the token's
/// verified e-mail address are accepted at this sign-in.
pub async fn sign_in(db: &Database, sign_in: &SignIn, now: DateTime<Utc>) -> Result<SignedIn> {
    let email = sign_in.email.as_ref();
    let mut memberships = store::list_memberships(&db.sign_in, &sign_in.subject, email).await?;
    let mut has_open_invitation = false;
    if memberships.iter().any(|it| is_open_invitation(it, &memberships)) {
        match accept_invitations(db, sign_in, email, now).await {
            Ok(accepted) => memberships = accepted,
            // Sign-in works without them; a later sign-in accepts the invitations.
            Err(Fault::Unavailable(outage)) => {
                tracing::warn!(?outage, "invitations not accepted; the next sign-in will retry");
                has_open_invitation = true;
            }
            // An organization was merged at the same time, which ends invitations to it.
            Err(Fault::Conflict(_)) => has_open_invitation = true,
            Err(fault) => return Err(fault),
        }
    }
    if let Some(name) = &sign_in.name {
        remember_name(db, &sign_in.subject, name, now).await;
    }
    let (organizations, departments) = if acts_for_others(sign_in) {
        memberships.retain(|it| it.subject.is_some());
        read_memberships(db, memberships).await?
    } else {
        Memberships::default()
    };
    let viewer = viewer(sign_in, organizations, departments, now);
    Ok(SignedIn { viewer, has_open_invitation })
}

/// Returns the organizations and departments of accepted memberships.
async fn read_memberships(db: &Database, memberships: Vec<Model>) -> Result<Memberships> {
    let departments = memberships.iter().filter_map(|it| it.department_id).collect();
    let organizations = memberships.iter().filter_map(|it| it.organization_id.zip(it.role));
    Ok((with_merged_organizations(db, organizations.collect()).await?, departments))
}

/// Adds the organizations that were merged into a member's own, so that what they did stays readable and
/// can be acted upon.
async fn with_merged_organizations(
    db: &Database,
    mut own: Vec<(OrganizationId, MemberRole)>,
) -> Result<Vec<(OrganizationId, MemberRole)>> {
    if own.is_empty() {
        return Ok(own);
    }
    let ids = own.iter().map(|(id, _)| id.uuid()).collect();
    for (merged, survivor) in store::merging::list_merged_ids(&db.sign_in, ids).await? {
        let role = own.iter().find(|(id, _)| *id == survivor).map(|(_, role)| *role);
        own.extend(role.map(|role| (merged, role)));
    }
    Ok(own)
}

/// Returns whether a membership is an invitation that can be accepted. A second invitation to the same
/// organization stays open, since a person has one role there.
fn is_open_invitation(invitation: &Model, memberships: &[Model]) -> bool {
    let scope = |it: &Model| (it.organization_id, it.department_id);
    invitation.subject.is_none()
        && !memberships.iter().any(|it| it.subject.is_some() && scope(it) == scope(invitation))
}

async fn accept_invitations(
    db: &Database,
    sign_in: &SignIn,
    email: Option<&EmailAddress>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let tx = db.begin().await?;
    let memberships = accept_invitations_in_tx(&tx, sign_in, email, now).await?;
    tx.commit().await?;
    Ok(memberships)
}

async fn accept_invitations_in_tx(
    tx: &Tx,
    sign_in: &SignIn,
    email: Option<&EmailAddress>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let invited = store::list_memberships(&**tx, &sign_in.subject, email).await?;
    let organizations = invited.iter().filter_map(|it| it.organization_id).collect();
    super::lock_organizations(tx, organizations).await?;
    let mut departments: Vec<_> = invited.iter().filter_map(|it| it.department_id).collect();
    departments.sort_unstable();
    for department in departments {
        store::lock_department(tx, department).await?;
    }
    // Read again under the locks: the same person may be signing in twice at the same time.
    let mut memberships = store::list_memberships(&**tx, &sign_in.subject, email).await?;
    let open =
        memberships.iter().map(|it| is_open_invitation(it, &memberships)).collect::<Vec<_>>();
    for (member, _) in memberships.iter_mut().zip(open).filter(|(_, is_open)| *is_open) {
        member.subject = Some(sign_in.subject.clone());
        member.bound_at = Some(now);
        *member = store::update_member(tx, member.clone()).await?;
        let actor = Actor { subject: sign_in.subject.as_str(), at: now };
        let data = json!({ "member": member.id });
        if let Some(organization) = member.organization_id {
            append(tx, actor, organization, LedgerAction::MemberBound, &data).await?;
        }
        if let Some(department) = member.department_id {
            append(tx, actor, department, LedgerAction::OfficerBound, &data).await?;
        }
    }
    Ok(memberships)
}

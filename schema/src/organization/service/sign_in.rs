//! Knowing who asks.
use chrono::{DateTime, Utc};
use serde_json::json;

use super::store;
use crate::database::{Database, Tx};
use crate::fault::{Fault, Result};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::organization::entity::member::Model;
use crate::organization::model::{EmailAddress, SignIn, Viewer};

/// Who a verified token's subject is here: its memberships, and those it was invited to under the
/// token's verified address, which it takes at this sign-in.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn sign_in(db: &Database, who: &SignIn, now: DateTime<Utc>) -> Result<Viewer> {
    let email = who.email.as_ref();
    let mut places = store::list_memberships(&db.sign_in, &who.subject, email).await?;
    if places.iter().any(|place| is_open_invitation(place, &places)) {
        match accept_invitations(db, who, email, now).await {
            Ok(taken) => places = taken,
            // What can be read without them is read; they are taken at a later sign-in.
            Err(Fault::Unavailable(outage)) => {
                tracing::warn!(?outage, "an invitation is taken later");
            }
            Err(fault) => return Err(fault),
        }
    }
    places.retain(|place| place.subject.is_some());
    let organizations = places.iter().filter_map(|place| place.organization_id.zip(place.role));
    Ok(Viewer {
        subject: who.subject.clone(),
        email: email.map(|email| email.as_str().to_owned()),
        roles: who.roles.clone(),
        organizations: organizations.collect(),
        departments: places.iter().filter_map(|place| place.department_id).collect(),
        now,
    })
}

/// Whether a place is an invitation that can be taken. A second one to the same organization stays
/// an invitation: one person has one role there.
fn is_open_invitation(place: &Model, places: &[Model]) -> bool {
    let of = |place: &Model| (place.organization_id, place.department_id);
    place.subject.is_none()
        && !places.iter().any(|other| other.subject.is_some() && of(other) == of(place))
}

async fn accept_invitations(
    db: &Database,
    who: &SignIn,
    email: Option<&EmailAddress>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let tx = db.begin().await?;
    let places = accept_invitations_in_tx(&tx, who, email, now).await?;
    tx.commit().await?;
    Ok(places)
}

async fn accept_invitations_in_tx(
    tx: &Tx,
    who: &SignIn,
    email: Option<&EmailAddress>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let invited = store::list_memberships(&**tx, &who.subject, email).await?;
    let organizations = invited.iter().filter_map(|place| place.organization_id).collect();
    super::lock(tx, organizations).await?;
    let mut departments: Vec<_> = invited.iter().filter_map(|place| place.department_id).collect();
    departments.sort_unstable();
    for department in departments {
        store::lock_department(tx, department).await?;
    }
    // Read again under the locks: the same person may be signing in twice at this moment.
    let mut places = store::list_memberships(&**tx, &who.subject, email).await?;
    let free = places.iter().map(|place| is_open_invitation(place, &places)).collect::<Vec<_>>();
    for (place, _) in places.iter_mut().zip(free).filter(|(_, free)| *free) {
        place.subject = Some(who.subject.clone());
        place.bound_at = Some(now);
        *place = store::update_member(tx, place.clone()).await?;
        let actor = Actor { subject: who.subject.as_str(), at: now };
        let data = json!({ "member": place.id });
        if let Some(organization) = place.organization_id {
            append(tx, actor, organization, LedgerAction::MemberBound, &data).await?;
        }
        if let Some(department) = place.department_id {
            append(tx, actor, department, LedgerAction::OfficerBound, &data).await?;
        }
    }
    Ok(places)
}

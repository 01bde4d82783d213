//! Who is held to a quota.
use crate::database::Database;
use crate::fault::Result;
use crate::fold::folded;
use crate::organization::model::{OrganizationId, Party, Role, Viewer};
use crate::quota::{Activity, LocalDay, RateLimits};

/// Counts an activity of `viewer` against its hourly quota. Call it when everything that the
/// sender can fix is checked, right before the transaction: who corrects a refused input loses
/// nothing by it. Service accounts of the procurement system have no quota.
///
/// # Errors
/// `RateLimited` if the quota is used up.
pub fn take_quota(db: &Database, viewer: &Viewer, activity: Activity) -> Result<()> {
    if viewer.is(Role::ProcurementSystem) {
        return Ok(());
    }
    db.cached::<RateLimits>().take(&viewer.subject, activity)
}

/// Counts the members and subcontractors that `viewer` names for an organization against what it may name
/// within a local day: a party counts once, by the identifier of its organization here, else by the
/// identifier that it was given, else by its name without case, accents, blanks and punctuation.
/// Call it before any of them is looked up, so that refused attempts count too. Service accounts of
/// the procurement system have no bound.
///
/// # Errors
/// `RateLimited` if they are more.
pub fn take_named_parties<'a>(
    db: &Database,
    viewer: &Viewer,
    organization: OrganizationId,
    today: LocalDay,
    parties: impl Iterator<Item = &'a Party>,
) -> Result<()> {
    if viewer.is(Role::ProcurementSystem) {
        return Ok(());
    }
    let parties = parties.map(|party| match (&party.organization_id, &party.identifier) {
        (Some(id), _) => id.to_string(),
        (None, Some(identifier)) => format!("{} {}", identifier.scheme.word(), identifier.id),
        (None, None) => format!("name {}", folded(&party.name)),
    });
    db.cached::<RateLimits>().name_parties(&organization.into(), today, parties)
}

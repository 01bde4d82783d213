//! Quotas of viewers.
use crate::database::Database;
use crate::fault::Result;
use crate::organization::model::{OrganizationId, Party, Viewer};
use crate::quota::{Activity, LocalDay, RateLimits};
use candor_matcher::fold::folded;

/// Counts an activity of `viewer` against its hourly quota. Call it after validation and right before
/// the transaction, so that refused input does not count. Service accounts of the procurement system
/// have no quota.
///
/// # Errors
/// `RateLimited` if the quota is used up.
pub fn take_quota(db: &Database, viewer: &Viewer, activity: Activity) -> Result<()> {
    if viewer.is_service_account() {
        return Ok(());
    }
    db.cached::<RateLimits>().take(&viewer.subject, activity)
}

/// Counts the parties that `viewer` names for an organization against its daily quota. A party counts
/// once in a local day, by its organization identifier, else by its other identifier, else by its name
/// without case, accents, blanks and punctuation. Call it before any party is looked up, so that refused
/// attempts count too. Service accounts of the procurement system have no quota.
///
/// # Errors
/// `RateLimited` if the quota is used up.
pub fn take_named_party_quota<'a>(
    db: &Database,
    viewer: &Viewer,
    organization: OrganizationId,
    today: LocalDay,
    parties: impl Iterator<Item = &'a Party>,
) -> Result<()> {
    if viewer.is_service_account() {
        return Ok(());
    }
    let parties = parties.map(|party| match (&party.organization_id, &party.identifier) {
        (Some(id), _) => id.to_string(),
        (None, Some(identifier)) => format!("{} {}", identifier.scheme.as_str(), identifier.id),
        (None, None) => format!("name {}", folded(&party.name)),
    });
    db.cached::<RateLimits>().name_parties(&organization.into(), today, parties)
}

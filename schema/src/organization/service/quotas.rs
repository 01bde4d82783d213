//! Who is held to a quota.
use crate::database::Database;
use crate::fault::Result;
use crate::organization::model::{Role, Viewer};
use crate::quota::{Activity, RateLimits};

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
    db.derived::<RateLimits>().take(&viewer.subject, activity)
}

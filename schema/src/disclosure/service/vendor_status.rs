//! Whether a vendor of the City has a current disclosure, as a portal's page shows it.
use chrono::NaiveDate;

use super::load_histories;
use crate::database::Database;
use crate::disclosure::model::DisclosureStanding;
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::wording::format_date;
use crate::gate::{ReviewState, find_lapse_date};
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::organization::service::{VerifiedVendor, require_verified_vendor};
use crate::policy;

/// How a vendor's disclosure stands today, without its content.
#[derive(Clone, Debug)]
pub struct VendorStatus {
    pub vendor: VerifiedVendor,
    pub standing: DisclosureStanding,
    /// The local day on which the disclosure on file was filed.
    pub filed_on: Option<NaiveDate>,
    /// The first local day on which it is stale or outdated, by the policies that are published; none if
    /// nothing lapses, or without one on file.
    pub lapses_on: Option<NaiveDate>,
    /// The standing and what the firm has to do, in English.
    pub message: String,
}

/// Finds how the disclosure of the firm with a vendor number stands.
///
/// # Errors
/// `NotFound` if the City has verified the number for no firm, or if the viewer is neither the procurement
/// system nor City staff nor a member of the firm; `Invalid` for a malformed number.
#[tracing::instrument(skip_all)]
pub async fn find_vendor_status(
    db: &Database,
    viewer: &Viewer,
    number: &str,
) -> Result<VendorStatus> {
    let vendor = require_verified_vendor(&db.read, number, &FieldPath::argument("number")).await;
    let vendor = vendor.map_err(|fault| match fault {
        Fault::Conflict(_) => Fault::NotFound,
        other => other,
    })?;
    let reader = viewer.reading_for_portal();
    if !reader.is_staff() && reader.require_member(vendor.organization).is_err() {
        return Err(Fault::NotFound);
    }
    load_status(db, viewer, vendor).await
}

async fn load_status(
    db: &Database,
    viewer: &Viewer,
    vendor: VerifiedVendor,
) -> Result<VendorStatus> {
    let timeline = policy::service::load_timeline(&db.read).await?;
    let id: OrganizationId = vendor.organization;
    let groups = organization::service::load_group(&db.read, id).await?;
    let histories = load_histories(&db.read, &groups, viewer.now).await?;
    let history = histories.get(&groups.survivor_of(id));
    let on_file = history.and_then(|it| it.as_of(viewer.now).effective);
    let filing = on_file.map(|it| it.facts.filing);
    let today = timeline.local_date(viewer.now);
    let lapses_on =
        filing.as_ref().and_then(|it| find_lapse_date(&timeline.in_force_from(viewer.now), it));
    let standing = match &filing {
        None => DisclosureStanding::Missing,
        Some(filing) if filing.review == ReviewState::Rejected => DisclosureStanding::Rejected,
        Some(_) if lapses_on.is_some_and(|day| day <= today) => DisclosureStanding::Lapsed,
        Some(_) => DisclosureStanding::Current,
    };
    let message = match (standing, lapses_on) {
        (DisclosureStanding::Current, None) => "The firm's disclosure is current.".to_owned(),
        (DisclosureStanding::Current, Some(day)) => {
            format!(
                "The firm's disclosure is current. It lapses on {}; the firm files a new one before.",
                format_date(day)
            )
        }
        (DisclosureStanding::Missing, _) => {
            "The firm has no disclosure on file. It files one before it bids.".to_owned()
        }
        (DisclosureStanding::Lapsed, Some(day)) => {
            format!(
                "The firm's disclosure lapsed on {}. It files a new one before it bids.",
                format_date(day)
            )
        }
        (DisclosureStanding::Lapsed, None) => {
            "The firm's disclosure has lapsed. It files a new one before it bids.".to_owned()
        }
        (DisclosureStanding::Rejected, _) => {
            "The firm's disclosure was rejected for a formal reason, which the firm reads with the \
            decision. It files a corrected one, or appeals."
                .to_owned()
        }
    };
    let filed_on = filing.map(|it| timeline.local_date(it.filed_at));
    Ok(VendorStatus { vendor, standing, filed_on, lapses_on, message })
}

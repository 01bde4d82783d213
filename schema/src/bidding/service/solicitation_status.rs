//! A solicitation as a portal's page shows it.
use super::portal_bids::require_solicitation;
use super::{Solicitation, SolicitationInclude, include_solicitations, store};
use crate::bidding::model::{BidRecord, SolicitationRecord, SolicitationState};
use crate::database::Database;
use crate::deadline::has_settled;
use crate::fault::{Fault, Result};
use crate::organization::model::Viewer;
use crate::organization::service::list_vendor_numbers;
use crate::user_message::UserMessage;

/// The most bids that a status lists.
pub const MAX_STATUS_BIDS: usize = 500;

/// A bid with the vendor number of its firm, if the City has verified one.
#[derive(Clone, Debug)]
pub struct ShownBid {
    pub record: BidRecord,
    pub vendor: Option<String>,
}

/// A solicitation with the bids that the viewer may see.
#[derive(Clone, Debug)]
pub struct SolicitationStatusPage {
    /// With its department, addenda and notice.
    pub solicitation: Solicitation,
    /// Whether it takes bids now.
    pub takes_bids: bool,
    /// Whether its bids are opened: they are not sealed, or their due time is over for good.
    pub are_bids_opened: bool,
    /// The earliest first, at most [`MAX_STATUS_BIDS`]. Before bids are opened, only those that the viewer
    /// has submitted, or that are its own firm's.
    pub bids: Vec<ShownBid>,
    /// Whether there are more.
    pub has_more_bids: bool,
}

/// Finds a solicitation by its number, as a portal's page shows it.
///
/// # Errors
/// `NotFound` if the viewer may see none, `Invalid` if several departments have the number.
#[tracing::instrument(skip_all)]
pub async fn find_solicitation_status(
    db: &Database,
    viewer: &Viewer,
    number: &str,
    department: Option<&str>,
) -> Result<SolicitationStatusPage> {
    let record = find_by_portal_number(db, viewer, number, department).await?;
    let include = SolicitationInclude { department: true, addenda: true, notice: true };
    let limit = u64::try_from(MAX_STATUS_BIDS).unwrap_or(u64::MAX).saturating_add(1);
    let mut bids = store::list_shown_bids(&db.read, viewer, record.id, limit).await?;
    let has_more_bids = bids.len() > MAX_STATUS_BIDS;
    bids.truncate(MAX_STATUS_BIDS);
    let firms = bids.iter().map(|bid| bid.organization_id);
    let vendors = list_vendor_numbers(&db.read, firms).await?;
    let bids = bids.into_iter().map(|record| {
        let vendor = vendors.get(&record.organization_id).cloned();
        ShownBid { record, vendor }
    });
    let is_published = matches!(record.state, SolicitationState::Published(_));
    let is_sealed = record.state.publication().is_some_and(|publication| publication.sealed);
    let takes_bids = is_published && viewer.now <= record.due_at;
    let are_bids_opened = !is_sealed || has_settled(record.due_at, viewer.now);
    let solicitation = include_solicitations(&db.read, vec![record], include).await?.pop();
    Ok(SolicitationStatusPage {
        solicitation: solicitation.ok_or(Fault::NotFound)?,
        takes_bids,
        are_bids_opened,
        bids: bids.collect(),
        has_more_bids,
    })
}

/// Finds the solicitation of a path: one that is unknown is not found, instead of an error in the input.
pub(super) async fn find_by_portal_number(
    db: &Database,
    viewer: &Viewer,
    number: &str,
    department: Option<&str>,
) -> Result<SolicitationRecord> {
    let found = require_solicitation(db, viewer, number, department).await;
    found.map_err(|fault| match fault {
        Fault::Invalid(errors)
            if errors
                .iter()
                .any(|it| matches!(it.message, UserMessage::SolicitationUnknown { .. })) =>
        {
            Fault::NotFound
        }
        other => other,
    })
}

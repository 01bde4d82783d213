//! Use cases of solicitations and bids.
mod attempts;
mod award_bid;
mod bids;
mod identify_party;
mod include;
mod merge_organizations;
mod portal_bids;
mod preview_suspension;
mod put_solicitation;
mod receipts;
mod redecide;
mod relief_basis;
mod search_index;
mod solicitation_status;
mod solicitations;
mod submit_bid;
mod substitute_subcontractor;
mod verification;

pub use award_bid::{
    AwardableBid, find_awardable_bid, find_bid_to_award, lock_awardable_bid, mark_bid_awarded,
};
pub use bids::{
    BidListQuery, find_bid, list_bids_by_solicitation, list_own_bids, list_visible_bid_ids,
    load_visible_bids, withdraw_bid,
};
pub use identify_party::identify_bid_party;
pub use merge_organizations::merge_organizations;
pub use portal_bids::{
    GateMode, PortalBid, PortalBidResult, find_shown_decision, gate_bid, require_solicitation,
};
pub use preview_suspension::{
    PreviewedBids, RevivedBid, RevivedCounts, SuspensionPreview, preview_suspension,
};
pub use put_solicitation::{
    PortalSolicitation, PutOutcome, PutSolicitation, find_solicitation_record, put_solicitation,
};
pub use redecide::{Lifting, LoadedChange, list_dependent_bids, list_missed_cures, redecide};
pub use relief_basis::{ReliefBasis, evaluate_for_relief};
pub use search_index::{fill_search_index, verify_search_index};
pub use solicitation_status::{
    MAX_STATUS_BIDS, ShownBid, SolicitationStatusPage, find_solicitation_status,
};
pub use solicitations::{
    amend_solicitation, cancel_solicitation, create_solicitation, publish_solicitation,
};
pub use submit_bid::{BidSubmission, evaluate_bid, submit_bid};
pub use substitute_subcontractor::substitute_bid_subcontractor;
pub use verification::{recorded_tables, verify_solicitation_copies};

use include::{include_bids, include_solicitations};

use super::model::{Publication, SolicitationId, SolicitationRecord};
use super::store;
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::organization::model::{Lookup, Viewer};
use crate::organization::service::choose_by_number;
use crate::page::Page;

pub use include::{Bid, BidInclude, IssuedAddendum, Solicitation, SolicitationInclude};
pub use store::{SolicitationFilter, SolicitationListQuery};

/// Finds a solicitation that `viewer` may see.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_solicitation(
    db: &Database,
    viewer: &Viewer,
    id: SolicitationId,
    include: SolicitationInclude,
) -> Result<Option<Solicitation>> {
    let record = store::find_visible(&db.read, viewer, id).await?;
    Ok(include_solicitations(&db.read, record.into_iter().collect(), include).await?.pop())
}

/// Finds a solicitation that `viewer` may see, by its identifier or its number.
///
/// # Errors
/// `Invalid` if several solicitations that the viewer may see have the number, with the departments
/// to choose from.
#[tracing::instrument(skip_all)]
pub async fn look_up_solicitation(
    db: &Database,
    viewer: &Viewer,
    lookup: &Lookup<SolicitationId>,
    include: SolicitationInclude,
) -> Result<Option<Solicitation>> {
    let record = match lookup {
        Lookup::Id(id) => store::find_visible(&db.read, viewer, *id).await?,
        Lookup::Number(lookup) => {
            let found = store::list_visible_by_number(&db.read, viewer, lookup).await?;
            choose_by_number(&db.read, lookup, found, |it| (it.department_id, &it.number)).await?
        }
    };
    Ok(include_solicitations(&db.read, record.into_iter().collect(), include).await?.pop())
}

/// Lists a page of the solicitations that `viewer` may see, with the total if requested.
///
/// # Errors
/// `Invalid` for invalid page arguments, such as a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn list_solicitations(
    db: &Database,
    viewer: &Viewer,
    query: &SolicitationListQuery,
    include: SolicitationInclude,
) -> Result<(Page<Solicitation>, Option<u64>)> {
    let (page, total) = store::list_solicitations(&db.read, viewer, query).await?;
    let (page, records) = page.split();
    let solicitations = include_solicitations(&db.read, records, include).await?;
    Ok((page.replace(|_| solicitations), total))
}

/// The publication of a solicitation on which there is a bid.
fn require_publication(solicitation: &SolicitationRecord) -> Result<&Publication> {
    let is_missing = || Fault::Internal(format!("{} is not published", solicitation.id).into());
    solicitation.state.publication().ok_or_else(is_missing)
}

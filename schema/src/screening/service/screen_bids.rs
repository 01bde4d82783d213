//! Screening bids: who may, what is asked, what each row carries.
use std::collections::HashMap;

use uuid::Uuid;

use super::compensation::{ComponentTotal, CompensationTotal, totals_by_component, total_compensation};
use super::{SCREENING_ROLES, SCREENING_IS_FOR_STAFF};
use crate::bidding;
use crate::bidding::model::BidId;
use crate::bidding::service::{Bid, BidInclude};
use crate::compute::Compute;
use crate::database::Database;
use crate::decision;
use crate::decision::model::DecisionId;
use crate::decision::service::Kept;
use crate::disclosure;
use crate::disclosure::model::{Difference, DisclosureId};
use crate::disclosure::service::Filed;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::page::{PageArguments, Page};
use crate::preloaded::{Preloaded, merge};
use crate::screening::entity::screened_bid;
use crate::screening::model::{BidFilter, ScreenOrder};
use crate::screening::rules::{self, ValidBidFilter};
use crate::screening::store::{self, RequestedFacets, BidFacetCounts};
use crate::waiver;
use crate::waiver::service::Waiver;

/// Which children of a screened bid a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "one for each child of the schema")]
pub struct ScreenedBidInclude {
    pub bid: Option<BidInclude>,
    /// Components and compensation.
    pub disclosed: bool,
    pub findings: bool,
    /// The disclosure's version and form.
    pub disclosure: bool,
    /// What changed since the filing before it.
    pub changes: bool,
    /// The waivers for the organization on the solicitation.
    pub waivers: bool,
}

impl ScreenedBidInclude {
    /// What either asks for.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            bid: merge(self.bid, other.bid, BidInclude::both),
            disclosed: self.disclosed || other.disclosed,
            findings: self.findings || other.findings,
            disclosure: self.disclosure || other.disclosure,
            changes: self.changes || other.changes,
            waivers: self.waivers || other.waivers,
        }
    }
}

/// A bid with what a reviewer decides by, as far as it was asked for.
#[derive(Clone, Debug)]
pub struct ScreenedBid {
    pub row: screened_bid::Model,
    pub bid: Preloaded<Option<Bid>>,
    pub components: Preloaded<Vec<ComponentTotal>>,
    pub compensation: Preloaded<CompensationTotal>,
    pub decision: Preloaded<Option<Kept>>,
    pub disclosure: Preloaded<Option<Filed>>,
    /// None too if it was not asked for, or is not the viewer's to see.
    pub changes: Option<Difference>,
    pub waivers: Preloaded<Vec<Waiver>>,
}

/// Reads a filter.
///
/// # Errors
/// `Forbidden` to who is no member of staff, `Invalid` with everything that is unknown or
/// contradicts itself.
pub fn validate_bid_filter(viewer: &Viewer, filter: BidFilter) -> Result<ValidBidFilter> {
    viewer.requires(&SCREENING_ROLES, SCREENING_IS_FOR_STAFF)?;
    rules::validate_bid_filter(filter)
}

/// A page of the bids that a filter leaves and that are open to the viewer, and their number if it
/// is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn screen_bids(
    db: &Database,
    viewer: &Viewer,
    checked: &ValidBidFilter,
    order: ScreenOrder,
    arguments: &PageArguments,
    (counted, include): (bool, ScreenedBidInclude),
) -> Result<(Page<ScreenedBid>, Option<u64>)> {
    let (sheet, total) =
        store::list_bids(&db.read, viewer, checked, order, arguments, counted).await?;
    let rows = sheet.rows.iter().map(|(_, row)| row.clone()).collect();
    // An officer sees the filing behind a bid, not those before it.
    let changed = include.changes && viewer.reads_all();
    let rows = included(db, viewer, rows, ScreenedBidInclude { changes: changed, ..include }).await?;
    Ok((sheet.replace(|_| rows), total))
}

/// How many of the bids that a filter leaves, and that are open to the viewer, bear each word.
///
/// # Errors
/// `Unavailable` if it takes too long.
pub async fn count_facets(
    db: &Database,
    viewer: &Viewer,
    checked: &ValidBidFilter,
    asked: RequestedFacets,
) -> Result<BidFacetCounts> {
    let select = store::select_bids(db.read.get_database_backend(), viewer, checked);
    Ok(store::count_facets(&db.read, select, asked, &viewer.subject).await?)
}

async fn included(
    db: &Database,
    viewer: &Viewer,
    rows: Vec<screened_bid::Model>,
    include: ScreenedBidInclude,
) -> Result<Vec<ScreenedBid>> {
    let ids = rows.iter().map(|row| row.id.uuid()).collect();
    let mut bids: HashMap<BidId, Bid> = match include.bid {
        Some(inner) => bidding::service::visible_bids_by_ids(db, viewer, ids, inner).await?,
        None => HashMap::new(),
    };
    let disclosures: Vec<Uuid> =
        rows.iter().filter_map(|row| row.disclosure_id).map(DisclosureId::uuid).collect();
    let agreements = if include.disclosed {
        store::load_agreements(&db.read, disclosures.clone()).await?
    } else {
        HashMap::new()
    };
    let mut decisions: HashMap<DecisionId, Kept> = if include.findings {
        let ids = rows.iter().map(|row| row.decision_id.uuid()).collect();
        decision::service::visible_by_ids(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let filed: HashMap<DisclosureId, Filed> = if include.disclosure || include.changes {
        disclosure::service::visible_by_ids(&db.read, viewer, disclosures).await?
    } else {
        HashMap::new()
    };
    let mut waivers = if include.waivers {
        let solicitations = rows.iter().map(|row| row.solicitation_id.uuid()).collect();
        waiver::service::load_visible_by_solicitation(&db.read, viewer, solicitations).await?
    } else {
        HashMap::new()
    };
    let changes = if include.changes { changes(db, viewer, &filed).await? } else { HashMap::new() };
    let rows = rows.into_iter().map(|row| {
        let of = row.disclosure_id;
        let told = of.and_then(|id| agreements.get(&id));
        ScreenedBid {
            bid: Preloaded::if_requested(include.bid.is_some(), || bids.remove(&row.id)),
            components: Preloaded::if_requested(include.disclosed, || {
                told.map(totals_by_component).unwrap_or_default()
            }),
            compensation: Preloaded::if_requested(include.disclosed, || {
                told.map(|told| total_compensation(told.iter())).unwrap_or_default()
            }),
            decision: Preloaded::if_requested(include.findings, || decisions.remove(&row.decision_id)),
            disclosure: Preloaded::if_requested(include.disclosure, || {
                of.and_then(|id| filed.get(&id).cloned())
            }),
            waivers: Preloaded::from_map(
                include.waivers,
                &mut waivers,
                &(row.solicitation_id.uuid(), row.organization_id),
            ),
            changes: of.filter(|_| include.changes).and_then(|id| changes.get(&id).cloned()),
            row,
        }
    });
    Ok(rows.collect())
}

/// What each disclosure says that the organization's filing before it did not.
async fn changes(
    db: &Database,
    viewer: &Viewer,
    filed: &HashMap<DisclosureId, Filed>,
) -> Result<HashMap<DisclosureId, Difference>> {
    let filings: Vec<_> = filed.values().map(|filed| filed.filing.clone()).collect();
    let before = disclosure::service::filings_before(&db.read, &filings).await?;
    let compare = move || {
        let mut changes = HashMap::new();
        for filing in filings {
            let Some(before) = before.get(&filing.id) else { continue };
            let was = disclosure::service::read(before.id, &before.statement)?;
            let is = disclosure::service::read(filing.id, &filing.statement)?;
            changes.insert(filing.id, disclosure::service::compare(&was, &is));
        }
        Ok(changes)
    };
    db.cached::<Compute>().run(&viewer.subject, compare).await?
}

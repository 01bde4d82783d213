//! Screens bids for City staff, with the children that each row requests.
use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::SCREENING_IS_FOR_STAFF;
use super::compensation::{
    CompensationTotal, ComponentTotal, total_compensation, totals_by_component,
};
use crate::bidding;
use crate::bidding::model::BidId;
use crate::bidding::service::{Bid, BidInclude};
use crate::compute::Compute;
use crate::database::{Database, Lookup};
use crate::decision;
use crate::decision::model::DecisionId;
use crate::decision::service::StoredDecision;
use crate::disclosure;
use crate::disclosure::model::{Difference, DisclosureId};
use crate::disclosure::service::FiledDisclosure;
use crate::fault::Result;
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::page::{ListRequest, Page};
use crate::preloaded::{Preloaded, merge};
use crate::screening::entity::screened_bid;
use crate::screening::model::{BidFilter, ScreenOrder, ValidBidFilter};
use crate::screening::rules;
use crate::screening::store::{self, BidFacetCounts, RequestedFacets};
use crate::waiver;
use crate::waiver::model::Waiver;

/// The requested children of a screened bid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "one for each child of the schema")]
pub struct ScreenedBidInclude {
    pub bid: Option<BidInclude>,
    /// The disclosed components and their compensation.
    pub disclosed: bool,
    pub findings: bool,
    /// The disclosure's version and whether it is a paper form.
    pub disclosure: bool,
    /// The differences from the organization's previous filing.
    pub changes: bool,
    /// The waivers for the organization on this solicitation.
    pub waivers: bool,
}

impl ScreenedBidInclude {
    /// Returns the union of two requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            bid: merge(self.bid, other.bid, BidInclude::merge),
            disclosed: self.disclosed || other.disclosed,
            findings: self.findings || other.findings,
            disclosure: self.disclosure || other.disclosure,
            changes: self.changes || other.changes,
            waivers: self.waivers || other.waivers,
        }
    }
}

/// A bid with the requested children.
#[derive(Clone, Debug)]
pub struct ScreenedBid {
    pub row: screened_bid::Model,
    pub bid: Preloaded<Option<Bid>>,
    pub components: Preloaded<Vec<ComponentTotal>>,
    pub compensation: Preloaded<CompensationTotal>,
    pub decision: Preloaded<Option<StoredDecision>>,
    pub disclosure: Preloaded<Option<FiledDisclosure>>,
    /// The differences from the previous filing. `None` for a first filing, if not requested, and
    /// if the viewer may not see earlier filings.
    pub changes: Option<Difference>,
    pub waivers: Preloaded<Vec<Waiver>>,
}

/// Validates a filter of bids.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff, `Invalid` with one error for each unknown,
/// malformed or contradictory value.
pub fn validate_bid_filter(viewer: &Viewer, filter: BidFilter) -> Result<ValidBidFilter> {
    viewer.require_staff(SCREENING_IS_FOR_STAFF)?;
    rules::validate_bid_filter(filter)
}

/// Returns a page of the matching bids that the viewer may see, and their number if requested.
///
/// # Errors
/// `Invalid` for malformed page arguments or a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn screen_bids(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidBidFilter,
    order: ScreenOrder,
    request: ListRequest<'_, ScreenedBidInclude>,
) -> Result<(Page<ScreenedBid>, Option<u64>)> {
    let ListRequest { arguments, includes_total, include } = request;
    let (page, total) =
        store::list_bids(&db.read, viewer, filter, order, arguments, includes_total).await?;
    let (page, rows) = page.split();
    // Contract officers see the filing that a bid was decided on, not earlier ones.
    let changes = include.changes && viewer.can_read_all();
    let rows = load_children(db, viewer, rows, ScreenedBidInclude { changes, ..include }).await?;
    Ok((page.replace(|_| rows), total))
}

/// Counts the matching bids that the viewer may see, by facet value.
///
/// # Errors
/// `Unavailable` if it takes too long.
#[tracing::instrument(skip_all)]
pub async fn count_facets(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidBidFilter,
    asked: RequestedFacets,
) -> Result<BidFacetCounts> {
    let lookup = Lookup::matches_first(&db.read);
    let select = store::select_bids(lookup, viewer, filter);
    Ok(store::count_facets(&db.read, select, asked, &viewer.subject).await?)
}

async fn load_children(
    db: &Database,
    viewer: &Viewer,
    rows: Vec<screened_bid::Model>,
    include: ScreenedBidInclude,
) -> Result<Vec<ScreenedBid>> {
    let ids = rows.iter().map(|row| row.id.uuid()).collect();
    let mut bids: HashMap<BidId, Bid> = match include.bid {
        Some(inner) => bidding::service::load_visible_bids(db, viewer, ids, inner).await?,
        None => HashMap::new(),
    };
    let disclosures: Vec<Uuid> =
        rows.iter().filter_map(|row| row.disclosure_id).map(DisclosureId::uuid).collect();
    let agreements = if include.disclosed {
        disclosure::service::load_disclosed_agreements(&db.read, disclosures.clone()).await?
    } else {
        HashMap::new()
    };
    let mut decisions: HashMap<DecisionId, StoredDecision> = if include.findings {
        let ids = rows.iter().map(|row| row.decision_id.uuid()).collect();
        decision::service::find_visible_by_ids(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let filed: HashMap<DisclosureId, FiledDisclosure> = if include.disclosure || include.changes {
        disclosure::service::load_visible_by_ids(&db.read, viewer, disclosures).await?
    } else {
        HashMap::new()
    };
    let mut waivers =
        if include.waivers { load_waivers(db, viewer, &rows).await? } else { HashMap::new() };
    let changes =
        if include.changes { load_changes(db, viewer, &filed).await? } else { HashMap::new() };
    let rows = rows.into_iter().map(|row| {
        let disclosure_id = row.disclosure_id;
        let disclosed = disclosure_id.and_then(|id| agreements.get(&id));
        ScreenedBid {
            bid: Preloaded::if_requested(include.bid.is_some(), || bids.remove(&row.id)),
            components: Preloaded::if_requested(include.disclosed, || {
                disclosed.map(|disclosed| totals_by_component(disclosed)).unwrap_or_default()
            }),
            compensation: Preloaded::if_requested(include.disclosed, || {
                disclosed.map(|disclosed| total_compensation(disclosed.iter())).unwrap_or_default()
            }),
            decision: Preloaded::if_requested(include.findings, || {
                decisions.remove(&row.decision_id)
            }),
            disclosure: Preloaded::if_requested(include.disclosure, || {
                disclosure_id.and_then(|id| filed.get(&id).cloned())
            }),
            waivers: Preloaded::from_map(include.waivers, &mut waivers, &row.id),
            changes: disclosure_id
                .filter(|_| include.changes)
                .and_then(|id| changes.get(&id).cloned()),
            row,
        }
    });
    Ok(rows.collect())
}

/// Loads the waivers for each bid's firm on its solicitation, for whichever of its organizations they were asked.
async fn load_waivers(
    db: &Database,
    viewer: &Viewer,
    rows: &[screened_bid::Model],
) -> Result<HashMap<BidId, Vec<Waiver>>> {
    let solicitations: BTreeSet<Uuid> = rows.iter().map(|row| row.solicitation_id.uuid()).collect();
    let solicitations = solicitations.into_iter().collect();
    let waivers =
        waiver::service::load_visible_by_solicitation(&db.read, viewer, solicitations).await?;
    let bidders = rows.iter().map(|row| row.organization_id);
    let firms = waivers.keys().map(|(_, organization)| *organization).chain(bidders);
    let firms: BTreeSet<Uuid> = firms.map(OrganizationId::uuid).collect();
    let groups = organization::service::load_groups(&db.read, firms.into_iter().collect()).await?;
    let mut by_firm = HashMap::<(Uuid, OrganizationId), Vec<Waiver>>::new();
    for ((solicitation, organization), waivers) in waivers {
        let firm = (solicitation, groups.survivor_of(organization));
        by_firm.entry(firm).or_default().extend(waivers);
    }
    for waivers in by_firm.values_mut() {
        waivers.sort_by_key(|waiver| (waiver.requested_at, waiver.id));
    }
    let of_bids = rows.iter().filter_map(|row| {
        let firm = (row.solicitation_id.uuid(), groups.survivor_of(row.organization_id));
        Some((row.id, by_firm.get(&firm)?.clone()))
    });
    Ok(of_bids.collect())
}

/// Returns the differences of each filing from the organization's previous filing.
async fn load_changes(
    db: &Database,
    viewer: &Viewer,
    filed: &HashMap<DisclosureId, FiledDisclosure>,
) -> Result<HashMap<DisclosureId, Difference>> {
    let filings: Vec<_> = filed.values().map(|filed| filed.filing.clone()).collect();
    let before = disclosure::service::find_previous_filings(&db.read, &filings).await?;
    let compare = move || {
        let mut changes = HashMap::new();
        for filing in filings {
            let Some(before) = before.get(&filing.id) else { continue };
            let was = disclosure::service::parse_filed_statement(before)?;
            let is = disclosure::service::parse_filed_statement(&filing)?;
            changes.insert(filing.id, disclosure::service::compare_statements(&was, &is));
        }
        Ok(changes)
    };
    db.cached::<Compute>().run(&viewer.subject, compare).await?
}

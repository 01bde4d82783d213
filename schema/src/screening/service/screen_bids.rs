//! Screening bids: who may, what is asked, what each row carries.
use std::collections::HashMap;

use uuid::Uuid;

use super::worth::{WithComponent, Worth, by_component, worth};
use super::{STAFF, WHO};
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
use crate::page::{Arguments, Sheet};
use crate::preloaded::{Preloaded, either};
use crate::screening::entity::screened_bid;
use crate::screening::model::{BidFilter, ScreenOrder};
use crate::screening::rules::{self, Checked};
use crate::screening::store::{self, Asked, Counted};
use crate::waiver;
use crate::waiver::service::Waiver;

/// Which children of a screened bid a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "one for each child of the schema")]
pub struct ScreenInclude {
    pub bid: Option<BidInclude>,
    /// Components and compensation.
    pub disclosed: bool,
    pub findings: bool,
    /// The disclosure's version and form.
    pub disclosure: bool,
    /// What changed since the filing before it.
    pub changed: bool,
    /// The waivers for the organization on the solicitation.
    pub waivers: bool,
}

impl ScreenInclude {
    /// What either asks for.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            bid: either(self.bid, other.bid, BidInclude::both),
            disclosed: self.disclosed || other.disclosed,
            findings: self.findings || other.findings,
            disclosure: self.disclosure || other.disclosure,
            changed: self.changed || other.changed,
            waivers: self.waivers || other.waivers,
        }
    }
}

/// A bid with what a reviewer decides by, as far as it was asked for.
#[derive(Clone, Debug)]
pub struct Screened {
    pub row: screened_bid::Model,
    pub bid: Preloaded<Option<Bid>>,
    pub components: Preloaded<Vec<WithComponent>>,
    pub worth: Preloaded<Worth>,
    pub decision: Preloaded<Option<Kept>>,
    pub disclosure: Preloaded<Option<Filed>>,
    /// None too if it was not asked for, or is not the viewer's to see.
    pub changed: Option<Difference>,
    pub waivers: Preloaded<Vec<Waiver>>,
}

/// Reads a filter.
///
/// # Errors
/// `Forbidden` to who is no member of staff, `Invalid` with everything that is unknown or
/// contradicts itself.
pub fn checked(viewer: &Viewer, filter: BidFilter) -> Result<Checked> {
    viewer.requires(&STAFF, WHO)?;
    rules::filter(filter)
}

/// A page of the bids that a filter leaves and that are open to the viewer, and their number if it
/// is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn screen(
    db: &Database,
    viewer: &Viewer,
    checked: &Checked,
    order: ScreenOrder,
    arguments: &Arguments,
    (counted, include): (bool, ScreenInclude),
) -> Result<(Sheet<Screened>, Option<u64>)> {
    let (sheet, total) =
        store::screen(&db.read, viewer, checked, order, arguments, counted).await?;
    let rows = sheet.rows.iter().map(|(_, row)| row.clone()).collect();
    // An officer sees the filing behind a bid, not those before it.
    let changed = include.changed && viewer.reads_all();
    let rows = included(db, viewer, rows, ScreenInclude { changed, ..include }).await?;
    Ok((sheet.replace(|_| rows), total))
}

/// How many of the bids that a filter leaves, and that are open to the viewer, bear each word.
///
/// # Errors
/// `Unavailable` if it takes too long.
pub async fn facets(
    db: &Database,
    viewer: &Viewer,
    checked: &Checked,
    asked: Asked,
) -> Result<Counted> {
    let select = store::select(db.read.get_database_backend(), viewer, checked);
    Ok(store::counts(&db.read, select, asked, &viewer.subject).await?)
}

async fn included(
    db: &Database,
    viewer: &Viewer,
    rows: Vec<screened_bid::Model>,
    include: ScreenInclude,
) -> Result<Vec<Screened>> {
    let ids = rows.iter().map(|row| row.id.uuid()).collect();
    let mut bids: HashMap<BidId, Bid> = match include.bid {
        Some(inner) => bidding::service::visible_bids_by_ids(db, viewer, ids, inner).await?,
        None => HashMap::new(),
    };
    let disclosures: Vec<Uuid> =
        rows.iter().filter_map(|row| row.disclosure_id).map(DisclosureId::uuid).collect();
    let agreements = if include.disclosed {
        store::agreements(&db.read, disclosures.clone()).await?
    } else {
        HashMap::new()
    };
    let mut decisions: HashMap<DecisionId, Kept> = if include.findings {
        let ids = rows.iter().map(|row| row.decision_id.uuid()).collect();
        decision::service::visible_by_ids(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let filed: HashMap<DisclosureId, Filed> = if include.disclosure || include.changed {
        disclosure::service::visible_by_ids(&db.read, viewer, disclosures).await?
    } else {
        HashMap::new()
    };
    let mut waivers = if include.waivers {
        let solicitations = rows.iter().map(|row| row.solicitation_id.uuid()).collect();
        waiver::service::visible_on_solicitations(&db.read, viewer, solicitations).await?
    } else {
        HashMap::new()
    };
    let changes = if include.changed { changes(db, viewer, &filed).await? } else { HashMap::new() };
    let rows = rows.into_iter().map(|row| {
        let of = row.disclosure_id;
        let told = of.and_then(|id| agreements.get(&id));
        Screened {
            bid: Preloaded::if_asked(include.bid.is_some(), || bids.remove(&row.id)),
            components: Preloaded::if_asked(include.disclosed, || {
                told.map(by_component).unwrap_or_default()
            }),
            worth: Preloaded::if_asked(include.disclosed, || {
                told.map(|told| worth(told.iter())).unwrap_or_default()
            }),
            decision: Preloaded::if_asked(include.findings, || decisions.remove(&row.decision_id)),
            disclosure: Preloaded::if_asked(include.disclosure, || {
                of.and_then(|id| filed.get(&id).cloned())
            }),
            waivers: Preloaded::taken(
                include.waivers,
                &mut waivers,
                &(row.solicitation_id.uuid(), row.organization_id),
            ),
            changed: of.filter(|_| include.changed).and_then(|id| changes.get(&id).cloned()),
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
    db.derived::<Compute>().run(&viewer.subject, compare).await?
}

//! Use cases of screening: who may, what is asked, what each row carries.
use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::entity::{review_item, screened_bid};
use super::model::{BidFilter, QueueFilter, ReviewItemKind, ScreenOrder};
use super::rules::{self, Checked};
use super::store::{self, Agreements};
use crate::bidding;
use crate::bidding::model::BidId;
use crate::bidding::service::{Bid, BidInclude};
use crate::database::Database;
use crate::decision;
use crate::decision::model::DecisionId;
use crate::decision::service::Kept;
use crate::disclosure;
use crate::disclosure::model::{AppealId, ClarificationId, Difference, DisclosureId};
use crate::disclosure::service::{Appeal, Clarification, Filed};
use crate::fault::{Path, Problems, Result};
use crate::gate::{DhsComponent, NatureOfWork};
use crate::money::Money;
use crate::organization::model::{Role, Viewer};
use crate::page::{Arguments, Sheet};
use crate::preloaded::{Preloaded, either};

pub use store::{Asked, Counted, Counts};

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
        }
    }
}

/// What agreements with one component come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithComponent {
    /// None if it is withheld.
    pub component: Option<DhsComponent>,
    /// The name of an `OTHER`.
    pub name: Option<String>,
    pub agreements: usize,
    pub natures: Vec<NatureOfWork>,
    pub worth: Worth,
}

/// What agreements come to: what is not told is counted, never taken for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worth {
    /// The known amounts, one sum a currency.
    pub known: Vec<Money>,
    /// The number of agreements whose amount is unknown or withheld.
    pub unknown: usize,
    /// The number of agreements in the short form, which asks for no amount.
    pub not_asked: usize,
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
}

/// Reads a filter.
///
/// # Errors
/// `Forbidden` to who is no member of staff, `Invalid` with everything that is unknown or
/// contradicts itself.
pub fn checked(viewer: &Viewer, filter: BidFilter) -> Result<Checked> {
    let staff = [
        Role::BcaReviewer,
        Role::BcaSupervisor,
        Role::CaoAnalyst,
        Role::Auditor,
        Role::Admin,
        Role::ContractOfficer,
    ];
    viewer.requires(&staff, "only the City's staff screens bids")?;
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
    let rows = included(db, rows, ScreenInclude { changed, ..include }).await?;
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
    Ok(store::counts(&db.read, select, asked).await?)
}

async fn included(
    db: &Database,
    rows: Vec<screened_bid::Model>,
    include: ScreenInclude,
) -> Result<Vec<Screened>> {
    let ids = rows.iter().map(|row| row.id.uuid()).collect();
    let mut bids: HashMap<BidId, Bid> = match include.bid {
        Some(inner) => bidding::service::bids_by_ids(db, ids, inner).await?,
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
        decision::service::by_ids(&db.read, ids).await?
    } else {
        HashMap::new()
    };
    let filed: HashMap<DisclosureId, Filed> = if include.disclosure || include.changed {
        disclosure::service::by_ids(&db.read, disclosures).await?
    } else {
        HashMap::new()
    };
    let changes = if include.changed { changes(db, &filed).await? } else { HashMap::new() };
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
            changed: of.filter(|_| include.changed).and_then(|id| changes.get(&id).cloned()),
            row,
        }
    });
    Ok(rows.collect())
}

/// What each disclosure says that the organization's filing before it did not.
async fn changes(
    db: &Database,
    filed: &HashMap<DisclosureId, Filed>,
) -> Result<HashMap<DisclosureId, Difference>> {
    let filings: Vec<_> = filed.values().map(|filed| filed.filing.clone()).collect();
    let before = disclosure::service::filings_before(&db.read, &filings).await?;
    let mut changes = HashMap::new();
    for filing in filings {
        let Some(before) = before.get(&filing.id) else { continue };
        let was = disclosure::service::read(before.id, &before.statement)?;
        let is = disclosure::service::read(filing.id, &filing.statement)?;
        changes.insert(filing.id, disclosure::service::compare(&was, &is));
    }
    Ok(changes)
}

fn by_component(agreements: &Agreements) -> Vec<WithComponent> {
    let mut grouped = BTreeMap::<_, Vec<_>>::new();
    for told in agreements {
        let (row, _) = told;
        let name =
            row.component_name.clone().filter(|_| row.component == Some(DhsComponent::Other));
        grouped.entry((row.component, name)).or_default().push(told);
    }
    let grouped = grouped.into_iter().map(|((component, name), told)| {
        let mut natures: Vec<_> = told.iter().flat_map(|(_, natures)| natures).copied().collect();
        natures.sort_unstable();
        natures.dedup();
        let agreements = told.len();
        WithComponent { component, name, agreements, natures, worth: worth(told.into_iter()) }
    });
    grouped.collect()
}

fn worth<'a>(
    agreements: impl Iterator<
        Item = &'a (crate::disclosure::index::agreement::Model, Vec<NatureOfWork>),
    >,
) -> Worth {
    let mut known = Vec::new();
    let mut worth = Worth::default();
    for (row, _) in agreements {
        match (row.cents, &row.currency) {
            (Some(cents), Some(currency)) => {
                known.push(Money { cents, currency: currency.clone() });
            }
            _ if row.short_form => worth.not_asked += 1,
            _ => worth.unknown += 1,
        }
    }
    worth.known = Money::sums(known).collect();
    worth
}

/// Which children of what waits a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueInclude {
    pub bid: Option<BidInclude>,
    pub disclosure: bool,
    pub clarification: bool,
    pub appeal: bool,
}

impl QueueInclude {
    /// What either asks for.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            bid: either(self.bid, other.bid, BidInclude::both),
            disclosure: self.disclosure || other.disclosure,
            clarification: self.clarification || other.clarification,
            appeal: self.appeal || other.appeal,
        }
    }
}

/// Something that waits for a reviewer.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub row: review_item::Model,
    pub bid: Preloaded<Option<Bid>>,
    pub disclosure: Preloaded<Option<Filed>>,
    pub clarification: Preloaded<Option<Clarification>>,
    pub appeal: Preloaded<Option<Appeal>>,
}

impl Waiting {
    /// Whether somebody let a time pass that was given: of what came, and of a bid that can still
    /// be mended, nobody did.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.row.kind == ReviewItemKind::QuestionOverdue
    }
}

/// A page of what waits for a reviewer, the earliest due first, and its number if it is asked for.
///
/// # Errors
/// `Forbidden` to all but reviewers, supervisors and who reads all; `Invalid` for arguments of
/// another list.
pub async fn review_queue(
    db: &Database,
    viewer: &Viewer,
    filter: &QueueFilter,
    arguments: &Arguments,
    (counted, include): (bool, QueueInclude),
) -> Result<(Sheet<Waiting>, Option<u64>)> {
    let readers =
        [Role::BcaReviewer, Role::BcaSupervisor, Role::CaoAnalyst, Role::Auditor, Role::Admin];
    viewer.requires(&readers, "only the Bureau of Contract Administration has this queue")?;
    let mut problems = Problems::default();
    rules::reviewer(filter.reviewer.as_deref(), &Path::argument("reviewer"), &mut problems);
    problems.finish()?;
    let (sheet, total) = store::review_queue(&db.read, viewer, filter, arguments, counted).await?;
    let rows: Vec<_> = sheet.rows.iter().map(|(_, row)| row.clone()).collect();
    let ids = |of: fn(&review_item::Model) -> Option<Uuid>| -> Vec<Uuid> {
        rows.iter().filter_map(of).collect()
    };
    let mut bids = match include.bid {
        Some(inner) => {
            let ids = ids(|row| row.bid_id.map(BidId::uuid));
            bidding::service::bids_by_ids(db, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let filed = if include.disclosure {
        let ids = ids(|row| row.disclosure_id.map(DisclosureId::uuid));
        disclosure::service::by_ids(&db.read, ids).await?
    } else {
        HashMap::new()
    };
    let mut clarifications = if include.clarification {
        let ids = ids(|row| row.clarification_id.map(ClarificationId::uuid));
        disclosure::service::clarifications_by_ids(&db.read, ids).await?
    } else {
        HashMap::new()
    };
    let mut appeals = if include.appeal {
        let ids = ids(|row| row.appeal_id.map(AppealId::uuid));
        disclosure::service::appeals_by_ids(&db.read, ids).await?
    } else {
        HashMap::new()
    };
    let rows = rows.into_iter().map(|row| Waiting {
        bid: Preloaded::if_asked(include.bid.is_some(), || {
            row.bid_id.and_then(|id| bids.remove(&id))
        }),
        disclosure: Preloaded::if_asked(include.disclosure, || {
            row.disclosure_id.and_then(|id| filed.get(&id).cloned())
        }),
        clarification: Preloaded::if_asked(include.clarification, || {
            row.clarification_id.and_then(|id| clarifications.remove(&id))
        }),
        appeal: Preloaded::if_asked(include.appeal, || {
            row.appeal_id.and_then(|id| appeals.remove(&id))
        }),
        row,
    });
    let rows: Vec<_> = rows.collect();
    Ok((sheet.replace(|_| rows), total))
}

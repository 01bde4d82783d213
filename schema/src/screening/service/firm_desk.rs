//! Lists what waits for a firm's people, in due order.
use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;

use crate::award;
use crate::award::model::MatchId;
use crate::award::service::LoadedMatch;
use crate::bidding;
use crate::bidding::model::BidId;
use crate::bidding::service::{Bid, BidInclude};
use crate::contracting;
use crate::contracting::model::ContractId;
use crate::contracting::service::{Contract, ContractInclude};
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::{ClarificationId, DisclosureId};
use crate::disclosure::service::{Clarification, FiledDisclosure};
use crate::fault::Result;
use crate::gate::Policy;
use crate::organization::model::Viewer;
use crate::page::{CountedPage, ListRequest, page_of_rows};
use crate::policy::service::{PolicyTimeline, load_timeline};
use crate::preloaded::{Preloaded, merge};
use crate::screening::entity::waiting_item;
use crate::screening::model::WaitingKind;
use crate::screening::rules::{WaitingFacts, describe_waiting};
use crate::screening::store::{self, WaitingWindow};

/// The number of days before the last one of a contract from which it waits.
const CONTRACT_NOTICE_DAYS: u64 = 180;
/// The number of days before a filing is stale from which it waits.
const STALE_NOTICE_DAYS: u64 = 60;
/// The maximum number of rows that wait for one person. Rows beyond are left out; a person with more
/// lists contracts and bids by themselves.
const MAX_WAITING_ROWS: u64 = 2_000;

/// The requested children of what waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingInclude {
    pub disclosure: bool,
    pub clarification: bool,
    pub award_match: Option<award::service::MatchInclude>,
    pub bid: Option<BidInclude>,
    pub contract: Option<ContractInclude>,
}

impl WaitingInclude {
    /// Returns the union of two requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            disclosure: self.disclosure || other.disclosure,
            clarification: self.clarification || other.clarification,
            award_match: merge(
                self.award_match,
                other.award_match,
                award::service::MatchInclude::merge_with,
            ),
            bid: merge(self.bid, other.bid, BidInclude::merge),
            contract: merge(self.contract, other.contract, ContractInclude::merge),
        }
    }
}

/// Something that waits for a firm's people, with the requested children.
#[derive(Clone, Debug)]
pub struct WaitingItem {
    pub row: waiting_item::Model,
    /// When it is due (UTC).
    pub due_at: DateTime<Utc>,
    /// What it is and what to do, in words.
    pub text: String,
    pub disclosure: Preloaded<Option<FiledDisclosure>>,
    pub clarification: Preloaded<Option<Clarification>>,
    pub award_match: Preloaded<Option<LoadedMatch>>,
    pub bid: Preloaded<Option<Bid>>,
    pub contract: Preloaded<Option<Contract>>,
}

/// Lists a page of what waits for the people of the viewer's own organizations, the earliest due first.
/// Empty for a person without organizations.
///
/// # Errors
/// `Invalid` for page arguments that are out of range or a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn list_waiting(
    db: &Database,
    viewer: &Viewer,
    request: ListRequest<'_, WaitingInclude>,
) -> Result<CountedPage<WaitingItem>> {
    let ListRequest { arguments, includes_total, include } = request;
    let (rows, policy) = if viewer.own_organizations().is_empty() {
        (Vec::new(), None)
    } else {
        let timeline = load_timeline(&db.read).await?;
        let policy = timeline.in_force_at(viewer.now);
        let today = timeline.local_date(viewer.now);
        let window = WaitingWindow {
            today,
            ends_until: today.checked_add_days(Days::new(CONTRACT_NOTICE_DAYS)).unwrap_or(today),
            filed_before: policy.as_deref().and_then(|policy| filed_before(policy, today)),
        };
        let rows = store::list_waiting(&db.read, viewer, window, MAX_WAITING_ROWS).await?;
        let keyed = rows.into_iter().map(|row| {
            let (due_at, day) = due(&row, &timeline, policy.as_deref(), viewer.now);
            ((due_at, position_id(&row)), (row, due_at, day))
        });
        (keyed.collect(), policy)
    };
    let total = includes_total.then_some(rows.len() as u64);
    let page = page_of_rows("WAITING", rows, arguments)?;
    let rows = page.rows.iter().map(|(_, (row, ..))| row.clone()).collect::<Vec<_>>();
    let mut children = Children::load(db, viewer, &rows, include).await?;
    let page = page.replace(|rows| {
        let items = rows.into_iter().map(|(row, due_at, day)| {
            let facts = WaitingFacts {
                kind: row.kind,
                due_at,
                day,
                label: row.label.as_deref(),
                code: row.code.as_deref(),
                now: viewer.now,
            };
            let text = describe_waiting(facts, policy.as_deref());
            children.item(row, due_at, text, include)
        });
        items.collect()
    });
    Ok((page, total))
}

/// The time before which a filing was filed that is stale within the notice: the local midnight that
/// ends the last such day.
fn filed_before(policy: &Policy, today: NaiveDate) -> Option<DateTime<Utc>> {
    let fresh = u64::from(policy.parameters().freshness_days.value);
    let day = today
        .checked_add_days(Days::new(STALE_NOTICE_DAYS))
        .and_then(|day| day.checked_sub_days(Days::new(fresh)))?;
    Some(policy.calendar().midnight(day))
}

/// Returns when something is due (UTC), and the local day that its text names, if any.
fn due(
    row: &waiting_item::Model,
    timeline: &PolicyTimeline,
    policy: Option<&Policy>,
    now: DateTime<Utc>,
) -> (DateTime<Utc>, Option<NaiveDate>) {
    let midnight = |day: NaiveDate| timeline.local_midnight(day, now);
    match (row.kind, row.due_at, row.due_on, policy) {
        (WaitingKind::FilingStale, Some(filed_at), _, Some(policy)) => {
            let days = u64::from(policy.parameters().freshness_days.value).saturating_add(1);
            let filed_on = policy.calendar().local_date(filed_at);
            let stale = filed_on.checked_add_days(Days::new(days)).unwrap_or(filed_on);
            (midnight(stale), Some(stale))
        }
        // The last day of a contract counts in full.
        (WaitingKind::ContractEnding, _, Some(day), _) => {
            (midnight(day.succ_opt().unwrap_or(day)), Some(day))
        }
        (_, None, Some(day), _) => (midnight(day), Some(day)),
        (_, due_at, ..) => (due_at.unwrap_or(now), None),
    }
}

/// A contract waits twice, as ending and as out of compliance: the second has another position in pages.
fn position_id(row: &waiting_item::Model) -> Uuid {
    match row.kind {
        WaitingKind::ContractNoncompliant => Uuid::from_u128(!row.id.as_u128()),
        _ => row.id,
    }
}

/// The children of a page, by their identifiers.
struct Children {
    filed: HashMap<DisclosureId, FiledDisclosure>,
    clarifications: HashMap<ClarificationId, Clarification>,
    matches: HashMap<MatchId, LoadedMatch>,
    bids: HashMap<BidId, Bid>,
    contracts: HashMap<ContractId, Contract>,
}

impl Children {
    async fn load(
        db: &Database,
        viewer: &Viewer,
        rows: &[waiting_item::Model],
        include: WaitingInclude,
    ) -> Result<Self> {
        let ids = |of: fn(&waiting_item::Model) -> Option<Uuid>| -> Vec<Uuid> {
            rows.iter().filter_map(of).collect()
        };
        let filed = if include.disclosure {
            let ids = ids(|row| row.disclosure_id.map(DisclosureId::uuid));
            disclosure::service::load_visible_by_ids(&db.read, viewer, ids).await?
        } else {
            HashMap::new()
        };
        let clarifications = if include.clarification {
            let ids = ids(|row| row.clarification_id.map(ClarificationId::uuid));
            disclosure::service::load_visible_clarifications(&db.read, viewer, ids).await?
        } else {
            HashMap::new()
        };
        let matches = match include.award_match {
            Some(inner) => {
                let ids = ids(|row| row.match_id.map(MatchId::uuid));
                award::service::load_visible_matches(&db.read, viewer, ids, inner).await?
            }
            None => HashMap::new(),
        };
        let bids = match include.bid {
            Some(inner) => {
                let ids = ids(|row| row.bid_id.map(BidId::uuid));
                bidding::service::load_visible_bids(db, viewer, ids, inner).await?
            }
            None => HashMap::new(),
        };
        let contracts = match include.contract {
            Some(inner) => {
                let ids = ids(|row| row.contract_id.map(ContractId::uuid));
                contracting::service::load_visible_contracts(db, viewer, ids, inner).await?
            }
            None => HashMap::new(),
        };
        Ok(Self { filed, clarifications, matches, bids, contracts })
    }

    fn item(
        &mut self,
        row: waiting_item::Model,
        due_at: DateTime<Utc>,
        text: String,
        include: WaitingInclude,
    ) -> WaitingItem {
        WaitingItem {
            due_at,
            text,
            disclosure: Preloaded::if_requested(include.disclosure, || {
                row.disclosure_id.and_then(|id| self.filed.get(&id).cloned())
            }),
            clarification: Preloaded::if_requested(include.clarification, || {
                row.clarification_id.and_then(|id| self.clarifications.get(&id).cloned())
            }),
            award_match: Preloaded::if_requested(include.award_match.is_some(), || {
                row.match_id.and_then(|id| self.matches.get(&id).cloned())
            }),
            bid: Preloaded::if_requested(include.bid.is_some(), || {
                row.bid_id.and_then(|id| self.bids.get(&id).cloned())
            }),
            contract: Preloaded::if_requested(include.contract.is_some(), || {
                row.contract_id.and_then(|id| self.contracts.get(&id).cloned())
            }),
            row,
        }
    }
}

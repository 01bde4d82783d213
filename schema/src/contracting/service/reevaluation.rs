//! Processing queued changes: re-evaluates the bids and contracts that depend on them.
//!
//! A change queues an item in its own transaction. The request that made it processes the item
//! after its commit, within a budget; workers do the rest: one transaction a bid, and one for many
//! contracts. A bid or contract whose result would not change stays as it is, so that
//! processing an item twice, or again after a crash, has no further effect.
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::contract_status::refresh_contract_status;
use super::store;
use crate::award;
use crate::award::service::Reevaluation;
use crate::bidding;
use crate::bidding::model::BidId;
use crate::bidding::service::{Lifting, LoadedChange};
use crate::clock::Clock;
use crate::contracting::model::ContractId;
use crate::database::Database;
use crate::deadline::settled_by;
use crate::decision::model::PartyOwner;
use crate::decision::service::select_subjects_naming;
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::OrganizationId;
use crate::reevaluation::model::ChangeSource;
use crate::reevaluation::service::{self as queue, PendingReevaluation};

/// The number of dependents that are looked up at a time.
const BATCH: u64 = 100;
/// The interval at which a worker extends its lease on an item, far shorter than the lease.
const EXTEND_AFTER: Duration = Duration::from_secs(15);

/// The limit of the re-evaluation that a request does before it answers. Workers do the rest.
#[derive(Clone, Copy, Debug)]
pub struct ReevaluationBudget {
    /// The largest number of bids and contracts.
    pub dependents: u64,
    /// The time after which no further dependent is processed.
    pub time: Duration,
}

impl Default for ReevaluationBudget {
    fn default() -> Self {
        Self { dependents: 50, time: Duration::from_millis(500) }
    }
}

/// The result of processing queued items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReevaluationSummary {
    /// The number of bids with a new decision and contracts with a new status.
    pub changed: u64,
    /// Whether items are still queued, because one failed or the budget was used up.
    pub has_remaining: bool,
}

/// The part of a budget that is left.
#[derive(Debug)]
struct Allowance {
    /// The number of dependents left; none if unlimited.
    dependents: Option<u64>,
    ends_at: Option<Instant>,
}

impl Allowance {
    const fn unlimited() -> Self {
        Self { dependents: None, ends_at: None }
    }

    fn from_budget(budget: ReevaluationBudget) -> Self {
        let ends_at = Instant::now().checked_add(budget.time);
        Self { dependents: Some(budget.dependents), ends_at }
    }

    fn is_spent(&self) -> bool {
        self.dependents == Some(0) || self.ends_at.is_some_and(|ends_at| Instant::now() >= ends_at)
    }

    /// Runs `work` within the time left; none if the time ends first.
    async fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        match self.ends_at {
            Some(ends_at) => tokio::time::timeout_at(ends_at.into(), work).await.ok(),
            None => Some(work.await),
        }
    }

    /// The number of dependents to look up next.
    fn batch(&self) -> u64 {
        self.dependents.map_or(BATCH, |remaining| remaining.min(BATCH))
    }

    fn spend(&mut self, dependents: u64) {
        if let Some(remaining) = &mut self.dependents {
            *remaining = remaining.saturating_sub(dependents);
        }
    }
}

/// A bid or contract that depends on a change.
#[derive(Clone, Copy, Debug)]
enum Dependent {
    Bid(BidId),
    Contract(ContractId),
}

impl Dependent {
    const fn uuid(self) -> Uuid {
        match self {
            Self::Bid(id) => id.uuid(),
            Self::Contract(id) => id.uuid(),
        }
    }
}

/// Processes every due item, including failed ones, and every deadline that has passed. A bid that
/// would be decided differently now gets a new decision; its old ones stay. A contract gets its
/// current status.
///
/// # Errors
/// Database faults of the queue only. A failure for one bid or contract is logged, and its item stays
/// queued.
pub async fn process_pending(db: &Database, now: DateTime<Utc>) -> Result<ReevaluationSummary> {
    let clock = Clock::new(move || now);
    process_awards(db, now).await;
    let mut summary = process_queue(db, &clock, true).await?;
    process_deadlines(db, now, &mut summary).await?;
    Ok(summary)
}

/// Matches organizations with federal awards if they were not matched since the last import. Failures
/// are logged.
pub async fn process_awards(db: &Database, now: DateTime<Utc>) {
    if let Err(fault) = award::service::match_backlog(db, now, |_| ()).await {
        tracing::error!(?fault, "some organizations could not be matched with federal awards");
    }
}

/// Processes due items without a valid lease, one after the other, until there are none. Skips items
/// that failed less than a minute ago, unless `retries`.
///
/// # Errors
/// As [`process_pending`].
pub async fn process_queue(
    db: &Database,
    clock: &Clock,
    retries: bool,
) -> Result<ReevaluationSummary> {
    let (mut summary, mut tried) = (ReevaluationSummary::default(), Vec::new());
    while let Some(item) = queue::claim(db, clock.now(), &tried, retries).await? {
        let (id, all) = (item.id, vec![item.clone()]);
        let allowance = &mut Allowance::unlimited();
        if !process_item(db, clock, item, &all, allowance, &mut summary).await? {
            tried.push(id);
        }
    }
    Ok(summary)
}

/// Processes the items that a request enqueued, within `budget`, and leaves the rest to the workers.
///
/// # Errors
/// As [`process_pending`].
pub async fn process_queued_by(
    db: &Database,
    now: DateTime<Utc>,
    queued: Vec<Uuid>,
    budget: ReevaluationBudget,
) -> Result<ReevaluationSummary> {
    let (clock, mut summary) = (Clock::new(move || now), ReevaluationSummary::default());
    let mut allowance = Allowance::from_budget(budget);
    for (item, all) in queue::list_held_by_request(db, queued).await? {
        process_item(db, &clock, item, &all, &mut allowance, &mut summary).await?;
    }
    Ok(summary)
}

/// Processes deadlines that have passed and settled: held bids that were not cured in time, and
/// contracts whose status expired.
///
/// # Errors
/// As [`process_pending`].
pub async fn process_deadlines(
    db: &Database,
    now: DateTime<Utc>,
    summary: &mut ReevaluationSummary,
) -> Result<()> {
    let mut last: Option<(DateTime<Utc>, BidId)> = None;
    loop {
        let bids = bidding::service::list_missed_cures(db, settled_by(now), last, BATCH).await?;
        let Some(end) = bids.last() else { break };
        last = Some(*end);
        for (_, bid) in bids {
            redecide_with_retry(db, now, bid, None, summary).await;
        }
    }
    let mut last: Option<(DateTime<Utc>, ContractId)> = None;
    loop {
        let expired = store::list_expired_statuses(&db.read, settled_by(now), last, BATCH).await?;
        let Some(end) = expired.last() else { return Ok(()) };
        last = Some(*end);
        let contracts = expired.into_iter().map(|(_, contract)| contract.uuid()).collect();
        summary.has_remaining |= !refresh_contracts(db, now, contracts, summary).await;
    }
}

/// Processes the dependents of one change within `allowance`; `all` are the queued items that were
/// merged into `item`. Returns whether it is finished; otherwise it stays queued.
async fn process_item(
    db: &Database,
    clock: &Clock,
    mut item: PendingReevaluation,
    all: &[PendingReevaluation],
    allowance: &mut Allowance,
    summary: &mut ReevaluationSummary,
) -> Result<bool> {
    let (mut has_failed, mut leased_at) = (false, Instant::now());
    // An organization's identity and disclosures determine its matches with federal awards, which the
    // decisions below read.
    if item.source == ChangeSource::Organization && item.cursor.is_none() && !allowance.is_spent() {
        let organization = vec![OrganizationId::from_uuid(item.subject_id)];
        let matching =
            award::service::match_organizations(db, clock.now(), organization, Reevaluation::Skip);
        match allowance.within(matching).await {
            Some(Ok(_)) => {}
            Some(Err(fault)) => {
                tracing::error!(?fault, "an organization could not be matched with federal awards");
                has_failed = true;
            }
            // A worker starts over with the matching.
            None => {
                summary.has_remaining = true;
                queue::release(db, &item, all).await?;
                return Ok(false);
            }
        }
    }
    loop {
        if allowance.is_spent() {
            summary.has_remaining = true;
            item.failed_at = has_failed.then(|| clock.now()).or(item.failed_at);
            queue::release(db, &item, all).await?;
            return Ok(false);
        }
        let dependents = list_dependents(db, &item, item.cursor, allowance.batch()).await?;
        if dependents.is_empty() {
            break;
        }
        let mut contracts = Vec::new();
        for dependent in &dependents {
            if allowance.is_spent() {
                break;
            }
            item.cursor = Some(dependent.uuid());
            match dependent {
                Dependent::Bid(bid) => {
                    let lifting = Some(Lifting::by(&item));
                    has_failed |=
                        !redecide_with_retry(db, clock.now(), *bid, lifting, summary).await;
                }
                Dependent::Contract(contract) => contracts.push(contract.uuid()),
            }
            allowance.spend(1);
            if leased_at.elapsed() > EXTEND_AFTER {
                break;
            }
        }
        has_failed |= !refresh_contracts(db, clock.now(), contracts, summary).await;
        // The next worker retries the dependents that failed.
        item.failed_at = has_failed.then(|| clock.now());
        let is_held =
            allowance.ends_at.is_some() || queue::extend_lease(db, &mut item, clock.now()).await?;
        if !is_held {
            // Another worker has claimed or completed the item.
            return Ok(true);
        }
        leased_at = Instant::now();
    }
    if has_failed {
        summary.has_remaining = true;
        queue::release(db, &item, all).await?;
        return Ok(false);
    }
    queue::complete(db, all).await?;
    Ok(true)
}

/// Refreshes the status of contracts in one transaction or, if that fails, one by one, so that one
/// failure does not block the others. Returns whether all succeeded.
async fn refresh_contracts(
    db: &Database,
    now: DateTime<Utc>,
    contracts: Vec<Uuid>,
    summary: &mut ReevaluationSummary,
) -> bool {
    if contracts.is_empty() {
        return true;
    }
    match refresh_contract_status(db, now, contracts.clone()).await {
        Ok(changed) => {
            summary.changed += changed;
            return true;
        }
        Err(fault) => tracing::error!(
            ?fault,
            "contracts could not be refreshed together; refreshing one by one"
        ),
    }
    let mut has_succeeded = true;
    for contract in contracts {
        match refresh_contract_status(db, now, vec![contract]).await {
            Ok(changed) => summary.changed += changed,
            Err(fault) => {
                tracing::error!(%contract, ?fault, "a contract's status could not be refreshed");
                has_succeeded = false;
            }
        }
    }
    has_succeeded
}

/// Lists the bids and contracts that depend on a change: the first `limit` after `after`, by
/// identifier.
async fn list_dependents(
    db: &Database,
    item: &PendingReevaluation,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Dependent>> {
    let change = LoadedChange::load(&db.read, item).await?;
    let bids = bidding::service::list_dependent_bids(db, item, &change, after, limit).await?;
    let contracts = list_dependent_contracts(&db.read, &change, after, limit).await?;
    let bids = bids.into_iter().map(Dependent::Bid);
    let mut dependents: Vec<_> =
        bids.chain(contracts.into_iter().map(Dependent::Contract)).collect();
    dependents.sort_unstable_by_key(|dependent| dependent.uuid());
    dependents.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(dependents)
}

/// Lists the contracts that depend on a change: the first `limit` after `after`, by identifier.
pub(super) async fn list_dependent_contracts(
    db: &impl ConnectionTrait,
    change: &LoadedChange,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<ContractId>> {
    let contracts = match change {
        LoadedChange::Organization { group, identifiers } => {
            let ventures = organization::service::list_ventures_of(db, group, identifiers).await?;
            let naming = select_subjects_naming(PartyOwner::Contract, group, identifiers);
            store::select_naming(db, group, naming, &ventures)
        }
        LoadedChange::Policy(_) => store::select_all(),
        LoadedChange::Contract(id) => store::select_one(ContractId::from_uuid(*id)),
        LoadedChange::Solicitation(_) => return Ok(Vec::new()),
    };
    Ok(store::list_next_ids(db, contracts, after, limit).await?)
}

/// Decides one bid again, with retries after a conflict. Returns whether that succeeded; a failure is
/// logged and does not block other bids.
async fn redecide_with_retry(
    db: &Database,
    now: DateTime<Utc>,
    id: BidId,
    lifting: Option<Lifting<'_>>,
    summary: &mut ReevaluationSummary,
) -> bool {
    // When two workers decide the same bid at once, the second retries and reads the new decision.
    for _ in 0..3 {
        // Boxed, because this large future would otherwise be part of every caller's future.
        match Box::pin(bidding::service::redecide(db, now, id, lifting)).await {
            Ok(is_redecided) => {
                summary.changed += u64::from(is_redecided);
                return true;
            }
            Err(Fault::Conflict(_)) => {}
            Err(fault) => {
                tracing::error!(bid = %id, ?fault, "a bid could not be decided again");
                break;
            }
        }
    }
    summary.has_remaining = true;
    false
}

//! Processing queued changes: re-evaluates the bids and contracts that depend on them.
//!
//! A change queues an item in its own transaction. The request that made it processes the item
//! after its commit, within a budget; workers do the rest: one transaction a bid, and one for many
//! contracts. What would come out the same stays as it is, so that processing an item twice, or
//! again after a crash, does nothing twice.
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::standing::stand_anew;
use super::store;
use crate::award;
use crate::bidding;
use crate::bidding::model::BidId;
use crate::clock::Clock;
use crate::contracting::model::ContractId;
use crate::database::Database;
use crate::deadline::settled_by;
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::OrganizationId;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::{self as reconsideration, Note};

/// How many dependents are processed at a time.
const BATCH: u64 = 100;
/// After how long a worker's hold on an item is extended, far below the lease.
const EXTEND_AFTER: Duration = Duration::from_secs(15);

/// How much of what a request set off is processed before its answer; workers do the rest.
#[derive(Clone, Copy, Debug)]
pub struct ReevaluationBudget {
    /// The largest number of bids and contracts.
    pub dependents: u64,
    /// The longest time after which no further one is begun.
    pub time: Duration,
}

impl Default for ReevaluationBudget {
    fn default() -> Self {
        Self { dependents: 50, time: Duration::from_millis(500) }
    }
}

/// What was processed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// How many bids got a new decision, and contracts another standing.
    pub decided: u64,
    /// Something still waits: it failed, or there was too much for one request.
    pub left: bool,
}

/// What may still be processed.
#[derive(Debug)]
struct Allowance {
    /// None: all of it.
    dependents: Option<u64>,
    until: Option<Instant>,
}

impl Allowance {
    const fn unlimited() -> Self {
        Self { dependents: None, until: None }
    }

    fn of(budget: ReevaluationBudget) -> Self {
        let until = Instant::now().checked_add(budget.time);
        Self { dependents: Some(budget.dependents), until }
    }

    fn is_spent(&self) -> bool {
        self.dependents == Some(0) || self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// What comes of `work`, unless the time is over before.
    async fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        match self.until {
            Some(until) => tokio::time::timeout_at(until.into(), work).await.ok(),
            None => Some(work.await),
        }
    }

    /// How many dependents are looked up next.
    fn batch(&self) -> u64 {
        self.dependents.map_or(BATCH, |left| left.min(BATCH))
    }

    fn spend(&mut self, dependents: u64) {
        if let Some(left) = &mut self.dependents {
            *left = left.saturating_sub(dependents);
        }
    }
}

/// Something that hangs on a change.
#[derive(Clone, Copy, Debug)]
enum Hanging {
    Bid(BidId),
    Contract(ContractId),
}

impl Hanging {
    const fn uuid(self) -> Uuid {
        match self {
            Self::Bid(id) => id.uuid(),
            Self::Contract(id) => id.uuid(),
        }
    }
}

/// Processes all that is queued and due, and what the time alone has changed: each bid gets a new
/// decision beside the old ones if it would be decided otherwise now, and each contract its status
/// as it is now. What failed before is tried again.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails; what fails for one bid alone is logged, and
/// stays queued.
pub async fn settle(db: &Database, now: DateTime<Utc>) -> Result<Settled> {
    let clock = Clock::new(move || now);
    process_awards(db, now).await;
    let mut settled = process_queue(db, &clock, true).await?;
    process_deadlines(db, now, &mut settled).await?;
    Ok(settled)
}

/// Compares with the federal awards those organizations that were not compared since the last
/// import; what fails is logged.
pub async fn process_awards(db: &Database, now: DateTime<Utc>) {
    if let Err(fault) = award::service::catch_up(db, now, |_| ()).await {
        tracing::error!(?fault, "some organizations are not compared with the awards yet");
    }
}

/// Processes what is queued and due and held by nobody, one item after the other, until there is
/// none. What failed lately waits, unless `retries`.
///
/// # Errors
/// As [`settle`].
pub async fn process_queue(db: &Database, clock: &Clock, retries: bool) -> Result<Settled> {
    let (mut settled, mut tried) = (Settled::default(), Vec::new());
    while let Some(item) = reconsideration::claim(db, clock.now(), &tried, retries).await? {
        let (id, all) = (item.id, vec![item.clone()]);
        let allowance = &mut Allowance::unlimited();
        if !process_item(db, clock, item, &all, allowance, &mut settled).await? {
            tried.push(id);
        }
    }
    Ok(settled)
}

/// Processes what a request has set off, within `budget`, and gives the rest to the workers.
///
/// # Errors
/// As [`settle`].
pub async fn process_queued_by(
    db: &Database,
    now: DateTime<Utc>,
    queued: Vec<Uuid>,
    budget: ReevaluationBudget,
) -> Result<Settled> {
    let (clock, mut settled) = (Clock::new(move || now), Settled::default());
    let mut allowance = Allowance::of(budget);
    for (item, all) in reconsideration::list_held_by_request(db, queued).await? {
        process_item(db, &clock, item, &all, &mut allowance, &mut settled).await?;
    }
    Ok(settled)
}

/// Processes what the time alone has changed: held bids that were not cured in time, and contracts
/// whose status ends, each once the deadline has settled.
///
/// # Errors
/// As [`settle`].
pub async fn process_deadlines(
    db: &Database,
    now: DateTime<Utc>,
    settled: &mut Settled,
) -> Result<()> {
    let mut last: Option<(DateTime<Utc>, BidId)> = None;
    loop {
        let missed = bidding::service::cure_missed(db, settled_by(now), last, BATCH).await?;
        let Some(end) = missed.last() else { break };
        last = Some(*end);
        for (_, bid) in missed {
            attempt(db, now, bid, &LiftedRules::none(), settled).await;
        }
    }
    let mut last: Option<(DateTime<Utc>, ContractId)> = None;
    loop {
        let due = store::next_by_standing(&db.read, settled_by(now), last, BATCH).await?;
        let Some(end) = due.last() else { return Ok(()) };
        last = Some(*end);
        let due = due.into_iter().map(|(_, contract)| contract.uuid()).collect();
        settled.left |= !refresh_contracts(db, now, due, settled).await;
    }
}

/// Processes what depends on one change, as far as `allowance` goes; `all` are the queued items
/// that `item` stands for. Whether it is finished: otherwise it stays queued.
async fn process_item(
    db: &Database,
    clock: &Clock,
    mut item: Note,
    all: &[Note],
    allowance: &mut Allowance,
    settled: &mut Settled,
) -> Result<bool> {
    let (mut failed, mut held_since) = (false, Instant::now());
    // Who an organization is, and what it disclosed, says which federal awards are taken for its
    // own, and which of them are disclosed: what is decided next looks at that.
    if item.source == ChangeSource::Organization && item.cursor.is_none() && !allowance.is_spent() {
        let organization = vec![OrganizationId::from_uuid(item.subject_id)];
        let matching = award::service::match_organizations(db, clock.now(), organization, false);
        match allowance.within(matching).await {
            Some(Ok(_)) => {}
            Some(Err(fault)) => {
                tracing::error!(?fault, "an organization could not be compared with the awards");
                failed = true;
            }
            // The workers begin with it again.
            None => {
                settled.left = true;
                reconsideration::release(db, &item, all).await?;
                return Ok(false);
            }
        }
    }
    loop {
        if allowance.is_spent() {
            settled.left = true;
            item.failed_at = failed.then(|| clock.now()).or(item.failed_at);
            reconsideration::release(db, &item, all).await?;
            return Ok(false);
        }
        let dependents = dependents(db, &item, item.cursor, allowance.batch()).await?;
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
                Hanging::Bid(bid) => {
                    failed |= !attempt(db, clock.now(), *bid, &item.lifted_rules, settled).await;
                }
                Hanging::Contract(contract) => contracts.push(contract.uuid()),
            }
            allowance.spend(1);
            if held_since.elapsed() > EXTEND_AFTER {
                break;
            }
        }
        failed |= !refresh_contracts(db, clock.now(), contracts, settled).await;
        // Whoever takes the item over begins again with what has failed.
        item.failed_at = failed.then(|| clock.now());
        let is_held = allowance.until.is_some()
            || reconsideration::extend_lease(db, &mut item, clock.now()).await?;
        if !is_held {
            // Somebody else has it, or has finished it.
            return Ok(true);
        }
        held_since = Instant::now();
    }
    if failed {
        settled.left = true;
        reconsideration::release(db, &item, all).await?;
        return Ok(false);
    }
    reconsideration::complete(db, all).await?;
    Ok(true)
}

/// Refreshes the status of some contracts in one transaction, or one by one if that fails: one that
/// cannot be read keeps no other from it. Whether all were.
async fn refresh_contracts(
    db: &Database,
    now: DateTime<Utc>,
    contracts: Vec<Uuid>,
    settled: &mut Settled,
) -> bool {
    if contracts.is_empty() {
        return true;
    }
    match stand_anew(db, now, contracts.clone()).await {
        Ok(changed) => {
            settled.decided += changed;
            return true;
        }
        Err(fault) => tracing::error!(?fault, "some contracts are refreshed one by one"),
    }
    let mut all_done = true;
    for contract in contracts {
        match stand_anew(db, now, vec![contract]).await {
            Ok(changed) => settled.decided += changed,
            Err(fault) => {
                tracing::error!(%contract, ?fault, "a contract's status could not be refreshed");
                all_done = false;
            }
        }
    }
    all_done
}

/// The next bids and contracts that depend on a change, in the order of their identifiers.
async fn dependents(
    db: &Database,
    note: &Note,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Hanging>> {
    let bids = bidding::service::hanging(db, note, after, most).await?;
    let contracts = dependent_contracts(&db.read, note, after, most).await?;
    let bids = bids.into_iter().map(Hanging::Bid);
    let mut dependents: Vec<_> = bids.chain(contracts.into_iter().map(Hanging::Contract)).collect();
    dependents.sort_unstable_by_key(|thing| thing.uuid());
    dependents.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(dependents)
}

/// The next contracts that depend on a change, in the order of their identifiers.
pub(super) async fn dependent_contracts(
    db: &impl ConnectionTrait,
    note: &Note,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<ContractId>> {
    let contracts = match note.source {
        ChangeSource::Organization => {
            let organization = OrganizationId::from_uuid(note.subject_id);
            let borne = organization::service::identifiers(db, organization).await?;
            let ventures = organization::service::ventures_of(db, organization).await?;
            store::naming(db, organization, &borne, ventures)
        }
        ChangeSource::Policy => store::every(),
        ChangeSource::Contract => store::one(ContractId::from_uuid(note.subject_id)),
        ChangeSource::Solicitation => return Ok(Vec::new()),
    };
    Ok(store::next_to_stand(db, contracts, after, most).await?)
}

/// Decides one bid anew. Whether that worked: what fails is logged, and does not keep the others
/// from being decided.
async fn attempt(
    db: &Database,
    now: DateTime<Utc>,
    id: BidId,
    revives: &LiftedRules,
    settled: &mut Settled,
) -> bool {
    // Two who decide the same bid at once: one of them comes second, and sees what the first did.
    for _ in 0..3 {
        // On the heap: this waits inside of what waits for it, and would make all of them large.
        match Box::pin(bidding::service::decide_anew(db, now, id, revives)).await {
            Ok(decided) => {
                settled.decided += u64::from(decided);
                return true;
            }
            Err(Fault::Conflict(_)) => {}
            Err(fault) => {
                tracing::error!(bid = %id, ?fault, "a bid could not be decided anew");
                break;
            }
        }
    }
    settled.left = true;
    false
}

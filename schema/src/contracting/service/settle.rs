//! Taking up what has changed: whatever hangs on it is looked at again.
//!
//! A change leaves a note in its own transaction; the notes are taken up after its commit: one
//! transaction a bid, and one for many contracts. What would come out the same stays as it is, so
//! that taking a note up twice, or again after a crash, does nothing twice.
use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::standing::stand_anew;
use super::store;
use crate::award;
use crate::bidding;
use crate::bidding::model::BidId;
use crate::contracting::model::ContractId;
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::OrganizationId;
use crate::reconsideration::model::{Changed, Revives};
use crate::reconsideration::service::{self as reconsideration, Note};

/// How many things are looked at at a time.
const BATCH: u64 = 100;

/// How much of what waits is taken up.
#[derive(Clone, Copy, Debug)]
pub enum Extent {
    /// What a request set off, before it is answered: so many bids and contracts at the most; the
    /// sweep does the rest.
    Request(NonZeroU32),
    /// All of it, what failed before too, and what the time alone has changed.
    Sweep,
}

/// What was taken up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// How many bids got a new decision, and contracts another standing.
    pub decided: u64,
    /// Something still waits: it failed, or there was too much for one request.
    pub left: bool,
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

/// Takes up what has changed: each bid that hangs on it gets a new decision beside the old ones, if
/// it would be decided otherwise now, and each contract stands as it does now. A sweep also takes
/// up every bid whose time to mend is over, and every contract that the time alone has changed.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails; what fails for one bid alone is logged, and
/// left to the next sweep.
pub async fn settle(db: &Database, now: DateTime<Utc>, extent: Extent) -> Result<Settled> {
    let mut settled = Settled::default();
    if matches!(extent, Extent::Sweep)
        && let Err(fault) = award::service::catch_up(db, now, |_| ()).await
    {
        tracing::error!(?fault, "some organizations are not held against the awards yet");
    }
    let mut left = match extent {
        Extent::Request(most) => Some(u64::from(most.get())),
        Extent::Sweep => None,
    };
    let sweeps = left.is_none();
    let mut after: Option<Note> = None;
    while let Some(note) = reconsideration::next(&db.read, now, after.as_ref(), sweeps).await? {
        let (note, done) = take_up(db, now, note, &mut left, &mut settled).await?;
        if left == Some(0) && !done {
            settled.left = true;
            return Ok(settled);
        }
        after = Some(note);
    }
    if sweeps {
        take_up_time(db, now, &mut settled).await?;
    }
    Ok(settled)
}

/// Takes up what the time alone has changed.
async fn take_up_time(db: &Database, now: DateTime<Utc>, settled: &mut Settled) -> Result<()> {
    let mut last: Option<(DateTime<Utc>, BidId)> = None;
    loop {
        let missed = bidding::service::cure_missed(db, now, last, BATCH).await?;
        let Some(end) = missed.last() else { break };
        last = Some(*end);
        for (_, bid) in missed {
            attempt(db, now, bid, &Revives::none(), settled).await;
        }
    }
    loop {
        let due = store::next_by_standing(&db.read, now, BATCH).await?;
        if due.is_empty() {
            return Ok(());
        }
        // Each stands until a later time afterwards, so that this comes to an end.
        let due = due.into_iter().map(ContractId::uuid).collect();
        settled.decided += stand_anew(db, now, due).await?;
    }
}

/// Goes through what hangs on a change. Whether it came to the end, and the note as it is then.
async fn take_up(
    db: &Database,
    now: DateTime<Utc>,
    mut note: Note,
    left: &mut Option<u64>,
    settled: &mut Settled,
) -> Result<(Note, bool)> {
    let mut failed = false;
    // Who an organization is, and what it disclosed, says which federal awards are held to be its
    // own, and which of them are told: what is decided next looks at that.
    if note.changed == Changed::Organization && note.done_to.is_none() {
        let organization = vec![OrganizationId::from_uuid(note.subject_id)];
        let matched = award::service::match_organizations(db, now, organization, false).await;
        if let Err(fault) = matched {
            tracing::error!(?fault, "an organization could not be held against the awards");
            failed = true;
        }
    }
    // What failed is begun again: the others are as they would be decided.
    let mut done_to = if note.failed_at.is_some() { None } else { note.done_to };
    loop {
        let size = left.map_or(BATCH, |left| left.min(BATCH));
        if size == 0 {
            let failed_at = failed.then_some(now).or(note.failed_at);
            let note = reconsideration::keep(db, Note { done_to, failed_at, ..note }).await?;
            return Ok((note, false));
        }
        let hanging = hanging(db, &note, done_to, size).await?;
        let Some(end) = hanging.last() else { break };
        done_to = Some(end.uuid());
        let mut contracts = Vec::new();
        for thing in &hanging {
            match thing {
                Hanging::Bid(bid) => {
                    failed |= !attempt(db, now, *bid, &note.revives, settled).await;
                }
                Hanging::Contract(contract) => contracts.push(contract.uuid()),
            }
        }
        if !contracts.is_empty() {
            match stand_anew(db, now, contracts).await {
                Ok(changed) => settled.decided += changed,
                Err(fault) => {
                    tracing::error!(?fault, "how some contracts stand could not be told");
                    failed = true;
                }
            }
        }
        if let Some(left) = left {
            *left = left.saturating_sub(u64::try_from(hanging.len()).unwrap_or(u64::MAX));
        }
    }
    if failed {
        settled.left = true;
        note = reconsideration::keep(db, Note { failed_at: Some(now), ..note }).await?;
    } else {
        reconsideration::done(db, &note).await?;
    }
    Ok((note, true))
}

/// The next bids and contracts that hang on a change, in the order of their identifiers.
async fn hanging(
    db: &Database,
    note: &Note,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Hanging>> {
    let bids = bidding::service::hanging(db, note, after, most).await?;
    let contracts = match note.changed {
        Changed::Organization => {
            let organization = OrganizationId::from_uuid(note.subject_id);
            let borne = organization::service::identifiers(&db.read, organization).await?;
            let ventures = organization::service::ventures_of(&db.read, organization).await?;
            Some(store::naming(&db.read, organization, &borne, ventures))
        }
        Changed::Policy => Some(store::every()),
        Changed::Contract => Some(store::one(ContractId::from_uuid(note.subject_id))),
        Changed::Solicitation => None,
    };
    let contracts = match contracts {
        Some(select) => store::next_to_stand(&db.read, select, after, most).await?,
        None => Vec::new(),
    };
    let bids = bids.into_iter().map(Hanging::Bid);
    let mut hanging: Vec<_> = bids.chain(contracts.into_iter().map(Hanging::Contract)).collect();
    hanging.sort_unstable_by_key(|thing| thing.uuid());
    hanging.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(hanging)
}

/// Decides one bid anew. Whether that worked: what fails is logged, and does not keep the others
/// from being decided.
async fn attempt(
    db: &Database,
    now: DateTime<Utc>,
    id: BidId,
    revives: &Revives,
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

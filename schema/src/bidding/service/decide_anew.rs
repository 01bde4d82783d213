//! Deciding bids anew when something that they rest on has changed.
//!
//! A change leaves a note in its own transaction; the notes are taken up after its commit, one
//! transaction a bid. A bid that would be decided the same from the same stays as it is, so that
//! taking a note up twice, or again after a crash, does nothing twice.
use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::submit_bid::subject;
use super::{BidRow, SolicitationRow, store};
use crate::bidding::model::{BidId, BidStatus, SolicitationId, SolicitationStatus};
use crate::bidding::rules::Read;
use crate::database::Database;
use crate::decision::service::{SERVICE, consider, is_unchanged, keep, last, lock_concerned};
use crate::fault::{Fault, Result};
use crate::gate::{Outcome, Severity};
use crate::ledger::model::Actor;
use crate::ledger::service::append;
use crate::money::Money;
use crate::organization;
use crate::organization::model::Party;
use crate::policy;
use crate::reconsideration::model::{Changed, Revives};
use crate::reconsideration::service::{self as reconsideration, Note};

/// How many bids are read at a time.
const BATCH: u64 = 100;

/// How much of what waits is taken up.
#[derive(Clone, Copy, Debug)]
pub enum Extent {
    /// What a request set off, before it is answered: so many bids at the most; the sweep does the
    /// rest.
    Request(NonZeroU32),
    /// All of it, what failed before too.
    Sweep,
}

/// What was taken up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// How many bids got a new decision.
    pub decided: u64,
    /// Something still waits: it failed, or there was too much for one request.
    pub left: bool,
}

/// Takes up what has changed, and every bid whose time to mend it is over: each bid that hangs on
/// it gets a new decision beside the old ones, if it would be decided otherwise now.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails; what fails for one bid alone is logged, and
/// left to the next sweep.
pub async fn settle(db: &Database, now: DateTime<Utc>, extent: Extent) -> Result<Settled> {
    let mut settled = Settled::default();
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
        let mut last: Option<(DateTime<Utc>, BidId)> = None;
        loop {
            let missed = store::cure_missed(&db.read, now, last, BATCH).await?;
            let Some(end) = missed.last() else { break };
            last = end.cure_by.map(|by| (by, end.id));
            for bid in missed {
                attempt(db, now, bid.id, &Revives::none(), &mut settled).await;
            }
        }
    }
    Ok(settled)
}

/// Goes through the bids that hang on a change. Whether it came to the end, and the note as it is
/// then.
async fn take_up(
    db: &Database,
    now: DateTime<Utc>,
    mut note: Note,
    left: &mut Option<u64>,
    settled: &mut Settled,
) -> Result<(Note, bool)> {
    let mut failed = false;
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
        for bid in &hanging {
            failed |= !attempt(db, now, *bid, &note.revives, settled).await;
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

/// The next bids that hang on a change, in the order of their identifiers.
async fn hanging(db: &Database, note: &Note, after: Option<Uuid>, most: u64) -> Result<Vec<BidId>> {
    let refused_too = !note.revives.0.is_empty();
    let select = match note.changed {
        Changed::Organization => {
            let organization = organization::model::OrganizationId::from_uuid(note.subject_id);
            let borne = organization::service::identifiers(&db.read, organization).await?;
            let ventures = organization::service::ventures_of(&db.read, organization).await?;
            store::naming(&db.read, organization, &borne, ventures)
        }
        Changed::Policy => match policy::service::find(db, note.subject_id).await? {
            Some(enacted) => store::under_policy(enacted.row.version),
            None => return Ok(Vec::new()),
        },
        Changed::Solicitation => store::on(SolicitationId::from_uuid(note.subject_id)),
    };
    Ok(store::next_to_decide(&db.read, select, refused_too, after, most).await?)
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
        match Box::pin(decide(db, now, id, revives)).await {
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

/// Decides a bid anew in a transaction of its own; whether there is a new decision.
async fn decide(db: &Database, now: DateTime<Utc>, id: BidId, revives: &Revives) -> Result<bool> {
    let Some(seen) = store::bid(&db.read, id).await? else { return Ok(false) };
    let named = store::named_by(&db.read, id).await?;
    let parties: Vec<Party> = named.iter().map(|(party, _)| party.clone()).collect();
    let tx = db.begin().await?;
    lock_concerned(&tx, seen.organization_id, &parties).await?;
    let solicitation = store::lock(&tx, seen.solicitation_id).await?.ok_or(Fault::NotFound)?;
    let Some(row) = store::lock_bid(&tx, id).await? else { return Ok(false) };
    let Some(version) = solicitation.policy_version else { return Ok(false) };
    if solicitation.status != SolicitationStatus::Published {
        return Ok(false);
    }
    policy::service::hold(&tx, version).await?;
    let before = last(&*tx, id.uuid()).await?.ok_or(Fault::NotFound)?;
    let is_refused = row.status == BidStatus::Refused;
    if is_refused {
        let blocking = before.decision.findings.iter();
        let mut blocking = blocking.filter(|finding| finding.severity == Severity::Block);
        let lifted = policy::service::in_effect(&*tx, version).await?;
        let could = blocking.all(|finding| {
            // What another order lifted before refuses nothing any more either.
            let code = finding.code;
            revives.0.contains(&code) || lifted.iter().any(|order| order.lifts(code))
        });
        if !could || !may_return(&tx, &row, &solicitation, now).await? {
            return Ok(false);
        }
    } else if !row.status.is_live() {
        return Ok(false);
    }
    let amount = Money { cents: row.amount_cents, currency: row.currency.clone() };
    let read = Read { amount, subcontractors: named };
    let subject = subject(&*tx, id, row.organization_id, &read, &solicitation).await?;
    let considered = consider(&*tx, subject, now).await?;
    let still_refused = is_refused && considered.decision.outcome == Outcome::Block;
    if still_refused || is_unchanged(&before, &considered) {
        return Ok(false);
    }
    let disclosure_id = considered.disclosure;
    let actor = Actor { subject: SERVICE, at: now };
    let kept = keep(&tx, actor, considered).await?;
    let status = row.status.decided(kept.row.outcome);
    let status = status.map_err(|_| Fault::conflict("it does not count any more"))?;
    let row = BidRow {
        status,
        disclosure_id,
        decision_id: kept.row.id,
        decision_outcome: kept.row.outcome,
        cure_by: kept.decision.cure_by().filter(|_| status == BidStatus::Held),
        decided_at: now,
        ..row
    };
    let row = store::update_bid(&tx, row).await?;
    let data = json!({
        "status": row.status,
        "disclosure": row.disclosure_id,
        "decision": row.decision_id,
        "before": before.row.id,
    });
    append(&tx, actor, row.id, "bid.decided_anew", &data).await?;
    tx.commit().await?;
    Ok(true)
}

/// Whether a refused attempt may become a bid: only once bids are due (before, the firm submits
/// again itself), and only the firm's last attempt, if it has no bid that counts.
async fn may_return(
    tx: &crate::database::Tx,
    row: &BidRow,
    solicitation: &SolicitationRow,
    now: DateTime<Utc>,
) -> Result<bool> {
    if now <= solicitation.due_at {
        return Ok(false);
    }
    let newest = store::last_attempt(tx, row.organization_id, row.solicitation_id).await?;
    if newest.is_none_or(|newest| newest.id != row.id) {
        return Ok(false);
    }
    Ok(store::live_of(tx, row.organization_id, row.solicitation_id).await?.is_none())
}

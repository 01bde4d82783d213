//! Deciding bids anew when something that they rest on has changed.
//!
//! A bid that would be decided the same from the same stays as it is, so that looking at it twice,
//! or again after a crash, does nothing twice.
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::submit_bid::subject;
use super::{BidRow, SolicitationRow, store};
use crate::bidding::model::{BidId, BidStatus, SolicitationId, SolicitationStatus};
use crate::database::Database;
use crate::deadline::{has_settled, settles_at};
use crate::decision::model::Named;
use crate::decision::service::{SERVICE, consider, is_unchanged, keep, last};
use crate::decision::service::{lock_parties, resolve_parties};
use crate::fault::{Fault, Result};
use crate::gate::{Outcome, Severity};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::money::Money;
use crate::organization;
use crate::organization::model::OrganizationId;
use crate::policy;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::{Note, enqueue};

/// The next bids that hang on a change, in the order of their identifiers.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn hanging(
    db: &Database,
    note: &Note,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<BidId>> {
    let refused_too = !note.lifted_rules.0.is_empty();
    let select = match note.source {
        ChangeSource::Organization => {
            let organization = OrganizationId::from_uuid(note.subject_id);
            let borne = organization::service::identifiers(&db.read, organization).await?;
            store::naming(organization, &borne)
        }
        ChangeSource::Policy => match policy::service::find(db, note.subject_id).await? {
            Some(enacted) => store::under_policy(enacted.row.version),
            None => return Ok(Vec::new()),
        },
        ChangeSource::Solicitation => store::on(SolicitationId::from_uuid(note.subject_id)),
        ChangeSource::Contract => return Ok(Vec::new()),
    };
    Ok(store::next_to_decide(&db.read, select, refused_too, after, most).await?)
}

/// The held bids whose time to mend is over, the next after one that was seen, in its order.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn cure_missed(
    db: &Database,
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, BidId)>,
    most: u64,
) -> Result<Vec<(DateTime<Utc>, BidId)>> {
    let rows = store::cure_missed(&db.read, now, after, most).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.cure_by?, row.id))).collect())
}

/// Decides a bid anew in a transaction of its own; whether there is a new decision.
///
/// # Errors
/// `Conflict` if it changed meanwhile, `Unavailable` or `Internal` if the database fails.
pub async fn decide_anew(
    db: &Database,
    now: DateTime<Utc>,
    id: BidId,
    revives: &LiftedRules,
) -> Result<bool> {
    let Some(seen) = store::bid(&db.read, id).await? else { return Ok(false) };
    let kept = store::named_by(&db.read, id).await?;
    let tx = db.begin().await?;
    lock_parties(&tx, seen.organization_id, Named::Kept(&kept), now).await?;
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
            revives.0.contains(&code) || lifted.iter().any(|order| order.suspends(code))
        });
        if !could || !may_return(&tx, &row, &solicitation, now).await? {
            return Ok(false);
        }
        if !has_settled(solicitation.due_at, now) {
            // A bid of the firm's that was received in time may be committed at this moment, and
            // comes before its refused attempt.
            let solicitation_id = (ChangeSource::Solicitation, solicitation.id.uuid());
            let settled = settles_at(solicitation.due_at);
            enqueue(&tx, solicitation_id, revives.clone(), settled).await?;
            tx.commit().await?;
            return Ok(false);
        }
    } else if !row.status.is_live() {
        return Ok(false);
    }
    if row.cure_by.is_some_and(|by| by <= now && !has_settled(by, now)) {
        // A filing that was received in time may be committed at this moment: the bid is decided
        // again once that is over.
        return Ok(false);
    }
    // Read again under the lock on the bid: somebody else may have resolved a party meanwhile.
    let kept = store::named_by(&*tx, id).await?;
    let parties = resolve_parties(&*tx, row.organization_id, Named::Kept(&kept), now).await?;
    let resolved = parties.resolved_since(&kept);
    let amount = Money { cents: row.amount_cents, currency: row.currency.clone() };
    let subject = subject(&*tx, id, row.organization_id, (amount, parties), &solicitation).await?;
    let considered = consider(&*tx, subject, now).await?;
    let still_refused = is_refused && considered.decision.outcome == Outcome::Block;
    let actor = Actor { subject: SERVICE.name(), at: now };
    if !resolved.is_empty() {
        // Kept whatever is decided: who claims the identifier later changes nothing of it.
        store::keep_resolutions(&tx, id, &resolved).await?;
        let data = resolved.ledger_data();
        append(&tx, actor, id, LedgerAction::BidPartiesResolved, &data).await?;
    }
    if still_refused || is_unchanged(&before, &considered) {
        if !resolved.is_empty() {
            tx.commit().await?;
        }
        return Ok(false);
    }
    let disclosure_id = considered.disclosure;
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
    append(&tx, actor, row.id, LedgerAction::BidDecidedAnew, &data).await?;
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

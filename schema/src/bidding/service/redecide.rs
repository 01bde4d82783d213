//! Decides bids again when something that they depend on has changed.
//!
//! A bid whose facts and decision would not change stays as it is, so that re-evaluating it twice, or
//! again after a crash, has no further effect.
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::submit_bid::bid_subject;
use super::{BidRow, SolicitationRow, store};
use crate::bidding::model::{BidId, BidStatus, SolicitationId, SolicitationStatus};
use crate::database::Database;
use crate::deadline::{has_settled, settles_at};
use crate::decision::model::PartySource;
use crate::decision::service::{SERVICE_ACTOR, evaluate, find_last, is_unchanged, save};
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
use crate::reevaluation::service::{PendingReevaluation, enqueue};

/// Lists the next bids that depend on a change, after the identifier `after`, in the order of their
/// identifiers; `limit` at most.
///
/// # Errors
/// Database faults only.
pub async fn list_dependent_bids(
    db: &Database,
    item: &PendingReevaluation,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<BidId>> {
    let includes_refused = !item.lifted_rules.0.is_empty();
    let select = match item.source {
        ChangeSource::Organization => {
            let organization = OrganizationId::from_uuid(item.subject_id);
            let identifiers =
                organization::service::list_identifiers(&db.read, organization).await?;
            store::select_naming(organization, &identifiers)
        }
        ChangeSource::Policy => match policy::service::find_policy(db, item.subject_id).await? {
            Some(policy) => store::select_under_policy(policy.row.version),
            None => return Ok(Vec::new()),
        },
        ChangeSource::Solicitation => {
            store::select_on_solicitation(SolicitationId::from_uuid(item.subject_id))
        }
        ChangeSource::Contract => return Ok(Vec::new()),
    };
    Ok(store::list_next_bid_ids(&db.read, select, includes_refused, after, limit).await?)
}

/// Lists the held bids whose deadline to cure has passed, after `after`, the earliest deadline first;
/// `limit` at most.
///
/// # Errors
/// Database faults only.
pub async fn list_missed_cures(
    db: &Database,
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, BidId)>,
    limit: u64,
) -> Result<Vec<(DateTime<Utc>, BidId)>> {
    let rows = store::list_missed_cures(&db.read, now, after, limit).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.cure_by?, row.id))).collect())
}

/// Decides a bid again in its own transaction. Returns whether a new decision was stored.
///
/// # Errors
/// `Conflict` if the bid changed in the meantime; otherwise database faults only.
pub async fn redecide(
    db: &Database,
    now: DateTime<Utc>,
    id: BidId,
    lifted_rules: &LiftedRules,
) -> Result<bool> {
    let Some(unlocked) = store::load_bid(&db.read, id).await? else { return Ok(false) };
    let stored_parties = store::load_parties(&db.read, id).await?;
    let tx = db.begin().await?;
    lock_parties(&tx, unlocked.organization_id, PartySource::Stored(&stored_parties), now).await?;
    let solicitation = store::lock(&tx, unlocked.solicitation_id).await?.ok_or(Fault::NotFound)?;
    let Some(row) = store::lock_bid(&tx, id).await? else { return Ok(false) };
    let Some(version) = solicitation.policy_version else { return Ok(false) };
    if solicitation.status != SolicitationStatus::Published {
        return Ok(false);
    }
    policy::service::lock_version(&tx, version).await?;
    let before = find_last(&*tx, id.uuid()).await?.ok_or(Fault::NotFound)?;
    let is_refused = row.status == BidStatus::Refused;
    if is_refused {
        let blocking = before.decision.findings.iter();
        let mut blocking = blocking.filter(|finding| finding.severity == Severity::Block);
        let suspensions = policy::service::list_suspensions_in_effect(&*tx, version).await?;
        let is_lifted = blocking.all(|finding| {
            // An earlier suspension may have lifted some of the rules.
            let code = finding.code();
            lifted_rules.0.contains(&code) || suspensions.iter().any(|order| order.suspends(code))
        });
        if !is_lifted || !may_become_bid(&tx, &row, &solicitation, now).await? {
            return Ok(false);
        }
        if !has_settled(solicitation.due_at, now) {
            // A later bid of the firm that was received in time may not be committed yet. It takes
            // precedence over the refused one.
            let subject = (ChangeSource::Solicitation, solicitation.id.uuid());
            let not_before = settles_at(solicitation.due_at);
            enqueue(&tx, subject, lifted_rules.clone(), not_before).await?;
            tx.commit().await?;
            return Ok(false);
        }
    } else if !row.status.is_live() {
        return Ok(false);
    }
    if row.cure_by.is_some_and(|cure_by| cure_by <= now && !has_settled(cure_by, now)) {
        // A filing that was received in time may not be committed yet. The bid is decided again
        // after the grace period.
        return Ok(false);
    }
    // Read again under the lock: another transaction may have resolved a party in the meantime.
    let stored_parties = store::load_parties(&*tx, id).await?;
    let parties =
        resolve_parties(&*tx, row.organization_id, PartySource::Stored(&stored_parties), now)
            .await?;
    let resolved = parties.newly_resolved_since(&stored_parties);
    let amount = Money { cents: row.amount_cents, currency: row.currency.clone() };
    let subject =
        bid_subject(&*tx, id, row.organization_id, (amount, parties), &solicitation).await?;
    let evaluation = evaluate(&*tx, subject, now).await?;
    let still_refused = is_refused && evaluation.decision.outcome == Outcome::Block;
    let actor = Actor { subject: SERVICE_ACTOR.name(), at: now };
    if !resolved.is_empty() {
        // Stored even if the decision is unchanged: a later claim of the identifier must not change
        // the resolution.
        store::save_resolutions(&tx, id, &resolved).await?;
        let data = resolved.ledger_data();
        append(&tx, actor, id, LedgerAction::BidPartiesResolved, &data).await?;
    }
    if still_refused || is_unchanged(&before, &evaluation) {
        if !resolved.is_empty() {
            tx.commit().await?;
        }
        return Ok(false);
    }
    let disclosure_id = evaluation.disclosure;
    let stored_decision = save(&tx, actor, evaluation).await?;
    let status = row.status.redecide(stored_decision.row.outcome);
    let status = status.map_err(|_| Fault::conflict("the bid is no longer open"))?;
    let row = BidRow {
        status,
        disclosure_id,
        decision_id: stored_decision.row.id,
        decision_outcome: stored_decision.row.outcome,
        cure_by: stored_decision.decision.cure_by().filter(|_| status == BidStatus::Held),
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
    append(&tx, actor, row.id, LedgerAction::BidRedecided, &data).await?;
    tx.commit().await?;
    Ok(true)
}

/// Returns whether a refused bid may be decided again: only after bids are due, because before that
/// the firm can submit again; and only the firm's latest bid, if no other of its bids is live.
async fn may_become_bid(
    tx: &crate::database::Tx,
    row: &BidRow,
    solicitation: &SolicitationRow,
    now: DateTime<Utc>,
) -> Result<bool> {
    if now <= solicitation.due_at {
        return Ok(false);
    }
    let latest = store::find_last_attempt(tx, row.organization_id, row.solicitation_id).await?;
    if latest.is_none_or(|latest| latest.id != row.id) {
        return Ok(false);
    }
    Ok(store::find_live_bid(tx, row.organization_id, row.solicitation_id).await?.is_none())
}

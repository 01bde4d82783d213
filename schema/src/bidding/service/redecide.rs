//! Decides bids again when something that they depend on has changed.
//!
//! A bid whose facts and decision would not change stays as it is, so that re-evaluating it twice, or
//! again after a crash, has no further effect.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::attempts::Attempts;
use super::store;
use super::submit_bid::{BidSubject, bid_subject};
use crate::bidding::model::{
    BidDecision, BidId, BidRecord, BidStatus, SolicitationId, SolicitationState,
};
use crate::database::Database;
use crate::deadline::{has_settled, settles_at};
use crate::decision::model::{PartyOwner, PartySource};
use crate::decision::service::{
    Evaluation, SERVICE_ACTOR, StoredDecision, evaluate, find_last, is_unchanged, save,
};
use crate::decision::service::{
    load_parties, lock_parties, resolve_parties, save_resolutions, select_subjects_naming,
};
use crate::fault::{Fault, Result};
use crate::gate::{Decision, Finding, Outcome, RuleCode, Severity, applicable_filing, is_lifted};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::{Identifier, OrganizationId};
use crate::policy;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::{PendingReevaluation, enqueue_once};

/// What a queued item is about, with what is needed to find the bids and contracts that depend on it.
#[derive(Clone, Debug)]
pub enum LoadedChange {
    /// The organizations of a group, and the identifiers to which it has an undisputed claim.
    Organization {
        group: Vec<OrganizationId>,
        identifiers: Vec<Identifier>,
    },
    /// A policy, by its identifier.
    Policy(Uuid),
    Solicitation(SolicitationId),
    /// A contract, by its identifier.
    Contract(Uuid),
}

impl LoadedChange {
    /// Loads what the change of a queued item is about.
    pub async fn load(db: &impl ConnectionTrait, item: &PendingReevaluation) -> Result<Self> {
        Ok(match item.source {
            ChangeSource::Organization => {
                let organization = OrganizationId::from_uuid(item.subject_id);
                let groups = organization::service::load_group(db, organization).await?;
                let survivor = groups.survivor_of(organization);
                let identifiers = organization::service::list_identifiers(db, survivor).await?;
                Self::Organization { group: groups.ids_of(organization), identifiers }
            }
            ChangeSource::Policy => Self::Policy(item.subject_id),
            ChangeSource::Solicitation => {
                Self::Solicitation(SolicitationId::from_uuid(item.subject_id))
            }
            ChangeSource::Contract => Self::Contract(item.subject_id),
        })
    }
}

/// Lists the next bids that depend on a change, after the identifier `after`, in the order of their
/// identifiers; `limit` at most. Refused ones are among them if the item lifts rules.
pub async fn list_dependent_bids(
    db: &Database,
    item: &PendingReevaluation,
    change: &LoadedChange,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<BidId>> {
    let includes_refused = !item.lifted_rules.0.is_empty();
    let select = match change {
        LoadedChange::Organization { group, identifiers } => {
            let naming = select_subjects_naming(PartyOwner::Bid, group, identifiers);
            store::select_naming(group.clone(), naming)
        }
        LoadedChange::Policy(id) => match policy::service::find_policy(db, *id).await? {
            Some(policy) => store::select_under_policy(policy.row.version),
            None => return Ok(Vec::new()),
        },
        LoadedChange::Solicitation(id) => store::select_on_solicitation(*id),
        LoadedChange::Contract(_) => return Ok(Vec::new()),
    };
    Ok(store::list_next_bid_ids(&db.read, select, includes_refused, after, limit).await?)
}

/// Lists the held bids whose deadline to cure has passed, after `after`, the earliest deadline first;
/// `limit` at most.
pub async fn list_missed_cures(
    db: &Database,
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, BidId)>,
    limit: u64,
) -> Result<Vec<(DateTime<Utc>, BidId)>> {
    Ok(store::list_missed_cures(&db.read, now, after, limit).await?)
}

/// A change that may lift what refused bids were refused for.
#[derive(Clone, Copy, Debug)]
pub struct Lifting<'a> {
    pub source: ChangeSource,
    /// The UUID of what changed.
    pub subject_id: Uuid,
    pub rules: &'a LiftedRules,
}

impl<'a> Lifting<'a> {
    /// The change of a queued item.
    #[must_use]
    pub const fn by(item: &'a PendingReevaluation) -> Self {
        Self { source: item.source, subject_id: item.subject_id, rules: &item.lifted_rules }
    }

    /// The rules that the change lifts for a bid of one of the organizations of a group: a rejection of the
    /// bidder's own filing that ended, or that of a member or a subcontractor. Waivers, exemptions and suspensions
    /// lift nothing here: those for this bid are among its facts, and those for another firm are none of its.
    fn rules_for(&self, bidder: &[OrganizationId]) -> LiftedRules {
        if self.source != ChangeSource::Organization {
            return LiftedRules::none();
        }
        let is_own = bidder.contains(&OrganizationId::from_uuid(self.subject_id));
        let is_of_bidder = |code: &RuleCode| *code == RuleCode::DisclosureRejected;
        let rules = self.rules.0.iter().filter(|code| is_of_bidder(code) == is_own);
        LiftedRules(rules.copied().collect())
    }

    /// The same change, to be considered at another time for the refused bids on a solicitation.
    fn postponed(&self, solicitation: SolicitationId, not_before: DateTime<Utc>) -> Change {
        let (source, subject_id) = match self.source {
            ChangeSource::Organization => (self.source, self.subject_id),
            _ => (ChangeSource::Solicitation, solicitation.uuid()),
        };
        Change { source, subject_id, lifted_rules: self.rules.clone(), not_before }
    }
}

/// Decides a bid again in its own transaction. Returns whether a new decision was stored. A refused bid is decided
/// again only for a change that lifts rules.
///
/// # Errors
/// `Conflict` if the bid changed in the meantime; otherwise database faults only.
pub async fn redecide(
    db: &Database,
    now: DateTime<Utc>,
    id: BidId,
    lifting: Option<Lifting<'_>>,
) -> Result<bool> {
    let Some(unlocked) = store::load_bid(&db.read, id).await? else { return Ok(false) };
    let stored_parties = load_parties(&db.read, PartyOwner::Bid, id.uuid()).await?;
    let tx = db.begin().await?;
    lock_parties(&tx, unlocked.organization_id, PartySource::Stored(&stored_parties), now).await?;
    let solicitation = store::lock(&tx, unlocked.solicitation_id).await?.ok_or(Fault::NotFound)?;
    let Some(bid) = store::lock_bid(&tx, id).await? else { return Ok(false) };
    let SolicitationState::Published(publication) = &solicitation.state else { return Ok(false) };
    let version = publication.policy_version;
    policy::service::lock_version(&tx, version).await?;
    let before = find_last(&*tx, id.uuid()).await?.ok_or(Fault::NotFound)?;
    let is_refused = bid.status() == BidStatus::Refused;
    let mut lifted_rules = LiftedRules::none();
    if is_refused {
        // Another rule may block by now, and a change that lifts it may follow one that lifted the rules
        // of the last decision. Whether all are lifted is decided below.
        let Some(lifting) = lifting.filter(|it| !it.rules.0.is_empty()) else { return Ok(false) };
        let attempts = Attempts::load(&*tx, vec![solicitation.id.uuid()]).await?;
        if !attempts.is_last_attempt(&bid) {
            return Ok(false);
        }
        let suspensions = policy::service::list_suspensions_in_effect(&*tx, version).await?;
        let needs_order =
            list_blocking(&before).any(|code| suspensions.iter().any(|order| order.suspends(code)));
        if needs_order && store::is_awarded(&*tx, solicitation.id).await? {
            // An order revives no loser of an award.
            return Ok(false);
        }
        if !has_settled(solicitation.due_at, now) {
            // Until bids are due the firm can submit again, and a bid that was received in time may not be
            // committed yet: it takes precedence over the refused one. What was lifted still counts then.
            let not_before = settles_at(solicitation.due_at);
            // Each of the firm's other refused bids postpones the same change.
            enqueue_once(&tx, lifting.postponed(solicitation.id, not_before)).await?;
            tx.commit().await?;
            return Ok(false);
        }
        let bidder = organization::service::load_group(&*tx, bid.organization_id).await?;
        lifted_rules = lifting.rules_for(&bidder.ids_of(bid.organization_id));
    } else if !bid.status().is_live() {
        return Ok(false);
    }
    if bid.state.cure_by().is_some_and(|cure_by| cure_by <= now && !has_settled(cure_by, now)) {
        // A filing that was received in time may not be committed yet. The bid is decided again
        // after the grace period.
        return Ok(false);
    }
    // Read again under the lock: another transaction may have resolved a party in the meantime.
    let stored_parties = load_parties(&*tx, PartyOwner::Bid, id.uuid()).await?;
    let parties =
        resolve_parties(&*tx, bid.organization_id, PartySource::Stored(&stored_parties), now)
            .await?;
    let resolved = parties.newly_resolved_since(&stored_parties);
    let input = BidSubject {
        id,
        organization: bid.organization_id,
        received_at: Some(bid.submitted_at),
        amount: bid.amount.clone(),
        parties,
        solicitation: &solicitation,
        admitted_under: orders_admitting(&before),
    };
    let subject = bid_subject(&*tx, input).await?;
    let evaluation = evaluate(&*tx, subject, now).await?;
    let stays_as_it_is = is_refused
        && if evaluation.decision.outcome == Outcome::Block {
            // The same refusal may say something else: whether the firm may still appeal.
            !blocks_as_before(&before, &evaluation) || !has_other_rejection(&before, &evaluation)
        } else {
            !list_blocking(&before)
                .all(|code| is_block_lifted(code, &lifted_rules, &before, &evaluation))
        };
    let actor = Actor { subject: SERVICE_ACTOR.name(), at: now };
    if !resolved.is_empty() {
        // Stored even if the decision is unchanged: a later claim of the identifier must not change
        // the resolution.
        save_resolutions(&tx, PartyOwner::Bid, id.uuid(), &resolved).await?;
        let data = resolved.ledger_data();
        append(&tx, actor, id, LedgerAction::BidPartiesResolved, &data).await?;
    }
    if stays_as_it_is || is_unchanged(&before, &evaluation) {
        if !resolved.is_empty() {
            tx.commit().await?;
        }
        return Ok(false);
    }
    let (disclosure_id, organization_id) = (evaluation.disclosure, evaluation.row_organization);
    let stored = save(&tx, actor, evaluation).await?;
    let state = bid.state.redecide(stored.row.outcome, stored.decision.cure_by());
    let state = state.map_err(|_| Fault::conflict("the bid is no longer open"))?;
    let decision =
        BidDecision { id: stored.row.id, outcome: stored.row.outcome, disclosure_id, at: now };
    let bid = BidRecord { organization_id, decision, state, ..bid };
    let bid = store::update_bid(&tx, bid).await?;
    let data = json!({
        "status": bid.status(),
        "disclosure": bid.decision.disclosure_id,
        "decision": bid.decision.id,
        "before": before.row.id,
    });
    append(&tx, actor, bid.id, LedgerAction::BidRedecided, &data).await?;
    tx.commit().await?;
    Ok(true)
}

/// The rules that blocked a bid.
pub(super) fn list_blocking(decision: &StoredDecision) -> impl Iterator<Item = RuleCode> {
    let findings = decision.decision.findings.iter();
    findings.filter(|finding| finding.severity == Severity::Block).map(Finding::code)
}

/// Whether every rule that blocked a bid still blocks it.
fn blocks_as_before(before: &StoredDecision, now: &Evaluation) -> bool {
    let blocking: BTreeSet<RuleCode> = now
        .decision
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Block)
        .map(Finding::code)
        .collect();
    list_blocking(before).all(|code| blocking.contains(&code))
}

/// Whether the finding about a rejection says something else, such as that the firm has appealed.
fn has_other_rejection(before: &StoredDecision, now: &Evaluation) -> bool {
    let rejection = |decision: &Decision| {
        let code = RuleCode::DisclosureRejected;
        decision.findings.iter().find(|it| it.code() == code).map(|it| it.detail.clone())
    };
    rejection(&before.decision) != rejection(&now.decision)
}

/// Whether a rule that blocked a bid was lifted: by the change itself, or by a suspension, an exemption or a
/// waiver for this bid, or a granted appeal. What the firm did meanwhile lifts nothing: it would have had to
/// submit again.
pub(super) fn is_block_lifted(
    code: RuleCode,
    lifted_rules: &LiftedRules,
    before: &StoredDecision,
    now: &Evaluation,
) -> bool {
    let filing = |facts| applicable_filing(&now.policy, facts).map(|own| own.filing.id.clone());
    lifted_rules.0.contains(&code)
        || is_lifted(&now.policy, &now.facts, code)
        || (code == RuleCode::DisclosureRejected && filing(&before.facts) == filing(&now.facts))
}

/// The identifiers of the suspensions under which a bid was admitted or held: those in effect at its last
/// decision, and the ended ones that this decision carried on.
pub(super) fn orders_admitting(before: &StoredDecision) -> BTreeSet<String> {
    if before.row.outcome == Outcome::Block {
        return BTreeSet::new();
    }
    let suspensions = before.facts.suspensions.iter().map(|it| it.id.clone());
    let ended = before.facts.reinstatements.iter().map(|it| it.id.clone());
    suspensions.chain(ended).collect()
}

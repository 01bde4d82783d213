//! Refuses a waiver or an exemption that would change nothing at its subject.
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::contract_status::{evaluate_readiness, refresh_contract_status_in_tx};
use super::record::lock_contract;
use super::store;
use crate::bidding::model::BidId;
use crate::bidding::service::{ReliefBasis, evaluate_for_relief};
use crate::contracting::model::{ContractId, RenewalId, RenewalRecord, RenewalState};
use crate::database::Tx;
use crate::decision;
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::facts::ContractFacts;
use crate::gate::{
    ClaimEffect, ExceededTerm, ExemptionKind, Facts, Policy, RuleCode, Severity, SubjectKind,
    assess_claim, is_waiver_effective,
};
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::policy;
use crate::user_message::UserMessage;
use crate::waiver::model::ReliefSubject;

/// A waiver or an exemption that somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReliefKind {
    Exemption(ExemptionKind),
    Waiver(RuleCode),
}

impl ReliefKind {
    /// The field of the input that a refusal names.
    const fn field(self) -> &'static str {
        match self {
            Self::Exemption(_) => "kind",
            Self::Waiver(_) => "rule",
        }
    }

    /// Why it would change nothing at a subject with these facts; none if it would.
    fn find_objection(self, policy: &Policy, facts: &Facts) -> Option<UserMessage> {
        match self {
            Self::Exemption(kind) => match assess_claim(policy, facts, kind) {
                ClaimEffect::Lifts => None,
                ClaimEffect::NothingToLift => Some(UserMessage::ExemptionLiftsNothing),
                ClaimEffect::TermExceeded(ExceededTerm { due_on, lasts_until, ends_on }) => {
                    Some(UserMessage::ExemptionTermTooLong { due_on, lasts_until, ends_on })
                }
            },
            Self::Waiver(rule) if is_waiver_effective(policy, facts, rule) => None,
            Self::Waiver(rule) => Some(lowers_nothing(rule)),
        }
    }
}

fn lowers_nothing(rule: RuleCode) -> UserMessage {
    UserMessage::WaiverLowersNothing { rule: rule.as_str().to_owned() }
}

/// Requires that a waiver or an exemption would change something, and returns its subject: an exemption
/// on a contract whose next action is proposed becomes one on that action.
///
/// # Errors
/// `Invalid` with the reason why it would change nothing.
pub(super) async fn require_effect(
    tx: &Tx,
    viewer: &Viewer,
    target: ReliefSubject,
    relief: ReliefKind,
) -> Result<ReliefSubject> {
    let path = FieldPath::argument("input");
    match target {
        ReliefSubject::Bid { solicitation, organization, .. } => {
            let mut basis = evaluate_for_relief(tx, solicitation, organization, viewer.now).await?;
            if let ReliefBasis::Opened { bid, award } = &mut basis {
                // Only an attempt knows the contract, whose term may be too long for an exemption.
                let bid = BidId::from_uuid(bid.subject.uuid);
                award.facts.contract = find_attempted_contract(tx, organization, bid).await?;
            }
            if matches!(basis, ReliefBasis::Sealed(_)) && !viewer.can_read_all() {
                // An objection would tell a department about the reviews and matches of any firm.
                return Ok(target);
            }
            match find_bid_objection(&basis, relief) {
                None => Ok(target),
                Some(
                    objection @ (UserMessage::ReliefSolicitationCanceled
                    | UserMessage::ReliefBidAwarded),
                ) => Err(Fault::invalid(&path.at("solicitationId"), objection)),
                Some(objection @ UserMessage::ReliefWithoutBid) => {
                    Err(Fault::invalid(&path.at("organizationId"), objection))
                }
                Some(objection) => Err(Fault::invalid(&path.at(relief.field()), objection)),
            }
        }
        // Nobody knows yet who gets a contract that is not awarded.
        ReliefSubject::Contract { contract: None, .. } => Ok(target),
        ReliefSubject::Contract { department, number, contract: Some(contract), renewal } => {
            let renewal = require_contract_effect(tx, viewer, contract, renewal, relief).await?;
            Ok(ReliefSubject::Contract { department, number, contract: Some(contract), renewal })
        }
    }
}

/// The contract of the last award to a bid that the gate did not admit; none if none was tried.
async fn find_attempted_contract(
    tx: &Tx,
    bidder: OrganizationId,
    bid: BidId,
) -> Result<Option<ContractFacts>> {
    let group = organization::service::load_group(&**tx, bidder).await?;
    let Some(attempt) = store::find_last_attempt(tx, bid, &group.ids_of(bidder)).await? else {
        return Ok(None);
    };
    let last = decision::service::find_last(&**tx, attempt.id.uuid()).await?;
    Ok(last.and_then(|it| it.facts.contract))
}

fn find_bid_objection(basis: &ReliefBasis, relief: ReliefKind) -> Option<UserMessage> {
    match basis {
        ReliefBasis::Draft => None,
        ReliefBasis::Canceled => Some(UserMessage::ReliefSolicitationCanceled),
        ReliefBasis::Awarded => Some(UserMessage::ReliefBidAwarded),
        ReliefBasis::WithoutBid => Some(UserMessage::ReliefWithoutBid),
        ReliefBasis::Sealed(firm) => {
            let depends_on_bid = match relief {
                ReliefKind::Waiver(rule) => {
                    let named =
                        [RuleCode::SubcontractorMissingDisclosure, RuleCode::PartyUnidentified];
                    named.contains(&rule) || is_found_at_award_only(&firm.policy, rule)
                }
                ReliefKind::Exemption(_) => false,
            };
            if depends_on_bid { None } else { relief.find_objection(&firm.policy, &firm.facts) }
        }
        ReliefBasis::Opened { bid, award } => {
            if let ReliefKind::Waiver(rule) = relief
                && is_found_at_award_only(&bid.policy, rule)
            {
                return None;
            }
            relief.find_objection(&bid.policy, &bid.facts)?;
            relief.find_objection(&award.policy, &award.facts)
        }
    }
}

/// Whether a rule finds nothing at a bid and may at the award from it, such as a missing clause.
fn is_found_at_award_only(policy: &Policy, rule: RuleCode) -> bool {
    let is_found = |kind| policy.severity(rule, kind).is_some_and(|it| it > Severity::Note);
    !is_found(SubjectKind::BidSubmission) && is_found(SubjectKind::ContractAward)
}

/// Requires that the policy in force gates an action that does not carry the contract on, such as an
/// amendment. Its decision is not foreseen, so its findings are not compared.
async fn require_gated(tx: &Tx, action: &RenewalRecord, now: DateTime<Utc>) -> Result<()> {
    let policy = policy::service::load_timeline(&**tx).await?.in_force_at(now);
    let gates = |it: &Policy| it.parameters().gated_actions.value.contains(&action.action);
    if policy.as_deref().is_some_and(gates) {
        return Ok(());
    }
    let path = FieldPath::argument("input").at("renewalId");
    Err(Fault::invalid(&path, UserMessage::ReliefActionUngated))
}

/// Requires an effect on a contract or one of its actions, and returns the action that it is limited to.
async fn require_contract_effect(
    tx: &Tx,
    viewer: &Viewer,
    contract: Uuid,
    renewal: Option<Uuid>,
    relief: ReliefKind,
) -> Result<Option<Uuid>> {
    let path = FieldPath::argument("input");
    refresh_contract_status_in_tx(tx, viewer.now, vec![contract]).await?;
    let row = lock_contract(tx, ContractId::from_uuid(contract)).await?;
    if let Some(id) = renewal {
        let named = store::lock_renewal(tx, RenewalId::from_uuid(id)).await?;
        match named {
            Some(named) if named.state == RenewalState::Proposed => {
                if !named.action.carries_on() {
                    return require_gated(tx, &named, viewer.now).await.map(|()| Some(id));
                }
            }
            _ => return Err(Fault::invalid(&path.at("renewalId"), UserMessage::ReliefActionOver)),
        }
    }
    let open = store::list_open_proposals(&**tx, vec![contract]).await?.remove(&row.id);
    let today = policy::service::load_timeline(&**tx).await?.local_date(viewer.now);
    if open.is_none() && row.end_date < today {
        let objection = UserMessage::ReliefContractEnded { ended_on: row.end_date };
        return Err(Fault::invalid(&path.at("contractId"), objection));
    }
    let lapsed = row.noncompliance_code.as_deref().and_then(|code| code.parse::<RuleCode>().ok());
    // An exemption is for one action; a waiver without one is for every decision on the contract.
    let action = match relief {
        ReliefKind::Exemption(_) => {
            let next = open.filter(|it| it.action.carries_on());
            renewal.or(next.map(|it| it.id.uuid()))
        }
        ReliefKind::Waiver(_) => renewal,
    };
    let readiness = evaluate_readiness(&**tx, std::slice::from_ref(&row), viewer.now).await?.pop();
    let readiness = readiness.ok_or(Fault::NotFound)?;
    match (action, relief) {
        (None, ReliefKind::Exemption(kind)) => {
            // It puts off the duty of the contract, if that is what the contract lacks.
            let today = readiness.today.evaluation.filter(|_| lapsed.is_some());
            let effect = today.map(|it| assess_claim(&it.policy, &it.facts, kind));
            if effect.is_some_and(|effect| effect != ClaimEffect::NothingToLift) {
                return Ok(None);
            }
            let objection = UserMessage::ExemptionNeedsAction;
            return Err(Fault::invalid(&path.at("contractId"), objection));
        }
        (None, ReliefKind::Waiver(rule)) if lapsed == Some(rule) => return Ok(None),
        _ => {}
    }
    // A rule may find nothing today and something on the day on which the action begins.
    let outlooks = [readiness.today, readiness.at_end].into_iter();
    let evaluations: Vec<_> =
        outlooks.filter(|it| it.is_gated).filter_map(|it| it.evaluation).collect();
    let mut objections = evaluations.iter().map(|it| relief.find_objection(&it.policy, &it.facts));
    match objections.next() {
        None => {
            let name = if renewal.is_some() { "renewalId" } else { "contractId" };
            Err(Fault::invalid(&path.at(name), UserMessage::ReliefActionUngated))
        }
        Some(Some(objection)) if objections.all(|it| it.is_some()) => {
            Err(Fault::invalid(&path.at(relief.field()), objection))
        }
        Some(_) => Ok(action),
    }
}

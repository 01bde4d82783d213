//! Evaluates what a waiver or an exemption on a solicitation could change.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::store;
use super::submit_bid::{BidSubject, bid_subject};
use crate::bidding::model::{BidId, BidStatus, SolicitationId, SolicitationState};
use crate::database::Tx;
use crate::deadline::has_settled;
use crate::decision::model::{EvaluationRequest, PartyOwner, PartySource};
use crate::decision::service::{Evaluation, evaluate_all, load_parties, resolve_parties};
use crate::fault::{Fault, Result};
use crate::gate::SubjectKind;
use crate::organization;
use crate::organization::model::OrganizationId;

/// What a waiver or an exemption for an organization on a solicitation could change.
#[derive(Clone, Debug)]
pub enum ReliefBasis {
    /// The solicitation is not published yet, so that nothing is decided under it.
    Draft,
    /// The solicitation was canceled.
    Canceled,
    /// The contract was awarded to the organization's bid.
    Awarded,
    /// Bids are due already, and the organization has none.
    WithoutBid,
    /// Bids are not due yet: the firm as if it bid alone now. It says nothing of a sealed bid.
    Sealed(Box<Evaluation>),
    /// The organization's bid, and an award from it today.
    Opened { bid: Box<Evaluation>, award: Box<Evaluation> },
}

/// Evaluates an organization on a solicitation, as a basis for a waiver or an exemption. Before bids are
/// due it does not read the bid.
///
/// # Errors
/// `NotFound` without the solicitation or the organization.
pub async fn evaluate_for_relief(
    tx: &Tx,
    solicitation: Uuid,
    organization: OrganizationId,
    now: DateTime<Utc>,
) -> Result<ReliefBasis> {
    let id = SolicitationId::from_uuid(solicitation);
    let solicitation = store::list_by_ids(&**tx, vec![solicitation]).await?.pop();
    let solicitation = solicitation.ok_or(Fault::NotFound)?;
    match &solicitation.state {
        SolicitationState::Draft => return Ok(ReliefBasis::Draft),
        SolicitationState::Canceled { .. } => return Ok(ReliefBasis::Canceled),
        SolicitationState::Published(_) => {}
    }
    let is_open = has_settled(solicitation.due_at, now);
    let group = organization::service::load_group(&**tx, organization).await?;
    let group = group.ids_of(organization);
    let attempt = if is_open { store::find_last_attempt(&**tx, &group, id).await? } else { None };
    // Another bid may still be admitted and awarded after one was.
    if attempt.as_ref().is_some_and(|bid| bid.status() == BidStatus::Awarded) {
        return Ok(ReliefBasis::Awarded);
    }
    let attempt =
        attempt.filter(|bid| bid.status().is_live() || bid.status() == BidStatus::Refused);
    let parties = match &attempt {
        None if is_open => return Ok(ReliefBasis::WithoutBid),
        None => resolve_parties(&**tx, organization, PartySource::Submitted(&[]), now).await?,
        Some(bid) => {
            let stored = load_parties(&**tx, PartyOwner::Bid, bid.id.uuid()).await?;
            resolve_parties(&**tx, organization, PartySource::Stored(&stored), now).await?
        }
    };
    let input = BidSubject {
        id: attempt.as_ref().map_or_else(BidId::generate, |bid| bid.id),
        organization: attempt.as_ref().map_or(organization, |bid| bid.organization_id),
        received_at: attempt.as_ref().map(|bid| bid.submitted_at),
        amount: attempt.and_then(|bid| bid.amount),
        parties,
        solicitation: &solicitation,
        admitted_under: BTreeSet::new(),
    };
    let bid = bid_subject(&**tx, input).await?;
    let award =
        EvaluationRequest { kind: SubjectKind::ContractAward, reference_at: now, ..bid.clone() };
    let requests = if is_open { vec![(bid, now), (award, now)] } else { vec![(bid, now)] };
    let mut evaluations = evaluate_all(&**tx, requests).await?.into_iter().map(Box::new);
    match (evaluations.next(), evaluations.next()) {
        (Some(bid), Some(award)) => Ok(ReliefBasis::Opened { bid, award }),
        (Some(bid), None) => Ok(ReliefBasis::Sealed(bid)),
        _ => Err(Fault::NotFound),
    }
}

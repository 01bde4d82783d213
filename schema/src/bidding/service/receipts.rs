//! The receipts of bids.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use super::{require_publication, store};
use crate::bidding::model::{BidId, BidRecord, SolicitationId, SolicitationRecord};
use crate::canonical::canonical;
use crate::decision::model::{PartyOwner, Subcontractor};
use crate::decision::service::{list_submitted_subcontractors, load_first_facts};
use crate::fault::{Fault, Result};
use crate::gate::receipt::{BidReceipt, render_bid_receipt};
use crate::ledger::model::format_time;
use crate::money::Money;
use crate::organization::model::{Identifier, OrganizationId};
use crate::policy;

/// What a firm submitted, as it is hashed for the receipt. Nothing in it changes later.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubmittedBid<'a> {
    id: BidId,
    solicitation: SolicitationId,
    amount: Option<&'a Money>,
    subcontractors: Vec<SubmittedSubcontractor<'a>>,
    received_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubmittedSubcontractor<'a> {
    organization_id: Option<OrganizationId>,
    name: &'a str,
    identifier: Option<&'a Identifier>,
    amount: &'a Money,
}

/// Renders the receipts of bids that the viewer may see. The number of statements does not depend on the
/// number of bids.
pub(super) async fn render_receipts(
    db: &impl ConnectionTrait,
    bids: &[BidRecord],
) -> Result<HashMap<BidId, String>> {
    let ids = |of: fn(&BidRecord) -> Uuid| bids.iter().map(of).collect::<Vec<Uuid>>();
    let solicitations = store::list_by_ids(db, ids(|bid| bid.solicitation_id.uuid())).await?;
    let solicitations: HashMap<SolicitationId, SolicitationRecord> =
        solicitations.into_iter().map(|it| (it.id, it)).collect();
    // Names and due time are those that the first decision was made with: they may have changed since.
    let submitted = load_first_facts(db, ids(|bid| bid.id.uuid())).await?;
    let versions = solicitations.values().filter_map(|it| it.state.publication());
    let versions = versions.map(|publication| publication.policy_version).collect();
    let policies = policy::service::load_versions(db, versions).await?;
    let subcontractors =
        list_submitted_subcontractors(db, PartyOwner::Bid, ids(|bid| bid.id.uuid())).await?;
    let receipts = bids.iter().map(|bid| {
        let solicitation = solicitations.get(&bid.solicitation_id).ok_or(Fault::NotFound)?;
        let facts = submitted.get(&bid.id.uuid()).ok_or(Fault::NotFound)?;
        let version = require_publication(solicitation)?.policy_version;
        let policy = policies.get(&version).ok_or(Fault::NotFound)?;
        let subcontractors = subcontractors.get(&bid.id.uuid()).map_or(&[][..], Vec::as_slice);
        let receipt = BidReceipt {
            id: &bid.id.to_string(),
            firm: &facts.organization.name,
            department: &facts.subject.department,
            number: &facts.subject.reference,
            title: &facts.subject.title,
            due_at: facts.reference_at,
            received_at: bid.submitted_at,
            amount: bid.amount.as_ref(),
            subcontractors: subcontractors.len(),
            withdrawn_at: bid.state.withdrawn_at(),
            sha256: &digest_of(bid, subcontractors)?,
        };
        Ok((bid.id, render_bid_receipt(policy, receipt)))
    });
    receipts.collect()
}

/// The SHA-256 of what was submitted, as canonical JSON.
fn digest_of(bid: &BidRecord, subcontractors: &[Subcontractor]) -> Result<String> {
    let subcontractors = subcontractors.iter().map(|it| SubmittedSubcontractor {
        organization_id: it.party.party.organization_id,
        name: &it.party.party.name,
        identifier: it.party.party.identifier.as_ref(),
        amount: &it.amount,
    });
    let submitted = SubmittedBid {
        id: bid.id,
        solicitation: bid.solicitation_id,
        amount: bid.amount.as_ref(),
        subcontractors: subcontractors.collect(),
        received_at: format_time(bid.submitted_at),
    };
    Ok(canonical(&submitted)?.sha256)
}

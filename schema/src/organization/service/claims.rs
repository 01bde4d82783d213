//! Claims to identifiers, and disputes about them.
//!
//! The first organization that claims an identifier has the undisputed claim, by which searches find
//! it. A later claim is refused, or recorded as disputed for City staff to decide. Searches ignore
//! disputed claims. A disputed claim stays disputed even if the first claim is removed. Every further
//! claim joins the open dispute. The City decides a dispute by verifying one of the claims.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::registration::{change_of, load_for_answer};
use super::store::{Organization, OrganizationInclude, claims};
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization::entity::identifier::Model as Claim;
use crate::organization::entity::identifier_dispute::Model as Dispute;
use crate::organization::model::{
    Identifier, IdentifierDecisionInput, IdentifierDisputeId, IdentifierState, OrganizationId,
    OrganizationIdentifier, OrganizationInput, Viewer,
};
use crate::organization::rules;
use crate::reevaluation::service::enqueue;
use crate::user_message::UserMessage;

/// Replaces an organization's claims by the identifiers of `input`; existing claims to the same
/// identifiers stay unchanged. The caller holds the organization's lock.
///
/// # Errors
/// `Invalid` for each identifier that another organization claims, unless `input.disputed` is set, and
/// for each verified identifier that is left out.
pub(super) async fn replace_claims(
    tx: &Tx,
    viewer: &Viewer,
    organization: OrganizationId,
    input: &OrganizationInput,
) -> Result<Vec<OrganizationIdentifier>> {
    let requested: HashSet<&Identifier> = input.identifiers.iter().collect();
    let before = claims::list_claims_of(&**tx, organization).await?;
    let (retained, removed): (Vec<Claim>, Vec<Claim>) =
        before.into_iter().partition(|claim| requested.contains(&identifier_of(claim)));
    require_unverified(&removed)?;
    remove_claims(tx, viewer, removed).await?;
    let retained_identifiers: HashSet<Identifier> = retained.iter().map(identifier_of).collect();
    let added =
        input.identifiers.iter().enumerate().filter(|(_, it)| !retained_identifiers.contains(it));
    let added: Vec<(usize, Identifier)> = added.map(|(index, it)| (index, it.clone())).collect();
    let identifiers: Vec<Identifier> = added.iter().map(|(_, it)| it.clone()).collect();
    let claimed = claims::list_claims_for(&**tx, &identifiers).await?;
    let claimed: HashSet<Identifier> = claimed.iter().map(identifier_of).collect();
    if !input.disputed {
        require_unclaimed(&added, &claimed)?;
    }
    let contested = identifiers.iter().filter(|it| claimed.contains(it));
    let disputes = find_or_open_disputes(tx, viewer, organization, contested).await?;
    let rows = identifiers.into_iter().map(|it| {
        let dispute_id = disputes.get(&it).copied();
        Claim {
            organization_id: organization,
            scheme: it.scheme,
            state: match dispute_id {
                Some(_) => IdentifierState::Disputed,
                None => IdentifierState::Claimed,
            },
            value: it.id,
            claimed_by: viewer.subject.clone(),
            claimed_at: viewer.now,
            dispute_id,
            verified_by: None,
            verified_at: None,
        }
    });
    let rows: Vec<Claim> = rows.collect();
    claims::insert_claims(tx, rows.clone()).await?;
    let mut all: Vec<OrganizationIdentifier> =
        retained.into_iter().chain(rows).map(OrganizationIdentifier::from).collect();
    all.sort_unstable_by(|left, right| (left.scheme, &left.id).cmp(&(right.scheme, &right.id)));
    Ok(all)
}

/// Returns the claimed identifier.
pub(super) fn identifier_of(claim: &Claim) -> Identifier {
    Identifier { scheme: claim.scheme, id: claim.value.clone() }
}

/// Removes claims, and closes the disputes that have no claim left.
async fn remove_claims(tx: &Tx, viewer: &Viewer, removed: Vec<Claim>) -> Result<()> {
    for closed in claims::remove_claims(tx, removed).await? {
        let action = LedgerAction::IdentifierDisputeClosed;
        append(tx, viewer.actor(), closed.id, action, &dispute_data(&closed)).await?;
    }
    Ok(())
}

/// Requires that no claim is verified: the firm does not remove what the City has verified.
fn require_unverified(removed: &[Claim]) -> Result<()> {
    let (path, mut errors) =
        (FieldPath::argument("input").at("identifiers"), InputErrors::default());
    for claim in removed.iter().filter(|it| it.state == IdentifierState::Verified) {
        errors.add(&path, UserMessage::IdentifierVerified { id: claim.value.clone() });
    }
    errors.finish()
}

/// Requires that no other organization claims one of the added identifiers.
fn require_unclaimed(added: &[(usize, Identifier)], claimed: &HashSet<Identifier>) -> Result<()> {
    let (path, mut errors) =
        (FieldPath::argument("input").at("identifiers"), InputErrors::default());
    for (index, _) in added.iter().filter(|(_, it)| claimed.contains(it)) {
        errors.add(&path.at(index), UserMessage::IdentifierTaken);
    }
    errors.finish()
}

/// Returns the dispute about each identifier; opens one for `organization` where none is open.
async fn find_or_open_disputes<'a>(
    tx: &Tx,
    viewer: &Viewer,
    organization: OrganizationId,
    identifiers: impl Iterator<Item = &'a Identifier>,
) -> Result<HashMap<Identifier, IdentifierDisputeId>> {
    let candidates = identifiers.map(|it| Dispute {
        id: IdentifierDisputeId::generate(),
        scheme: it.scheme,
        value: it.id.clone(),
        opened_at: viewer.now,
        decided_at: None,
    });
    let candidates: Vec<Dispute> = candidates.collect();
    if candidates.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: HashSet<IdentifierDisputeId> = candidates.iter().map(|dispute| dispute.id).collect();
    let open = claims::find_or_insert_disputes(tx, candidates).await?;
    let action = LedgerAction::IdentifierDisputeOpened;
    for dispute in &open {
        let data = dispute_data(dispute);
        if ids.contains(&dispute.id) {
            begin(tx, viewer.actor(), dispute.id, organization, action, &data).await?;
        } else if dispute.decided_at.is_some() {
            // The City decided about the earlier claims and not about this one.
            claims::update_dispute(tx, Dispute { decided_at: None, ..dispute.clone() }).await?;
            append(tx, viewer.actor(), dispute.id, action, &data).await?;
        }
    }
    let open = open.into_iter();
    Ok(open.map(|it| (Identifier { scheme: it.scheme, id: it.value }, it.id)).collect())
}

/// Verifies an organization's identifier after the City compared it with its records. The organization
/// claims it, if it did not; an unverified claim of another organization becomes disputed. Parties that
/// were resolved before keep their organization.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer, `NotFound` without the organization, `Invalid` for
/// invalid input or if another organization's claim is verified.
#[tracing::instrument(skip_all, fields(id = %input.organization_id))]
pub async fn verify_identifier(
    db: &Database,
    viewer: &Viewer,
    input: &IdentifierDecisionInput,
    include: OrganizationInclude,
) -> Result<Organization> {
    viewer.require_reviewer("only a reviewer may verify an identifier")?;
    let (identifier, reason) = rules::validate_identifier_decision(input)?;
    let tx = db.begin().await?;
    lock_claimants(&tx, input.organization_id, &identifier).await?;
    let decided =
        IdentifierVerification { organization: input.organization_id, identifier, reason };
    verify_identifier_in_tx(&tx, viewer, decided).await?;
    let organization = load_for_answer(&tx, viewer, input.organization_id, include).await?;
    tx.commit().await?;
    Ok(organization)
}

/// A claim that the City verifies.
pub(super) struct IdentifierVerification {
    pub organization: OrganizationId,
    pub identifier: Identifier,
    pub reason: String,
}

/// Verifies a claim: see [`verify_identifier`]. The caller holds the locks of all claimants. Returns
/// whether anything changed.
pub(super) async fn verify_identifier_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    IdentifierVerification { organization, identifier, reason }: IdentifierVerification,
) -> Result<bool> {
    let all = claims::list_claims_for(&**tx, std::slice::from_ref(&identifier)).await?;
    let own = all.iter().find(|claim| claim.organization_id == organization).cloned();
    if own.as_ref().is_some_and(|claim| claim.state == IdentifierState::Verified) {
        return Ok(false);
    }
    let bearer = all.iter().find(|claim| {
        claim.organization_id != organization && claim.state != IdentifierState::Disputed
    });
    if let Some(bearer) = bearer.filter(|claim| claim.state == IdentifierState::Verified) {
        let path = FieldPath::argument("input").at("identifier");
        let holder = bearer.organization_id.to_string();
        return Err(Fault::invalid(&path, UserMessage::IdentifierVerifiedElsewhere { holder }));
    }
    let data = json!({ "scheme": identifier.scheme, "id": identifier.id, "reason": reason });
    // One claim at most is undisputed at any time, so the other one changes first.
    if let Some(bearer) = bearer.cloned() {
        let holder = bearer.organization_id;
        let disputes = find_or_open_disputes(tx, viewer, holder, [&identifier].into_iter()).await?;
        let dispute_id = disputes.get(&identifier).copied();
        let demoted = Claim { state: IdentifierState::Disputed, dispute_id, ..bearer };
        claims::update_claim(tx, demoted).await?;
        append(tx, viewer.actor(), holder, LedgerAction::IdentifierContested, &data).await?;
        enqueue(tx, change_of(holder, viewer)).await?;
    }
    let verified = Claim {
        organization_id: organization,
        scheme: identifier.scheme,
        value: identifier.id.clone(),
        state: IdentifierState::Verified,
        claimed_by: own.as_ref().map_or(&viewer.subject, |claim| &claim.claimed_by).clone(),
        claimed_at: own.as_ref().map_or(viewer.now, |claim| claim.claimed_at),
        dispute_id: None,
        verified_by: Some(viewer.subject.clone()),
        verified_at: Some(viewer.now),
    };
    if own.is_some() {
        claims::update_claim(tx, verified).await?;
    } else {
        claims::insert_claims(tx, vec![verified]).await?;
    }
    append(tx, viewer.actor(), organization, LedgerAction::IdentifierVerified, &data).await?;
    // Parties that no search resolved yet may name it by this identifier.
    enqueue(tx, change_of(organization, viewer)).await?;
    close_or_decide_dispute(tx, viewer, &identifier).await?;
    Ok(true)
}

/// Closes the dispute about an identifier if no disputed claim is left, else marks it as decided.
async fn close_or_decide_dispute(tx: &Tx, viewer: &Viewer, identifier: &Identifier) -> Result<()> {
    let Some(dispute) = claims::find_dispute(tx, identifier).await? else { return Ok(()) };
    let (id, data) = (dispute.id, dispute_data(&dispute));
    let remaining = claims::list_claims_for(&**tx, std::slice::from_ref(identifier)).await?;
    let action = if remaining.iter().any(|claim| claim.state == IdentifierState::Disputed) {
        let decided_at = Some(viewer.now);
        claims::update_dispute(tx, Dispute { decided_at, ..dispute }).await?;
        LedgerAction::IdentifierDisputeDecided
    } else {
        claims::remove_dispute(tx, dispute).await?;
        LedgerAction::IdentifierDisputeClosed
    };
    append(tx, viewer.actor(), id, action, &data).await
}

/// Ends an organization's claim to an identifier. Disputed claims of others stay disputed, and wait for
/// the City's decision again.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer, `NotFound` without the organization, `Invalid` for
/// invalid input or if the organization does not claim the identifier.
#[tracing::instrument(skip_all, fields(id = %input.organization_id))]
pub async fn release_identifier(
    db: &Database,
    viewer: &Viewer,
    input: &IdentifierDecisionInput,
    include: OrganizationInclude,
) -> Result<Organization> {
    viewer.require_reviewer("only a reviewer may release an identifier")?;
    let (identifier, reason) = rules::validate_identifier_decision(input)?;
    let organization = input.organization_id;
    let tx = db.begin().await?;
    lock_claimants(&tx, organization, &identifier).await?;
    let all = claims::list_claims_for(&*tx, std::slice::from_ref(&identifier)).await?;
    let (own, others): (Vec<Claim>, Vec<Claim>) =
        all.into_iter().partition(|claim| claim.organization_id == organization);
    let Some(released) = own.first().cloned() else {
        let path = FieldPath::argument("input").at("identifier");
        let holders = others.iter().map(|claim| claim.organization_id.to_string());
        let holders = holders.collect::<Vec<_>>().join(", ");
        let message = if holders.is_empty() {
            UserMessage::IdentifierUnclaimed
        } else {
            UserMessage::IdentifierClaimedByOthers { holders }
        };
        return Err(Fault::invalid(&path, message));
    };
    remove_claims(&tx, viewer, own).await?;
    let data = json!({
        "scheme": identifier.scheme,
        "id": identifier.id,
        "state": released.state,
        "reason": reason,
    });
    append(&tx, viewer.actor(), organization, LedgerAction::IdentifierReleased, &data).await?;
    if let Some(dispute) = claims::find_dispute(&tx, &identifier).await?
        && dispute.decided_at.is_some()
        && released.state == IdentifierState::Verified
    {
        let (id, data) = (dispute.id, dispute_data(&dispute));
        claims::update_dispute(&tx, Dispute { decided_at: None, ..dispute }).await?;
        append(&tx, viewer.actor(), id, LedgerAction::IdentifierDisputeOpened, &data).await?;
    }
    enqueue(&tx, change_of(organization, viewer)).await?;
    let organization = load_for_answer(&tx, viewer, organization, include).await?;
    tx.commit().await?;
    Ok(organization)
}

/// Locks an organization, which must not be merged, and every other one that claims an identifier.
async fn lock_claimants(
    tx: &Tx,
    organization: OrganizationId,
    identifier: &Identifier,
) -> Result<()> {
    let claimants = claims::list_claims_for(&**tx, std::slice::from_ref(identifier)).await?;
    let mut ids: Vec<OrganizationId> = claimants.iter().map(|it| it.organization_id).collect();
    ids.push(organization);
    let locked = super::lock_organizations(tx, ids).await?;
    let row = locked.iter().find(|row| row.id == organization).ok_or(Fault::NotFound)?;
    super::require_unmerged(row, &FieldPath::argument("input").at("organizationId"))
}

/// Returns the ledger data of a dispute.
fn dispute_data(dispute: &Dispute) -> serde_json::Value {
    json!({ "scheme": dispute.scheme, "id": dispute.value })
}

/// Lists the identifiers to which an organization has an undisputed claim.
pub async fn list_identifiers(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<Vec<Identifier>> {
    let claims = claims::list_undisputed_claims_of(db, vec![organization.uuid()]).await?;
    Ok(claims.iter().map(identifier_of).collect())
}

/// An identifier that several organizations claim, with every claim.
#[derive(Clone, Debug)]
pub struct IdentifierDispute {
    pub id: IdentifierDisputeId,
    pub identifier: Identifier,
    pub opened_at: DateTime<Utc>,
    /// The claims, earliest first. At most one is undisputed.
    pub claims: Vec<(Organization, OrganizationIdentifier)>,
}

/// Loads disputes by id, with the claims of the organizations that `viewer` may see.
#[tracing::instrument(skip_all)]
pub async fn load_disputes(
    db: &Database,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: OrganizationInclude,
) -> Result<HashMap<IdentifierDisputeId, IdentifierDispute>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let disputes = claims::load_disputes(&db.read, ids).await?;
    let rows = claims::list_disputed_claims(&db.read, &disputes).await?;
    let claimants = rows.iter().map(|claim| claim.organization_id.uuid()).collect();
    let organizations =
        super::load_visible_organizations(&db.read, viewer, claimants, include).await?;
    let mut by_identifier = HashMap::<Identifier, Vec<_>>::new();
    for claim in rows {
        let Some(organization) = organizations.get(&claim.organization_id) else { continue };
        let claimed = (organization.clone(), OrganizationIdentifier::from(claim.clone()));
        by_identifier.entry(identifier_of(&claim)).or_default().push(claimed);
    }
    let disputes = disputes.into_iter().map(|dispute| {
        let identifier = Identifier { scheme: dispute.scheme, id: dispute.value };
        let claims = by_identifier.remove(&identifier).unwrap_or_default();
        let dispute =
            IdentifierDispute { id: dispute.id, identifier, opened_at: dispute.opened_at, claims };
        (dispute.id, dispute)
    });
    Ok(disputes.collect())
}

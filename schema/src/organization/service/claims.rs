//! Which organization bears which identifier.
//!
//! The first who claims an identifier bears it and is found by it. A second claim is refused, or
//! kept as disputed for staff to decide. A disputed claim never finds anybody, and never becomes
//! another by itself: not when the first claim is given up either. While an identifier is in
//! dispute, whoever else claims it joins the dispute.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::store::{Include, Organization, claims};
use crate::database::{Database, Tx};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization::entity::identifier::Model as Claim;
use crate::organization::entity::identifier_dispute::Model as Dispute;
use crate::organization::model::{
    Identifier, IdentifierDisputeId, IdentifierState, OrganizationId, OrganizationIdentifier,
    OrganizationInput, Party, ResolvedParty, Viewer,
};

/// Makes the identifiers that an organization claims those of `input`: what it claims already
/// stays as it is. Call it under the organization's lock.
///
/// # Errors
/// `Invalid` at each identifier that another organization claims, unless the input disputes it.
pub(super) async fn replace_claims(
    tx: &Tx,
    viewer: &Viewer,
    organization: OrganizationId,
    input: &OrganizationInput,
) -> Result<Vec<OrganizationIdentifier>> {
    let given: HashSet<&Identifier> = input.identifiers.iter().collect();
    let before = claims::list_claims_of(&**tx, organization).await?;
    let (kept, dropped): (Vec<Claim>, Vec<Claim>) =
        before.into_iter().partition(|claim| given.contains(&identifier_of(claim)));
    for over in claims::remove_claims(tx, organization, dropped).await? {
        append(tx, viewer.actor(), over.id, LedgerAction::IdentifierDisputeClosed, &dispute_data(&over))
            .await?;
    }
    let known: HashSet<Identifier> = kept.iter().map(identifier_of).collect();
    let fresh = input.identifiers.iter().enumerate().filter(|(_, it)| !known.contains(it));
    let fresh: Vec<(usize, Identifier)> = fresh.map(|(index, it)| (index, it.clone())).collect();
    let sought: Vec<Identifier> = fresh.iter().map(|(_, it)| it.clone()).collect();
    let taken = claims::list_claims_for(&**tx, &sought).await?;
    let taken: HashSet<Identifier> = taken.iter().map(identifier_of).collect();
    if !input.disputed {
        require_unclaimed(&fresh, &taken)?;
    }
    let disputes =
        find_or_open_disputes(tx, viewer, organization, sought.iter().filter(|it| taken.contains(it))).await?;
    let rows = sought.into_iter().map(|it| {
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
        }
    });
    let rows: Vec<Claim> = rows.collect();
    claims::insert_claims(tx, rows.clone()).await?;
    let mut all: Vec<OrganizationIdentifier> =
        kept.into_iter().chain(rows).map(OrganizationIdentifier::from).collect();
    all.sort_unstable_by(|one, other| (one.scheme, &one.id).cmp(&(other.scheme, &other.id)));
    Ok(all)
}

fn identifier_of(claim: &Claim) -> Identifier {
    Identifier { scheme: claim.scheme, id: claim.value.clone() }
}

fn require_unclaimed(fresh: &[(usize, Identifier)], taken: &HashSet<Identifier>) -> Result<()> {
    let (at, mut problems) = (FieldPath::argument("input").at("identifiers"), InputErrors::default());
    for (index, _) in fresh.iter().filter(|(_, it)| taken.contains(it)) {
        let told = "Another organization has registered with this identifier. If it is your firm, \
            ask its signatory to invite you; nothing needs to be registered again. If the other \
            organization should not have it, send disputed: true, and the City looks into it.";
        problems.add(&at.at(index), "taken", told);
    }
    problems.finish()
}

/// The dispute about each of some identifiers, opened by an organization where none is.
async fn dispute<'a>(
    tx: &Tx,
    viewer: &Viewer,
    organization: OrganizationId,
    identifiers: impl Iterator<Item = &'a Identifier>,
) -> Result<HashMap<Identifier, IdentifierDisputeId>> {
    let fresh = identifiers.map(|it| Dispute {
        id: IdentifierDisputeId::generate(),
        scheme: it.scheme,
        value: it.id.clone(),
        opened_at: viewer.now,
    });
    let fresh: Vec<Dispute> = fresh.collect();
    if fresh.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: HashSet<IdentifierDisputeId> = fresh.iter().map(|dispute| dispute.id).collect();
    let open = claims::find_or_insert_disputes(tx, fresh).await?;
    for dispute in open.iter().filter(|dispute| ids.contains(&dispute.id)) {
        let action = LedgerAction::IdentifierDisputeOpened;
        begin(tx, viewer.actor(), dispute.id, organization, action, &dispute_data(dispute)).await?;
    }
    let open = open.into_iter();
    Ok(open.map(|it| (Identifier { scheme: it.scheme, id: it.value }, it.id)).collect())
}

fn dispute_data(dispute: &Dispute) -> serde_json::Value {
    json!({ "scheme": dispute.scheme, "id": dispute.value })
}

/// The identifiers by which an organization is found: disputed claims are not among them.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn identifiers(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<Vec<Identifier>> {
    let claims = claims::list_claims_of(db, organization).await?.into_iter();
    let borne = claims.filter(|claim| claim.state != IdentifierState::Disputed);
    Ok(borne.map(|claim| identifier_of(&claim)).collect())
}

/// The organization that each party is; `None` where it is none: nobody registered bears the
/// identifier, or none was given.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn resolve(
    db: &impl ConnectionTrait,
    parties: &[&Party],
) -> Result<Vec<Option<OrganizationId>>> {
    let named = parties.iter().filter_map(|party| party.organization_id);
    let named = named.map(OrganizationId::uuid).collect::<Vec<_>>();
    let known: HashSet<OrganizationId> = if named.is_empty() {
        HashSet::new()
    } else {
        super::store::load_by_ids(db, named).await?.into_iter().map(|row| row.id).collect()
    };
    let sought = parties.iter().filter(|party| party.organization_id.is_none());
    let sought: Vec<Identifier> = sought.filter_map(|party| party.identifier.clone()).collect();
    let bearers = claims::list_undisputed_claims(db, &sought).await?;
    let bearers: HashMap<Identifier, OrganizationId> =
        bearers.iter().map(|claim| (identifier_of(claim), claim.organization_id)).collect();
    let resolved = parties.iter().map(|party| match party.organization_id {
        Some(id) => Some(id).filter(|id| known.contains(id)),
        None => bearers.get(party.identifier.as_ref()?).copied(),
    });
    Ok(resolved.collect())
}

/// Resolves those of some parties that are not resolved yet. What a party was resolved to stays:
/// whoever claims its identifier later changes nothing.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn resolve_pending(
    db: &impl ConnectionTrait,
    parties: Vec<&mut ResolvedParty>,
    now: DateTime<Utc>,
) -> Result<()> {
    let pending = parties.into_iter().filter(|it| it.resolution.organization.is_none());
    let mut pending: Vec<&mut ResolvedParty> = pending.collect();
    if pending.is_empty() {
        return Ok(());
    }
    let named: Vec<&Party> = pending.iter().map(|it| &it.party).collect();
    let found = resolve(db, &named).await?;
    for (party, organization) in pending.iter_mut().zip(found) {
        if let Some(organization) = organization {
            party.resolve(organization, now);
        }
    }
    Ok(())
}

/// Refuses a subcontractor that is the firm which names it: by the organization's identifier, or
/// by any identifier that it claims, a disputed one too. `subcontractors` is where they stand in
/// what was sent.
///
/// # Errors
/// `Invalid` at each such row.
pub async fn refuse_self_subcontracting<'a>(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    named: impl Iterator<Item = &'a Party>,
    subcontractors: &FieldPath,
) -> Result<()> {
    let named: Vec<&Party> = named.collect();
    if named.is_empty() {
        return Ok(());
    }
    let own = claims::list_claims_of(db, organization).await?;
    let own: HashSet<Identifier> = own.iter().map(identifier_of).collect();
    let mut problems = InputErrors::default();
    for (index, party) in named.into_iter().enumerate() {
        let field = if party.organization_id == Some(organization) {
            "organizationId"
        } else if party.identifier.as_ref().is_some_and(|it| own.contains(it)) {
            "identifier"
        } else {
            continue;
        };
        let told =
            "A firm is not its own subcontractor; remove this row, or correct whom it names.";
        problems.add(&subcontractors.at(index).at(field), "contradiction", told);
    }
    problems.finish()
}

/// An identifier that several organizations claim, and who claims it.
#[derive(Clone, Debug)]
pub struct IdentifierDispute {
    pub id: IdentifierDisputeId,
    pub identifier: Identifier,
    pub opened_at: DateTime<Utc>,
    /// The earliest first; the one that is not disputed, if there is one, finds its organization.
    pub claims: Vec<(Organization, OrganizationIdentifier)>,
}

/// Disputes by id, for who reads all.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn disputes_by_ids(
    db: &Database,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: Include,
) -> Result<HashMap<IdentifierDisputeId, IdentifierDispute>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let disputes = claims::load_disputes(&db.read, ids).await?;
    let made = claims::list_disputed_claims(&db.read, &disputes).await?;
    let claimants = made.iter().map(|claim| claim.organization_id.uuid()).collect();
    let organizations = super::visible_by_ids(&db.read, viewer, claimants, include).await?;
    let mut by_identifier = HashMap::<Identifier, Vec<_>>::new();
    for claim in made {
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

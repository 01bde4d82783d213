//! Claims to identifiers, and disputes about them.
//!
//! The first organization that claims an identifier has the undisputed claim, by which searches find
//! it. A later claim is refused, or recorded as disputed for City staff to decide. Searches ignore
//! disputed claims. A disputed claim stays disputed even if the first claim is removed. Every further
//! claim joins the open dispute.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::store::{Organization, OrganizationInclude, claims};
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
use crate::user_message::UserMessage;

/// Replaces an organization's claims by the identifiers of `input`; existing claims to the same
/// identifiers stay unchanged. The caller holds the organization's lock.
///
/// # Errors
/// `Invalid` for each identifier that another organization claims, unless `input.disputed` is set.
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
    for closed in claims::remove_claims(tx, organization, removed).await? {
        append(
            tx,
            viewer.actor(),
            closed.id,
            LedgerAction::IdentifierDisputeClosed,
            &dispute_data(&closed),
        )
        .await?;
    }
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
    let disputes = find_or_open_disputes(
        tx,
        viewer,
        organization,
        identifiers.iter().filter(|it| claimed.contains(it)),
    )
    .await?;
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

fn identifier_of(claim: &Claim) -> Identifier {
    Identifier { scheme: claim.scheme, id: claim.value.clone() }
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
    for dispute in open.iter().filter(|dispute| ids.contains(&dispute.id)) {
        let action = LedgerAction::IdentifierDisputeOpened;
        begin(tx, viewer.actor(), dispute.id, organization, action, &dispute_data(dispute)).await?;
    }
    let open = open.into_iter();
    Ok(open.map(|it| (Identifier { scheme: it.scheme, id: it.value }, it.id)).collect())
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
    let claims = claims::list_claims_of(db, organization).await?.into_iter();
    let undisputed = claims.filter(|claim| claim.state != IdentifierState::Disputed);
    Ok(undisputed.map(|claim| identifier_of(&claim)).collect())
}

/// Resolves each party to an organization, in the order of `parties`; `None` if no organization has an
/// undisputed claim to its identifier, or it has none.
pub async fn resolve_parties(
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
    let unnamed = parties.iter().filter(|party| party.organization_id.is_none());
    let identifiers: Vec<Identifier> =
        unnamed.filter_map(|party| party.identifier.clone()).collect();
    let claims = claims::list_undisputed_claims(db, &identifiers).await?;
    let claimants: HashMap<Identifier, OrganizationId> =
        claims.iter().map(|claim| (identifier_of(claim), claim.organization_id)).collect();
    let resolved = parties.iter().map(|party| match party.organization_id {
        Some(id) => Some(id).filter(|id| known.contains(id)),
        None => claimants.get(party.identifier.as_ref()?).copied(),
    });
    Ok(resolved.collect())
}

/// Resolves the parties that are not resolved yet. An earlier resolution is never replaced, so a later
/// claim to the identifier changes nothing.
pub async fn resolve_pending_parties(
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
    let organizations = resolve_parties(db, &named).await?;
    for (party, organization) in pending.iter_mut().zip(organizations) {
        if let Some(organization) = organization {
            party.resolve(organization, now);
        }
    }
    Ok(())
}

/// Validates that no subcontractor is the organization that names it, by organization identifier or by
/// any identifier that the organization claims, including a disputed one. `subcontractors` is the path
/// of the list in the input.
///
/// # Errors
/// `Invalid` for each such entry.
pub async fn validate_subcontractors_are_others<'a>(
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
    let mut errors = InputErrors::default();
    for (index, party) in named.into_iter().enumerate() {
        let field = if party.organization_id == Some(organization) {
            "organizationId"
        } else if party.identifier.as_ref().is_some_and(|it| own.contains(it)) {
            "identifier"
        } else {
            continue;
        };
        errors.add(&subcontractors.at(index).at(field), UserMessage::SubcontractorIdentifiesFirm);
    }
    errors.finish()
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

//! Replaces a named subcontractor of a bid or a contract by another, on a ground that the policy allows.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::database::Tx;
use crate::decision::entity::substitution;
use crate::decision::model::{
    PartyOwner, Subcontractor, Substitution, SubstitutionRequest, SubstitutionSubject,
};
use crate::decision::store;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::ContractKind;
use crate::money::{self, Money};
use crate::organization;
use crate::organization::model::{
    Groups, OrganizationId, Party, PartyColumns, ResolvedParty, Viewer,
};
use crate::organization::service::{
    SearchBy, resolve_pending_parties, validate_subcontractor_is_other,
};
use crate::text::{MAX_PROSE_CHARS, validate_required};
use crate::user_message::{Kinds, UserMessage};
use candor_matcher::fold::folded;

use super::parties::load_parties;
use super::party_reference::PartyReference;

/// A validated request, before its parties are looked up.
#[derive(Clone, Debug)]
pub struct ValidSubstitution {
    /// The subcontractor to replace.
    replaced: PartyReference,
    replacement: Party,
    amount: Option<Money>,
    explanation: String,
    citation: String,
}

fn input_path() -> FieldPath {
    FieldPath::argument("input")
}

fn replacement_path() -> FieldPath {
    input_path().at("replacement")
}

/// Validates a substitution against the policy that applies to the bid or the contract.
///
/// # Errors
/// `Invalid` with every error: the policy allows no substitution or not on this ground, or a text, number
/// or amount is malformed.
pub fn validate_substitution(
    request: &SubstitutionRequest,
    subject: SubstitutionSubject<'_>,
) -> Result<ValidSubstitution> {
    let mut errors = InputErrors::default();
    let rule = subject.policy.parameters().substitution_rule(subject.is_public_works);
    match rule {
        None => errors.add(
            &input_path().at("ground"),
            UserMessage::SubstitutionNotAllowed {
                contracts: if subject.is_public_works {
                    Kinds::of(ContractKind::PublicWorks.as_str())
                } else {
                    let name = "contracts that are not public works";
                    Kinds::named(ContractKind::Other.as_str(), name)
                },
                version: subject.policy.version_label(),
            },
        ),
        Some(rule) if !rule.grounds.contains(&request.ground) => {
            let message = UserMessage::SubstitutionGroundNotAllowed {
                citation: rule.citation.clone(),
                grounds: Kinds::list(rule.grounds.iter().map(|it| it.as_str())),
            };
            errors.add(&input_path().at("ground"), message);
        }
        Some(_) => {}
    }
    let at = input_path().at("explanation");
    let explanation = validate_required(&request.explanation, MAX_PROSE_CHARS, &at, &mut errors);
    let at = replacement_path();
    let replacement =
        organization::service::validate_party(request.replacement.party(), &at, &mut errors);
    if replacement.organization_id == Some(subject.prime) {
        errors.add(&at.at("organizationId"), UserMessage::SubcontractorIdentifiesFirm);
    }
    let amount = request.replacement.amount.as_ref();
    let amount = amount.and_then(|it| money::validate_money(it, &at.at("amount"), &mut errors));
    errors.finish()?;
    let identifier = request.identifier.as_ref();
    Ok(ValidSubstitution {
        replaced: PartyReference::validate(&request.name, identifier, &input_path())?,
        replacement,
        amount,
        explanation,
        citation: rule.map(|it| it.citation.clone()).unwrap_or_default(),
    })
}

/// Resolves the replacement, and locks the organizations of the prime, of all its parties and of the
/// replacement.
///
/// # Errors
/// `Invalid` if the replacement is the prime itself or does not exist, `Conflict` if a firm registered at
/// the same time.
#[tracing::instrument(skip_all)]
pub async fn lock_replacement(
    tx: &Tx,
    viewer: &Viewer,
    subject: SubstitutionSubject<'_>,
    valid: &ValidSubstitution,
) -> Result<ResolvedParty> {
    let resolve = async || -> Result<ResolvedParty> {
        let mut party = ResolvedParty::unresolved(valid.replacement.clone(), viewer.now);
        resolve_pending_parties(&**tx, vec![&mut party], SearchBy::NumberOrName, viewer.now)
            .await?;
        Ok(party)
    };
    let stored = load_parties(&**tx, subject.owner, subject.id).await?;
    let before_lock = resolve().await?;
    let locked: Vec<OrganizationId> = [subject.prime]
        .into_iter()
        .chain(stored.organizations())
        .chain(before_lock.resolution.organization)
        .collect();
    organization::service::lock_organizations(tx, locked.clone()).await?;
    let replacement = resolve().await?;
    if replacement.resolution.organization.is_some_and(|id| !locked.contains(&id)) {
        return Err(Fault::conflict("the new subcontractor has just registered; try again"));
    }
    validate_subcontractor_is_other(&**tx, subject.prime, &replacement, &replacement_path())
        .await?;
    Ok(replacement)
}

/// Replaces every entry of the subcontractor by the replacement, and keeps what it was. Returns the data
/// for the ledger. Lock the bid or the contract first, and append the entry afterwards.
///
/// # Errors
/// `Invalid` if no subcontractor has the name, if the replacement is the same firm, or if an amount is
/// given for several entries.
#[tracing::instrument(skip_all)]
pub async fn substitute(
    tx: &Tx,
    viewer: &Viewer,
    subject: SubstitutionSubject<'_>,
    request: &SubstitutionRequest,
    valid: &ValidSubstitution,
    replacement: &ResolvedParty,
) -> Result<Value> {
    let stored = load_parties(&**tx, subject.owner, subject.id).await?.subcontractors;
    let replaced = (0_i64..).zip(&stored).filter(|(_, it)| valid.replaced.names(&it.party.party));
    let replaced: Vec<(i64, &Subcontractor)> = replaced.collect();
    if replaced.is_empty() {
        return Err(Fault::invalid(&input_path().at("name"), UserMessage::PartyNotNamed));
    }
    let named = replaced.iter().map(|(_, it)| &it.party).chain([replacement]);
    let named = named.filter_map(|it| it.resolution.organization).map(OrganizationId::uuid);
    let groups = organization::service::load_groups(&**tx, named.collect()).await?;
    let is_same_firm = |left, right| is_same_firm(left, right, &groups);
    // Entries of one name may be several firms; a ground concerns one of them.
    if replaced.iter().any(|(_, it)| !is_same_firm(&it.party, &replaced[0].1.party)) {
        return Err(Fault::invalid(&input_path().at("name"), UserMessage::SubstitutionNameUnclear));
    }
    if replaced.len() > 1 && valid.amount.is_some() {
        let message = UserMessage::SubstitutionAmountUnclear { entries: replaced.len() };
        return Err(Fault::invalid(&replacement_path().at("amount"), message));
    }
    if replaced.iter().any(|(_, it)| is_same_firm(&it.party, replacement)) {
        return Err(Fault::invalid(&replacement_path(), UserMessage::SubstitutionSameFirm));
    }
    let earlier =
        store::substitutions::list_substitutions(&**tx, subject.owner, vec![subject.id]).await?;
    let last = earlier.get(&subject.id).and_then(|rows| rows.last());
    let first = last.map_or(1, |row| row.sequence + 1);
    let (bid_id, contract_id) = match subject.owner {
        PartyOwner::Bid => (Some(subject.id), None),
        PartyOwner::Contract => (None, Some(subject.id)),
    };
    for (sequence, (position, old)) in (first..).zip(&replaced) {
        let columns = PartyColumns::from(&old.party);
        let row = substitution::Model {
            id: Uuid::now_v7(),
            bid_id,
            contract_id,
            sequence,
            prime_id: subject.prime,
            position: *position,
            organization_id: columns.organization_id,
            name: columns.name,
            scheme: columns.scheme,
            value: columns.value,
            resolved_by: columns.resolved_by,
            resolved_to: columns.resolved_to,
            resolved_at: columns.resolved_at,
            amount_cents: old.amount.cents,
            currency: old.amount.currency.clone(),
            ground: request.ground,
            explanation: valid.explanation.clone(),
            citation: valid.citation.clone(),
            policy_version: i64::from(subject.policy.version()),
            substituted_by: viewer.subject.clone(),
            substituted_at: viewer.now,
        };
        store::substitutions::insert_substitution(tx, row).await?;
        let new = Subcontractor {
            party: replacement.clone(),
            amount: valid.amount.clone().unwrap_or_else(|| old.amount.clone()),
        };
        store::parties::update_subcontractor(tx, subject.owner, subject.id, (*position, &new))
            .await?;
    }
    let positions: Vec<i64> = replaced.iter().map(|(position, _)| *position).collect();
    Ok(json!({
        "organization": subject.prime,
        "subcontractors": positions,
        "replaced": replaced.first().map(|(_, it)| &it.party.party.name),
        "replacement": replacement.party.name,
        "ground": request.ground,
        "citation": valid.citation,
        "policyVersion": subject.policy.version(),
    }))
}

/// Whether two parties name the same firm: organizations of one group, or the same number or name where one of
/// them is not resolved.
fn is_same_firm(left: &ResolvedParty, right: &ResolvedParty, groups: &Groups) -> bool {
    match (left.resolution.organization, right.resolution.organization) {
        (Some(left), Some(right)) => groups.is_same_firm(left, right),
        _ => match (&left.party.identifier, &right.party.identifier) {
            (Some(left), Some(right)) => left == right,
            _ => folded(&left.party.name) == folded(&right.party.name),
        },
    }
}

/// Lists the substitutions of subjects that the viewer may see, the earliest first: a firm sees those made
/// while it was the bidder or the contractor. Subjects without any have no entry.
#[tracing::instrument(skip_all)]
pub async fn list_substitutions(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    owner: PartyOwner,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Substitution>>> {
    let rows = store::substitutions::list_substitutions(db, owner, subjects).await?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = rows.keys().copied().collect();
    let present = store::parties::list_subcontractors(db, owner, ids).await?;
    let mut listed = HashMap::<Uuid, Vec<Substitution>>::new();
    for (subject, rows) in rows {
        // From the latest to the earliest, the subcontractor that came after it at each position.
        let mut after: HashMap<i64, Subcontractor> =
            (0..).zip(present.get(&subject).into_iter().flatten().cloned()).collect();
        let mut substitutions = Vec::new();
        for row in rows.into_iter().rev() {
            let replaced = replaced_subcontractor(&row);
            let replacement = after.insert(row.position, replaced.clone());
            let is_hidden =
                !viewer.is_staff() && !viewer.own_organizations().contains(&row.prime_id);
            let Some(replacement) = replacement.filter(|_| !is_hidden) else { continue };
            substitutions.push(Substitution {
                prime: row.prime_id,
                replaced,
                replacement,
                ground: row.ground,
                explanation: row.explanation,
                citation: row.citation,
                policy_version: row.policy_version,
                by: row.substituted_by,
                at: row.substituted_at,
            });
        }
        substitutions.reverse();
        listed.insert(subject, substitutions);
    }
    Ok(listed)
}

/// Lists the subcontractors of subjects as they were first named, before every substitution. Subjects
/// without any have no entry.
pub async fn list_submitted_subcontractors(
    db: &impl ConnectionTrait,
    owner: PartyOwner,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Subcontractor>>> {
    let mut named = store::parties::list_subcontractors(db, owner, subjects.clone()).await?;
    for (subject, rows) in store::substitutions::list_substitutions(db, owner, subjects).await? {
        let subcontractors = named.entry(subject).or_default();
        for row in rows.iter().rev() {
            let position = usize::try_from(row.position).unwrap_or(usize::MAX);
            if let Some(subcontractor) = subcontractors.get_mut(position) {
                *subcontractor = replaced_subcontractor(row);
            }
        }
    }
    Ok(named)
}

fn replaced_subcontractor(row: &substitution::Model) -> Subcontractor {
    let columns = PartyColumns {
        organization_id: row.organization_id,
        name: row.name.clone(),
        scheme: row.scheme,
        value: row.value.clone(),
        resolved_by: row.resolved_by,
        resolved_to: row.resolved_to,
        resolved_at: row.resolved_at,
    };
    let amount = Money { cents: row.amount_cents, currency: row.currency.clone() };
    Subcontractor { party: columns.into(), amount }
}

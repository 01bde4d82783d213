//! Finds the one firm that somebody names: by its organization identifier, by a number, or by its exact
//! name. Everything that names a firm asks this module.
//!
//! A number finds its verified bearer, else the first organization that claimed it; a disputed claim
//! finds nobody. A name finds the one organization of that name: legal names precede trade names, and
//! these precede former names. A name without a legal form fits every form, and a name with one fits
//! the same form, or else a name without any: an LLC is not an Inc.
use std::collections::{BTreeSet, HashMap, HashSet};

use candor_matcher::ExactName;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::claims::identifier_of;
use super::store::{self, claims, names};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::ResolvedBy;
use crate::organization::entity::name;
use crate::organization::model::{
    Identifier, IdentifierState, OrganizationId, Party, ResolvedParty,
};
use crate::organization::rules::{find_by_exact_name, has_other_number};
use crate::user_message::UserMessage;

/// What somebody gives to name a firm.
#[derive(Clone, Copy, Debug)]
pub struct NamedFirm<'a> {
    pub organization_id: Option<OrganizationId>,
    pub identifiers: &'a [Identifier],
    pub name: &'a str,
}

impl<'a> From<&'a Party> for NamedFirm<'a> {
    fn from(party: &'a Party) -> Self {
        Self {
            organization_id: party.organization_id,
            identifiers: party.identifier.as_slice(),
            name: &party.name,
        }
    }
}

/// The firm that fits what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirmMatch {
    /// One organization, and how it was found.
    One(OrganizationId, ResolvedBy),
    /// More than one organization.
    Several,
    /// No organization has an undisputed claim to the number, and several claim it.
    Disputed,
    /// No organization.
    Unknown,
}

/// What a search compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchBy {
    /// Numbers, and names where no number finds a firm.
    NumberOrName,
    /// Numbers alone. A party of a stored bid is not searched by name again: a firm that registers
    /// later under that name must not change the bid.
    Number,
}

/// Finds the firm that each entry names, in their order, with at most four statements.
pub async fn find_firms(
    db: &impl ConnectionTrait,
    firms: &[NamedFirm<'_>],
    by: SearchBy,
) -> Result<Vec<FirmMatch>> {
    let ids: Vec<Uuid> =
        firms.iter().filter_map(|it| it.organization_id).map(OrganizationId::uuid).collect();
    let known: HashSet<OrganizationId> = if ids.is_empty() {
        HashSet::new()
    } else {
        store::load_by_ids(db, ids).await?.into_iter().map(|row| row.id).collect()
    };
    let without_id = || firms.iter().filter(|it| it.organization_id.is_none());
    let identifiers: Vec<Identifier> =
        without_id().flat_map(|it| it.identifiers.iter().cloned()).collect();
    let claims = ClaimIndex::load(db, &identifiers).await?;
    let found: Vec<FirmMatch> = firms
        .iter()
        .map(|it| match it.organization_id {
            Some(id) if known.contains(&id) => FirmMatch::One(id, ResolvedBy::OrganizationId),
            Some(_) => FirmMatch::Unknown,
            None => claims.find(it.identifiers),
        })
        .collect();
    if by == SearchBy::Number {
        return Ok(found);
    }
    let unnumbered = |(firm, found): (&NamedFirm<'_>, &FirmMatch)| {
        firm.organization_id.is_none() && *found == FirmMatch::Unknown
    };
    let searched: Vec<Option<ExactName>> = firms
        .iter()
        .zip(&found)
        .map(|it| unnumbered(it).then(|| ExactName::new(it.0.name)))
        .collect();
    let index = NameIndex::load(db, firms.iter().zip(&searched)).await?;
    let found = firms.iter().zip(found).zip(searched).map(|((firm, found), exact)| match exact {
        Some(exact) => index.find(&exact, firm.identifiers),
        None => found,
    });
    Ok(found.collect())
}

/// The claims to some identifiers.
struct ClaimIndex {
    bearers: HashMap<Identifier, OrganizationId>,
    disputed: HashSet<Identifier>,
}

impl ClaimIndex {
    async fn load(db: &impl ConnectionTrait, identifiers: &[Identifier]) -> Result<Self> {
        let (mut bearers, mut disputed) = (HashMap::new(), HashSet::new());
        for claim in claims::list_claims_for(db, identifiers).await? {
            if claim.state == IdentifierState::Disputed {
                disputed.insert(identifier_of(&claim));
            } else {
                bearers.insert(identifier_of(&claim), claim.organization_id);
            }
        }
        Ok(Self { bearers, disputed })
    }

    fn find(&self, identifiers: &[Identifier]) -> FirmMatch {
        let bearers = identifiers.iter().filter_map(|it| self.bearers.get(it));
        let bearers: BTreeSet<OrganizationId> = bearers.copied().collect();
        match (bearers.first(), bearers.len()) {
            (Some(bearer), 1) => FirmMatch::One(*bearer, ResolvedBy::Identifier),
            (Some(_), _) => FirmMatch::Several,
            (None, _) if identifiers.iter().any(|it| self.disputed.contains(it)) => {
                FirmMatch::Disputed
            }
            (None, _) => FirmMatch::Unknown,
        }
    }
}

/// The organizations with some exact names.
struct NameIndex {
    by_core: HashMap<String, Vec<name::Model>>,
    /// The undisputed numbers of these organizations, if a number was given with a name.
    numbers: HashMap<OrganizationId, Vec<Identifier>>,
}

impl NameIndex {
    async fn load<'a>(
        db: &impl ConnectionTrait,
        searched: impl Iterator<Item = (&'a NamedFirm<'a>, &'a Option<ExactName>)> + Clone,
    ) -> Result<Self> {
        let cores = searched.clone().filter_map(|(_, exact)| exact.as_ref());
        let cores = cores.map(|exact| exact.core().to_owned()).collect();
        let rows = names::list_by_cores(db, cores).await?;
        let has_numbers = searched
            .into_iter()
            .any(|(firm, exact)| exact.is_some() && !firm.identifiers.is_empty());
        let mut numbers = HashMap::<OrganizationId, Vec<Identifier>>::new();
        if has_numbers && !rows.is_empty() {
            let ids = rows.iter().map(|row| row.organization_id.uuid()).collect();
            for claim in claims::list_undisputed_claims_of(db, ids).await? {
                numbers.entry(claim.organization_id).or_default().push(identifier_of(&claim));
            }
        }
        let mut by_core = HashMap::<String, Vec<name::Model>>::new();
        for row in rows {
            by_core.entry(row.core.clone()).or_default().push(row);
        }
        Ok(Self { by_core, numbers })
    }

    fn find(&self, exact: &ExactName, given: &[Identifier]) -> FirmMatch {
        let rows = self.by_core.get(exact.core()).into_iter().flatten();
        let rows =
            rows.filter(|row| !has_other_number(self.numbers_of(row.organization_id), given));
        let names: Vec<_> =
            rows.map(|row| (row.organization_id, row.kind, row.exact_name())).collect();
        let names = names.iter().map(|(organization, kind, name)| (*organization, *kind, name));
        let found = find_by_exact_name(exact, names);
        match (found.first(), found.len()) {
            (None, _) => FirmMatch::Unknown,
            (Some(organization), 1) => FirmMatch::One(*organization, ResolvedBy::Name),
            (Some(_), _) => FirmMatch::Several,
        }
    }

    fn numbers_of(&self, organization: OrganizationId) -> &[Identifier] {
        self.numbers.get(&organization).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Resolves the parties that are not resolved yet. An earlier resolution is never replaced, so a later
/// claim to the identifier changes nothing.
pub async fn resolve_pending_parties(
    db: &impl ConnectionTrait,
    parties: Vec<&mut ResolvedParty>,
    by: SearchBy,
    now: DateTime<Utc>,
) -> Result<()> {
    let pending = parties.into_iter().filter(|it| it.resolution.organization.is_none());
    let mut pending: Vec<&mut ResolvedParty> = pending.collect();
    if pending.is_empty() {
        return Ok(());
    }
    let found = {
        let named: Vec<NamedFirm<'_>> = pending.iter().map(|it| (&it.party).into()).collect();
        find_firms(db, &named, by).await?
    };
    for (party, found) in pending.iter_mut().zip(found) {
        if let FirmMatch::One(organization, method) = found {
            party.resolve(organization, method, now);
        }
    }
    Ok(())
}

/// Validates that no subcontractor is the organization that names it: that none is resolved to it, and
/// none has an identifier that it claims, including a disputed one. `subcontractors` is the path of the
/// list in the input.
///
/// # Errors
/// `Invalid` for each such entry.
pub async fn validate_subcontractors_are_others<'a>(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    named: impl Iterator<Item = &'a ResolvedParty>,
    subcontractors: &FieldPath,
) -> Result<()> {
    let mut errors = InputErrors::default();
    let fields = find_fields_naming(db, organization, named.collect()).await?;
    for (index, field) in fields.into_iter().enumerate() {
        if let Some(field) = field {
            let path = subcontractors.at(index).at(field);
            errors.add(&path, UserMessage::SubcontractorIdentifiesFirm);
        }
    }
    errors.finish()
}

/// As [`validate_subcontractors_are_others`], for one subcontractor at `path` in the input.
pub async fn validate_subcontractor_is_other(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    named: &ResolvedParty,
    path: &FieldPath,
) -> Result<()> {
    match find_fields_naming(db, organization, vec![named]).await?.pop().flatten() {
        Some(field) => {
            Err(Fault::invalid(&path.at(field), UserMessage::SubcontractorIdentifiesFirm))
        }
        None => Ok(()),
    }
}

/// Finds the field by which each of the parties names an organization; none if it is another one.
async fn find_fields_naming(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    named: Vec<&ResolvedParty>,
) -> Result<Vec<Option<&'static str>>> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let own = claims::list_claims_of(db, organization).await?;
    let own: HashSet<Identifier> = own.iter().map(identifier_of).collect();
    let group = super::load_group(db, organization).await?.ids_of(organization);
    let fields = named.into_iter().map(|ResolvedParty { party, resolution }| {
        if party.organization_id.is_some_and(|id| group.contains(&id)) {
            Some("organizationId")
        } else if party.identifier.as_ref().is_some_and(|it| own.contains(it)) {
            Some("identifier")
        } else {
            resolution.organization.is_some_and(|id| group.contains(&id)).then_some("name")
        }
    });
    Ok(fields.collect())
}

/// Returns those of `parties` that an organization may be chosen for, by position: it has the party's
/// identifier without a dispute, or the party's exact name and no other number of the same issuer.
pub async fn list_matching_parties(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    parties: &[&Party],
) -> Result<HashSet<usize>> {
    let own = claims::list_undisputed_claims_of(db, vec![organization.uuid()]).await?;
    let own: HashSet<Identifier> = own.iter().map(identifier_of).collect();
    let names = names::list_exact_names(db, vec![organization.uuid()]).await?;
    let names: Vec<&ExactName> = names.values().flatten().map(|(_, name)| name).collect();
    let matches = |party: &Party| {
        let given = party.identifier.as_ref();
        let has_number = given.is_some_and(|it| own.contains(it));
        let exact = ExactName::new(&party.name);
        party.organization_id == Some(organization)
            || has_number
            || (!has_other_number(&own, party.identifier.as_slice())
                && names.iter().any(|name| name.fits(&exact)))
    };
    let matching = parties.iter().enumerate().filter(|(_, party)| matches(party));
    Ok(matching.map(|(position, _)| position).collect())
}

//! The members and subcontractors of bids and contracts: validates, stores and resolves them, and locks
//! their organizations before an evaluation.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::SelectStatement;
use uuid::Uuid;

use crate::database::Tx;
use crate::decision::model::{
    NamedSubcontractor, NewlyResolved, Parties, PartyOwner, PartySource, Subcontractor,
    SubcontractorInput,
};
use crate::decision::store;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::money;
use crate::organization;
use crate::organization::model::{Identifier, OrganizationId, ResolvedParty};
use crate::organization::service::{SearchBy, resolve_pending_parties};
use crate::user_message::UserMessage;

/// The largest number of subcontractors of one bid or contract.
const MAX_SUBCONTRACTORS: usize = 500;

/// The subcontractors that an input names.
#[derive(Clone, Copy, Debug)]
pub struct SubcontractorList<'a> {
    pub owner: PartyOwner,
    /// The bidder or the contractor, which is no subcontractor of its own; none if it is not given.
    pub prime: Option<OrganizationId>,
    pub subcontractors: &'a [SubcontractorInput],
}

/// Validates and normalizes the subcontractors at `path`. The result is complete only if no error was
/// added.
pub fn validate_subcontractors(
    list: SubcontractorList<'_>,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Vec<NamedSubcontractor> {
    let SubcontractorList { owner, prime, subcontractors } = list;
    if subcontractors.len() > MAX_SUBCONTRACTORS {
        errors.add(path, UserMessage::SubcontractorsTooMany { max: MAX_SUBCONTRACTORS });
        return Vec::new();
    }
    let mut named = Vec::new();
    for (index, subcontractor) in subcontractors.iter().enumerate() {
        let at = path.at(index);
        let party = organization::service::validate_party(subcontractor.party(), &at, errors);
        if party.organization_id.is_some() && party.organization_id == prime {
            let message = match owner {
                PartyOwner::Bid => UserMessage::SubcontractorIsBidder,
                PartyOwner::Contract => UserMessage::SubcontractorIsContractor,
            };
            errors.add(&at.at("organizationId"), message);
        }
        let amount = money::validate_money(&subcontractor.amount, &at.at("amount"), errors);
        named.extend(amount.map(|amount| NamedSubcontractor { party, amount }));
    }
    named
}

/// Lists the subcontractors of subjects, in the order given. Subjects without any have no entry.
pub async fn list_subcontractors(
    db: &impl ConnectionTrait,
    owner: PartyOwner,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Subcontractor>>> {
    Ok(store::parties::list_subcontractors(db, owner, subjects).await?)
}

/// Lists the parties of subjects, as stored. Subjects without any have no entry.
pub async fn list_parties(
    db: &impl ConnectionTrait,
    owner: PartyOwner,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Parties>> {
    Ok(store::parties::list_parties(db, owner, subjects).await?)
}

/// Loads the parties of one subject, as stored; empty if it has none.
pub async fn load_parties(
    db: &impl ConnectionTrait,
    owner: PartyOwner,
    subject: Uuid,
) -> Result<Parties> {
    let mut parties = store::parties::list_parties(db, owner, vec![subject]).await?;
    Ok(parties.remove(&subject).unwrap_or_default())
}

/// Inserts the parties of new subjects, by the subject's identifier.
pub async fn insert_parties(
    tx: &Tx,
    owner: PartyOwner,
    parties: &[(Uuid, &Parties)],
) -> Result<()> {
    Ok(store::parties::insert_parties(tx, owner, parties).await?)
}

/// Replaces the members of the joint venture that holds a contract, after an assignment.
pub async fn replace_contract_members(
    tx: &Tx,
    contract: Uuid,
    members: &[ResolvedParty],
) -> Result<()> {
    Ok(store::parties::replace_contract_members(tx, contract, members).await?)
}

/// Stores new resolutions of a subject's parties. Only a person's choice replaces an existing one.
pub async fn save_resolutions(
    tx: &Tx,
    owner: PartyOwner,
    subject: Uuid,
    resolved: &NewlyResolved,
) -> Result<()> {
    Ok(store::parties::save_resolutions(tx, owner, subject, resolved).await?)
}

/// Selects the identifiers of the subjects that depend on one of the organizations as a party: one that
/// is resolved to it, or is unresolved and named with one of the identifiers. One subquery is for the
/// members and one for the subcontractors.
#[must_use]
pub fn select_subjects_naming(
    owner: PartyOwner,
    organizations: &[OrganizationId],
    identifiers: &[Identifier],
) -> [SelectStatement; 2] {
    store::parties::select_subjects_naming(owner, organizations, identifiers)
}

/// Resolves the parties of a subject that are not resolved yet: newly named ones by number or name,
/// stored ones by number alone.
pub async fn resolve_parties(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    named: PartySource<'_>,
    now: DateTime<Utc>,
) -> Result<Parties> {
    use SearchBy::{Number, NumberOrName};
    let (mut parties, members_by, subcontractors_by) = match named {
        PartySource::Stored(parties) => (parties.clone(), Number, Number),
        PartySource::Submitted(subcontractors) => {
            let subcontractors = subcontractors.iter().cloned();
            let subcontractors = subcontractors.map(|named| Subcontractor {
                party: ResolvedParty::unresolved(named.party, now),
                amount: named.amount,
            });
            let parties = Parties {
                members: current_members_of(db, organization, now).await?,
                subcontractors: subcontractors.collect(),
            };
            (parties, NumberOrName, NumberOrName)
        }
        PartySource::Assigned(parties) => {
            let parties = Parties {
                members: current_members_of(db, organization, now).await?,
                subcontractors: parties.subcontractors.clone(),
            };
            (parties, NumberOrName, Number)
        }
    };
    let Parties { members, subcontractors } = &mut parties;
    let members = members.iter_mut();
    let subcontractors = subcontractors.iter_mut().map(|it| &mut it.party);
    if members_by == subcontractors_by {
        let all = members.chain(subcontractors).collect();
        resolve_pending_parties(db, all, members_by, now).await?;
    } else {
        resolve_pending_parties(db, members.collect(), members_by, now).await?;
        resolve_pending_parties(db, subcontractors.collect(), subcontractors_by, now).await?;
    }
    Ok(parties)
}

async fn current_members_of(
    db: &impl ConnectionTrait,
    venture: OrganizationId,
    now: DateTime<Utc>,
) -> Result<Vec<ResolvedParty>> {
    Ok(list_current_members(db, vec![venture], now).await?.remove(&venture).unwrap_or_default())
}

/// Lists the current members of joint ventures, unresolved. Other organizations have no entry.
pub async fn list_current_members(
    db: &impl ConnectionTrait,
    ventures: Vec<OrganizationId>,
    now: DateTime<Utc>,
) -> Result<HashMap<OrganizationId, Vec<ResolvedParty>>> {
    if ventures.is_empty() {
        return Ok(HashMap::new());
    }
    let ventures = ventures.into_iter().map(OrganizationId::uuid).collect();
    let members =
        organization::service::load_joint_venture_members(db, ventures).await?.into_iter();
    let members = members.map(|(venture, members)| {
        let members = members.into_iter().map(|party| ResolvedParty::unresolved(party, now));
        (venture, members.collect())
    });
    Ok(members.collect())
}

/// Resolves a subject's parties, and locks every organization whose disclosure the evaluation
/// reads.
///
/// # Errors
/// `Conflict` if a party was resolved to another organization before the lock was held.
pub async fn lock_parties(
    tx: &Tx,
    organization: OrganizationId,
    named: PartySource<'_>,
    now: DateTime<Utc>,
) -> Result<Parties> {
    let before_lock = resolve_parties(&**tx, organization, named, now).await?;
    let locked: Vec<OrganizationId> =
        [organization].into_iter().chain(before_lock.organizations()).collect();
    organization::service::lock_organizations(tx, locked.clone()).await?;
    let parties = resolve_parties(&**tx, organization, named, now).await?;
    if parties.organizations().all(|id| locked.contains(&id)) {
        return Ok(parties);
    }
    Err(Fault::conflict("a firm that is named here has just registered; try again"))
}

//! Resolves a subject's parties to organizations and locks them before an evaluation.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use crate::database::Tx;
use crate::decision::model::{Parties, PartySource};
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::{OrganizationId, ResolvedParty};

/// Resolves the parties of a subject that are not resolved yet.
///
/// # Errors
/// A database fault.
pub async fn resolve_parties(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    named: PartySource<'_>,
    now: DateTime<Utc>,
) -> Result<Parties> {
    let mut parties = match named {
        PartySource::Stored(parties) => parties.clone(),
        PartySource::Submitted(subcontractors) => {
            let subcontractors = subcontractors.iter().cloned();
            let subcontractors = subcontractors
                .map(|(party, amount)| (ResolvedParty::unresolved(party, now), amount));
            Parties {
                members: current_members_of(db, organization, now).await?,
                subcontractors: subcontractors.collect(),
            }
        }
        PartySource::Assigned(parties) => Parties {
            members: current_members_of(db, organization, now).await?,
            subcontractors: parties.subcontractors.clone(),
        },
    };
    organization::service::resolve_pending_parties(db, parties.all_mut().collect(), now).await?;
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
///
/// # Errors
/// A database fault.
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
    Err(Fault::conflict("a firm that the bid names has just registered; submit it again"))
}

//! Whose disclosures a decision looks at: resolved, and locked before the decision is asked for.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use crate::database::Tx;
use crate::decision::model::{Named, Parties};
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::{OrganizationId, ResolvedParty};

/// Resolves whoever is named and not resolved yet.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn resolve_parties(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    named: Named<'_>,
    now: DateTime<Utc>,
) -> Result<Parties> {
    let mut parties = match named {
        Named::Kept(kept) => kept.clone(),
        Named::Submitted(subcontractors) => {
            let subcontractors = subcontractors.iter().cloned();
            let subcontractors = subcontractors
                .map(|(party, amount)| (ResolvedParty::unresolved(party, now), amount));
            Parties {
                members: venture_now(db, organization, now).await?,
                subcontractors: subcontractors.collect(),
            }
        }
        Named::Assigned(kept) => Parties {
            members: venture_now(db, organization, now).await?,
            subcontractors: kept.subcontractors.clone(),
        },
    };
    organization::service::resolve_pending(db, parties.all_mut().collect(), now).await?;
    Ok(parties)
}

async fn venture_now(
    db: &impl ConnectionTrait,
    venture: OrganizationId,
    now: DateTime<Utc>,
) -> Result<Vec<ResolvedParty>> {
    Ok(members_now(db, vec![venture], now).await?.remove(&venture).unwrap_or_default())
}

/// The members that joint ventures name now, none of them resolved; other organizations are not in
/// it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn members_now(
    db: &impl ConnectionTrait,
    ventures: Vec<OrganizationId>,
    now: DateTime<Utc>,
) -> Result<HashMap<OrganizationId, Vec<ResolvedParty>>> {
    if ventures.is_empty() {
        return Ok(HashMap::new());
    }
    let ventures = ventures.into_iter().map(OrganizationId::uuid).collect();
    let members = organization::service::members_of(db, ventures).await?.into_iter();
    let members = members.map(|(venture, members)| {
        let members = members.into_iter().map(|party| ResolvedParty::unresolved(party, now));
        (venture, members.collect())
    });
    Ok(members.collect())
}

/// Resolves whoever is named, and locks everybody whose disclosure the decision looks at, before it
/// is asked for.
///
/// # Errors
/// `Conflict` if somebody else came to bear a party's identifier at this moment.
pub async fn lock_parties(
    tx: &Tx,
    organization: OrganizationId,
    named: Named<'_>,
    now: DateTime<Utc>,
) -> Result<Parties> {
    let seen = resolve_parties(&**tx, organization, named, now).await?;
    let everybody: Vec<OrganizationId> =
        [organization].into_iter().chain(seen.organizations()).collect();
    organization::service::lock(tx, everybody.clone()).await?;
    let parties = resolve_parties(&**tx, organization, named, now).await?;
    if parties.organizations().all(|one| everybody.contains(&one)) {
        return Ok(parties);
    }
    Err(Fault::conflict("somebody whom the bid names registered at this moment; submit it again"))
}

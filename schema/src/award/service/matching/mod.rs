//! Holding organizations against the recipients of awards.
mod changes;
mod sightings;

pub(super) use changes::{said, told};

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use self::changes::{Case, Changes};
use self::sightings::{Seen, sightings};
use super::recipients::Recipients;
use super::store;
use crate::award::entity::award::Model as AwardRow;
use crate::award::entity::found::Model as MatchRow;
use crate::award::model::AwardId;
use crate::compute::Compute;
use crate::database::Database;
use crate::disclosure;
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::OrganizationId;
use crate::organization::service::Include;

/// Holds some organizations against the recipients as they are now, and what is found against
/// their disclosures. Answers how many matches are new or changed. With `noting`, what hangs on an
/// organization whose matches changed is noted to be looked at again.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn match_organizations(
    db: &Database,
    now: DateTime<Utc>,
    ids: Vec<OrganizationId>,
    noting: bool,
) -> Result<u64> {
    let recipients = Recipients::current(db).await?;
    let revision = recipients.revision();
    if revision == 0 {
        // Nothing was ever imported.
        return Ok(0);
    }
    let include = Include { identifiers: true, joint_venture_members: true, members: false };
    let uuids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let firms = organization::service::by_ids(&db.read, uuids.clone(), include).await?;
    let firms = Arc::new(firms);
    let searched = Arc::clone(&firms);
    let search = move || {
        let found = searched.iter().map(|(id, firm)| Ok((*id, sightings(&recipients, firm)?)));
        found.collect::<Result<HashMap<_, _>>>()
    };
    let sought = db.cached::<Compute>().run_for_service(search).await??;
    let seen = Seen::read(db, &sought).await?;
    let tx = db.begin().await?;
    let locked = organization::service::lock(&tx, ids.clone()).await?;
    // One that was changed meanwhile is noted, and held against them again; and who knew more of
    // the recipients than was known here may have come first.
    let ahead = store::waiting::list_matched_after(&*tx, uuids.clone(), revision).await?;
    let same = locked.iter().filter(|row| {
        let is_same = firms.get(&row.id).is_some_and(|it| it.row.updated_at == row.updated_at);
        is_same && !ahead.contains(&row.id)
    });
    let same: HashSet<OrganizationId> = same.map(|row| row.id).collect();
    let mut known = HashMap::<OrganizationId, Vec<MatchRow>>::new();
    for row in store::matches::list_by_organizations(&*tx, uuids.clone()).await? {
        known.entry(row.organization_id).or_default().push(row);
    }
    // Matches that are not found any more stand on awards that were not read yet.
    let others = known.values().flatten().map(|row| row.award_id);
    let others = others.filter(|id| !seen.awards.contains_key(id)).map(AwardId::uuid).collect();
    let others = store::awards::by_ids(&*tx, others).await?;
    let others: HashMap<AwardId, AwardRow> = others.into_iter().map(|it| (it.id, it)).collect();
    let mut agreements = disclosure::service::agreements_on_file(&*tx, uuids).await?;
    let mut changes = Changes::default();
    for id in &same {
        let Some(firm) = firms.get(id) else { continue };
        let on_file = agreements.remove(id);
        let known = known.remove(id).unwrap_or_default();
        let case = Case { now, firm, on_file: on_file.as_ref() };
        let found = seen.found(sought.get(id).map_or(&[], Vec::as_slice));
        changes.of(&case, known, found, |award| {
            seen.awards.get(&award).or_else(|| others.get(&award))
        });
    }
    let written = changes.write(&tx, now, noting).await?;
    let same: Vec<OrganizationId> = same.into_iter().collect();
    store::waiting::save_progress(&tx, &same, revision).await?;
    tx.commit().await?;
    Ok(written)
}

/// Holds against the recipients every organization that was not yet, or not since the recipients
/// changed; `told` hears how many are done. Answers how many matches are new or changed.
///
/// # Errors
/// As [`match_organizations`].
pub async fn catch_up(db: &Database, now: DateTime<Utc>, mut told: impl FnMut(u64)) -> Result<u64> {
    const BATCH: u64 = 200;
    let revision = store::recipients::revision(&db.read).await?;
    if revision == 0 {
        return Ok(0);
    }
    // Whoever asks next finds the index ready.
    Recipients::current(db).await?;
    let (mut after, mut done, mut changed) = (None, 0, 0);
    loop {
        let behind = store::waiting::list_backlog(&db.read, revision, after, BATCH).await?;
        let Some(last) = behind.last() else { return Ok(changed) };
        after = Some(*last);
        done += u64::try_from(behind.len()).unwrap_or(u64::MAX);
        changed += together_or_each(db, now, behind).await?;
        told(done);
    }
}

/// Holds organizations against the recipients: together, or one by one if that fails, so that one
/// that fails keeps no other waiting. What fails is logged, and left to the next sweep.
async fn together_or_each(
    db: &Database,
    now: DateTime<Utc>,
    ids: Vec<OrganizationId>,
) -> Result<u64> {
    match match_organizations(db, now, ids.clone(), true).await {
        Err(Fault::Unavailable(outage)) => return Err(Fault::Unavailable(outage)),
        Ok(changed) => return Ok(changed),
        Err(_) => {}
    }
    let mut changed = 0;
    for id in ids {
        match match_organizations(db, now, vec![id], true).await {
            Ok(one) => changed += one,
            Err(fault) => tracing::error!(organization = %id, ?fault, "its awards are unknown"),
        }
    }
    Ok(changed)
}

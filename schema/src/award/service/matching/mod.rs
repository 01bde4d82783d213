//! Matches organizations with the recipients of awards.
mod candidates;
mod changes;

pub(super) use changes::{apply_coverage, ledger_data};

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use self::candidates::{CandidateAwards, find_candidates};
use self::changes::{MatchChanges, MatchContext};
use super::recipient_index::RecipientIndex;
use super::store;
use crate::award::entity::award::Model as AwardRow;
use crate::award::model::{AwardId, AwardMatch};
use crate::award::rules::{FirmMatches, select_counting};
use crate::compute::Compute;
use crate::database::Database;
use crate::disclosure;
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::OrganizationId;
use crate::organization::service::OrganizationInclude;

/// Whether changed matches queue a re-evaluation of what depends on their organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reevaluation {
    /// Queues it.
    Enqueue,
    /// The caller re-evaluates the organization itself.
    Skip,
}

/// Matches organizations with the current recipients and compares the awards with their disclosures.
/// Returns the number of new or changed matches. Queues re-evaluation of what depends on the changed
/// organizations, unless `reevaluation` says otherwise.
///
/// # Errors
/// Database faults, or a fault of the compute pool.
pub async fn match_organizations(
    db: &Database,
    now: DateTime<Utc>,
    ids: Vec<OrganizationId>,
    reevaluation: Reevaluation,
) -> Result<u64> {
    let recipients = RecipientIndex::refreshed(db).await?;
    let revision = recipients.revision();
    if revision == 0 {
        // No award was ever imported.
        return Ok(0);
    }
    let include =
        OrganizationInclude { identifiers: true, joint_venture_members: true, members: false };
    let asked = ids.iter().map(|id| id.uuid()).collect();
    let mut firms = organization::service::load_organizations(&db.read, asked, include).await?;
    // The organization that another was merged into is matched for both.
    let survivors = firms.values().filter_map(|firm| firm.row.merged_into);
    let survivors: Vec<Uuid> =
        survivors.filter(|id| !firms.contains_key(id)).map(OrganizationId::uuid).collect();
    firms.retain(|_, firm| firm.row.merged_into.is_none());
    if !survivors.is_empty() {
        firms
            .extend(organization::service::load_organizations(&db.read, survivors, include).await?);
    }
    let ids: Vec<OrganizationId> = firms.keys().copied().collect();
    let uuids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let firms = Arc::new(firms);
    let searched = Arc::clone(&firms);
    let search = move || {
        let found =
            searched.iter().map(|(id, firm)| Ok((*id, find_candidates(&recipients, firm)?)));
        found.collect::<Result<HashMap<_, _>>>()
    };
    let candidates = db.cached::<Compute>().run_for_service(search).await??;
    let candidate_awards = CandidateAwards::load(db, &candidates).await?;
    let tx = db.begin().await?;
    let locked = organization::service::lock_organizations(&tx, ids.clone()).await?;
    // An organization that changed during the search stays in the backlog and is matched again. One
    // that another process matched against a later revision needs nothing.
    let matched_later =
        store::backlog::list_matched_since(&*tx, uuids.clone(), revision + 1).await?;
    let unchanged = locked.iter().filter(|row| {
        let is_unchanged = firms.get(&row.id).is_some_and(|it| it.row.updated_at == row.updated_at);
        is_unchanged && row.merged_into.is_none() && !matched_later.contains(&row.id)
    });
    let unchanged: HashSet<OrganizationId> = unchanged.map(|row| row.id).collect();
    let groups = organization::service::load_groups(&*tx, uuids).await?;
    let mut stored = HashMap::<OrganizationId, Vec<AwardMatch>>::new();
    for row in store::matches::list_by_organizations(&*tx, groups.all_uuids()).await? {
        stored.entry(groups.survivor_of(row.organization_id)).or_default().push(row);
    }
    // Stored matches without a current candidate may refer to awards that are not loaded yet.
    let others = stored.values().flatten().map(|row| row.award_id);
    let others =
        others.filter(|id| !candidate_awards.awards.contains_key(id)).map(AwardId::uuid).collect();
    let others = store::awards::list_by_ids(&*tx, others).await?;
    let other_awards: HashMap<AwardId, AwardRow> =
        others.into_iter().map(|it| (it.id, it)).collect();
    let mut agreements = disclosure::service::load_agreements_on_file(&*tx, &groups).await?;
    let mut changes = MatchChanges::default();
    for id in &unchanged {
        let Some(firm) = firms.get(id) else { continue };
        let on_file = agreements.remove(id);
        let FirmMatches { counting: stored_rows, others } =
            select_counting(stored.remove(id).unwrap_or_default(), *id);
        let case = MatchContext { now, firm, on_file: on_file.as_ref() };
        let found = candidate_awards.list_for(candidates.get(id).map_or(&[], Vec::as_slice));
        changes.add_organization(&case, stored_rows, found, |award| {
            candidate_awards.awards.get(&award).or_else(|| other_awards.get(&award))
        });
        changes.add_duplicates(&case, others);
    }
    let change_count = changes.save(&tx, now, reevaluation).await?;
    let matched: Vec<OrganizationId> = unchanged.into_iter().collect();
    store::backlog::save_progress(&tx, &matched, revision).await?;
    tx.commit().await?;
    Ok(change_count)
}

/// Matches every organization that has not been matched since the recipients changed. Calls
/// `on_progress` with the number of organizations done. Returns the number of new or changed matches.
///
/// # Errors
/// As [`match_organizations`].
pub async fn match_backlog(
    db: &Database,
    now: DateTime<Utc>,
    mut on_progress: impl FnMut(u64),
) -> Result<u64> {
    const ORGANIZATIONS_PER_BATCH: usize = 200;
    // Many batches at once: on PostgreSQL each list may read the progress of all earlier organizations.
    const ORGANIZATIONS_PER_LIST: u64 = 10_000;
    let revision = store::recipients::load_revision(&db.read).await?;
    if revision == 0 {
        return Ok(0);
    }
    // Refreshes the index once, before the first batch.
    RecipientIndex::refreshed(db).await?;
    let (mut after, mut done, mut changed) = (None, 0, 0);
    loop {
        let listing =
            store::backlog::list_backlog(&db.read, revision, after, ORGANIZATIONS_PER_LIST);
        let listed = listing.await?;
        let Some(end) = listed.last() else { return Ok(changed) };
        after = Some(*end);
        for batch in listed.chunks(ORGANIZATIONS_PER_BATCH) {
            // Another process may have matched some since they were listed.
            let uuids = batch.iter().map(|id| id.uuid()).collect();
            let matched = store::backlog::list_matched_since(&db.read, uuids, revision).await?;
            let left: Vec<OrganizationId> =
                batch.iter().filter(|id| !matched.contains(id)).copied().collect();
            if !left.is_empty() {
                changed += match_batch(db, now, &left).await?;
            }
            done += u64::try_from(batch.len()).unwrap_or(u64::MAX);
            on_progress(done);
        }
    }
}

/// Matches organizations together, or one by one if that fails, so that one failure does not block
/// the others. A failure is logged and retried by the next sweep.
async fn match_batch(db: &Database, now: DateTime<Utc>, ids: &[OrganizationId]) -> Result<u64> {
    match match_organizations(db, now, ids.to_vec(), Reevaluation::Enqueue).await {
        Err(Fault::Unavailable(outage)) => return Err(Fault::Unavailable(outage)),
        Ok(changed) => return Ok(changed),
        Err(_) => {}
    }
    let mut changed = 0;
    for id in ids {
        match match_organizations(db, now, vec![*id], Reevaluation::Enqueue).await {
            Ok(count) => changed += count,
            Err(fault) => {
                tracing::error!(organization = %id, ?fault, "matching an organization with federal awards failed");
            }
        }
    }
    Ok(changed)
}

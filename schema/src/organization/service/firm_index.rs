//! An in-memory index of the names of all organizations, shared by all requests of a process.
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use candor_matcher::{Index, Profile, Record, RecordId, Relation};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::resolution::{FirmMatch, NamedFirm, SearchBy, find_firms};
use super::store::{self, names};
use crate::compute::Compute;
use crate::database::Database;
use crate::fault::{FieldPath, Result};
use crate::gate::MatchBand;
use crate::organization::entity::organization;
use crate::organization::model::{Identifier, OrganizationId, Viewer};
use crate::organization::rules;

/// The number of organizations indexed under one write lock; it bounds how long a search waits.
const ORGANIZATIONS_PER_BATCH: u64 = 500;
/// How far before the last change that it has seen the index reads again: a change is committed later than
/// its time, and clocks of several processes differ.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);
/// The least score of a candidate. A person looks at each below a match, and a list's names are shortened.
const MIN_CANDIDATE_SCORE: f32 = 0.1;
/// The shortest text of a suggestion, in letters and digits.
const MIN_SUGGEST_CHARS: usize = 2;

/// A search index of every organization's names, cached with the database and refreshed on use.
#[derive(Debug, Default)]
struct FirmIndex {
    /// Held during a refresh, so that only one runs at a time.
    refresh_lock: Mutex<()>,
    state: RwLock<IndexState>,
}

#[derive(Debug, Default)]
struct IndexState {
    index: Index,
    /// The organizations by their record number in `index`.
    ids: Vec<OrganizationId>,
    /// The record of each organization, with the change up to which it is current.
    numbers: HashMap<OrganizationId, (RecordId, DateTime<Utc>)>,
    /// The last change of all.
    newest: Option<DateTime<Utc>>,
}

impl FirmIndex {
    /// Returns the database's index, with every change committed before the call.
    async fn refreshed(db: &Database) -> Result<Arc<Self>> {
        let firms = db.cached::<Self>();
        firms.refresh(db).await?;
        Ok(firms)
    }

    async fn refresh(self: &Arc<Self>, db: &Database) -> Result<()> {
        let _refreshing = self.refresh_lock.lock().await;
        let newest = self.state.read().unwrap_or_else(PoisonError::into_inner).newest;
        let since = newest.map(|newest| newest - OVERLAP);
        let mut after = None;
        loop {
            let rows = names::list_changed_since(&db.read, since, after, ORGANIZATIONS_PER_BATCH);
            let rows = rows.await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(last.id.uuid());
            let firms = Arc::clone(self);
            let upsert_rows = move || {
                let mut state = firms.state.write().unwrap_or_else(PoisonError::into_inner);
                for row in &rows {
                    state.upsert(row);
                }
            };
            db.cached::<Compute>().run_for_service(upsert_rows).await?;
        }
    }

    fn search(&self, profile: &Profile, limit: usize) -> Vec<Hit> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let best = state.index.search(profile, limit, MIN_CANDIDATE_SCORE).into_iter();
        let best = best.filter(|best| best.relation == Relation::Same);
        let hits = best.flat_map(|best| {
            // Records that share a code are one firm to the matcher; here each is an organization.
            let records = state.index.same_firm(best.record).take(limit).collect::<Vec<_>>();
            let ids = records.into_iter().filter_map(|it| state.ids.get(it.number() as usize));
            let hit = |id: &OrganizationId| Hit { id: *id, score: best.score, band: best.band };
            ids.map(hit).collect::<Vec<_>>()
        });
        hits.take(limit).collect()
    }
}

impl IndexState {
    fn upsert(&mut self, row: &organization::Model) {
        self.newest = Ord::max(self.newest, Some(row.updated_at));
        let aliases = names::names_of(row).into_iter().skip(1);
        let record = Record {
            name: row.legal_name.clone(),
            aliases: aliases.map(|(_, name)| name.to_owned()).collect(),
            city: row.address.as_ref().map(|address| address.city.clone()),
            state: row.address.as_ref().and_then(|address| address.region.clone()),
            ..Record::default()
        };
        match self.numbers.get_mut(&row.id) {
            Some((_, current)) if *current == row.updated_at => {}
            Some((number, current)) => {
                *current = row.updated_at;
                self.index.replace(*number, &record);
            }
            None => {
                let number = self.index.insert(&record);
                self.ids.push(row.id);
                self.numbers.insert(row.id, (number, row.updated_at));
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Hit {
    id: OrganizationId,
    score: f32,
    band: Option<MatchBand>,
}

/// What a firm is looked up by.
#[derive(Clone, Debug)]
pub struct FirmQuery {
    /// Its name, and where it is.
    pub record: Record,
    /// Its numbers. One that the City knows finds its bearer whatever the name is.
    pub numbers: Vec<Identifier>,
}

/// An organization that a query may mean.
#[derive(Clone, Debug)]
pub struct NamedOrganization {
    pub id: OrganizationId,
    pub name: String,
    pub city: Option<String>,
    pub region: Option<String>,
    /// From 0 to 1.
    pub score: f32,
    /// `Exact` if a number found it.
    pub band: Option<MatchBand>,
}

impl NamedOrganization {
    fn new(row: organization::Model, score: f32, band: Option<MatchBand>) -> Self {
        let (city, region) = row.address.map(|it| (it.city, it.region)).unzip();
        Self { id: row.id, name: row.legal_name, city, region: region.flatten(), score, band }
    }
}

/// Returns for each query up to `limit` organizations that it may mean, best first. An organization that
/// was merged stands for the one that took it over.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports, and as [`Compute::run`].
#[tracing::instrument(skip_all, fields(queries = queries.len()))]
pub async fn match_organization_names(
    db: &Database,
    viewer: &Viewer,
    queries: Vec<FirmQuery>,
    limit: usize,
) -> Result<Vec<Vec<NamedOrganization>>> {
    viewer.reading_exports()?;
    let firms = FirmIndex::refreshed(db).await?;
    let named: Vec<NamedFirm<'_>> = queries
        .iter()
        .map(|query| NamedFirm { organization_id: None, identifiers: &query.numbers, name: "" })
        .collect();
    let numbered = find_firms(&db.read, &named, SearchBy::Number).await?;
    let records: Vec<Record> = queries.iter().map(|query| query.record.clone()).collect();
    let search = move || {
        let search = |record: &Record| firms.search(&Profile::new(record), limit);
        records.iter().map(search).collect::<Vec<_>>()
    };
    let hits = db.cached::<Compute>().run(&viewer.subject, search).await?;
    let hits = hits.into_iter().zip(numbered).map(|(hits, numbered)| {
        let bearer = match numbered {
            FirmMatch::One(id, _) => Some(Hit { id, score: 1.0, band: Some(MatchBand::Exact) }),
            FirmMatch::Several | FirmMatch::Disputed | FirmMatch::Unknown => None,
        };
        bearer.into_iter().chain(hits).collect::<Vec<_>>()
    });
    let hits: Vec<Vec<Hit>> = hits.collect();
    let rows = load_survivors(db, hits.iter().flatten().map(|hit| hit.id.uuid()).collect()).await?;
    let named = hits.into_iter().map(|hits| {
        let mut named: Vec<NamedOrganization> = Vec::new();
        for hit in hits {
            let Some(row) = rows.get(&hit.id) else { continue };
            if named.len() < limit && named.iter().all(|known| known.id != row.id) {
                named.push(NamedOrganization::new(row.clone(), hit.score, hit.band));
            }
        }
        named
    });
    Ok(named.collect())
}

/// Loads organizations by id: for a merged one the organization that took it over.
async fn load_survivors(
    db: &Database,
    ids: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, organization::Model>> {
    let rows = store::load_by_ids(&db.read, ids).await?;
    let survivors = rows.iter().filter_map(|row| row.merged_into).map(OrganizationId::uuid);
    let survivors: Vec<Uuid> = survivors.collect();
    let survivors = if survivors.is_empty() {
        HashMap::new()
    } else {
        let rows = store::load_by_ids(&db.read, survivors).await?;
        rows.into_iter().map(|row| (row.id, row)).collect()
    };
    let survivor = |row: organization::Model| match row.merged_into {
        Some(into) => Some((row.id, survivors.get(&into)?.clone())),
        None => Some((row.id, row)),
    };
    Ok(rows.into_iter().filter_map(survivor).collect())
}

/// Returns up to `limit` organizations with names that begin with the words of a text, by legal name.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports, `Invalid` for a text of fewer than
/// two letters or digits.
#[tracing::instrument(skip_all)]
pub async fn suggest_organizations(
    db: &Database,
    viewer: &Viewer,
    text: &str,
    limit: u64,
) -> Result<Vec<NamedOrganization>> {
    viewer.reading_exports()?;
    let path = FieldPath::argument("prefix");
    let text = rules::validate_search_text(text, MIN_SUGGEST_CHARS, &path)?;
    let rows = store::find_parties(&db.read, text, limit).await?;
    Ok(rows.into_iter().map(|row| NamedOrganization::new(row, 1.0, None)).collect())
}

/// An organization's name, place and undisputed numbers.
#[derive(Clone, Debug)]
pub struct OrganizationCard {
    pub organization: NamedOrganization,
    pub numbers: Vec<Identifier>,
}

/// Returns what identifies an organization; none if there is no such one.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports.
#[tracing::instrument(skip_all, fields(%id))]
pub async fn find_organization_card(
    db: &Database,
    viewer: &Viewer,
    id: OrganizationId,
) -> Result<Option<OrganizationCard>> {
    viewer.reading_exports()?;
    let Some(row) = load_survivors(db, vec![id.uuid()]).await?.remove(&id) else {
        return Ok(None);
    };
    let claims = store::claims::list_undisputed_claims_of(&db.read, vec![row.id.uuid()]).await?;
    let mut numbers: Vec<Identifier> =
        claims.into_iter().map(|it| Identifier { scheme: it.scheme, id: it.value }).collect();
    numbers.sort_by_key(|number| (number.scheme, number.id.clone()));
    Ok(Some(OrganizationCard { organization: NamedOrganization::new(row, 1.0, None), numbers }))
}

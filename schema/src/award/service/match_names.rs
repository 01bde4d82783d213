//! Matches many names with the recipients of federal awards at once.
use std::collections::HashMap;

use candor_matcher::{Profile, Record, Relation};

use super::recipient_index::{RecipientHit, RecipientIndex};
use super::store;
use crate::award::entity::recipient;
use crate::award::model::RecipientId;
use crate::compute::Compute;
use crate::database::Database;
use crate::fault::Result;
use crate::gate::MatchBand;
use crate::organization::model::Viewer;

/// The least score of a candidate. A person looks at each below a match, and a list's names are shortened,
/// so that it is far below what screening lists.
const MIN_CANDIDATE_SCORE: f32 = 0.1;

/// A recipient of federal awards that a name may belong to.
#[derive(Clone, Debug)]
pub struct NamedRecipient {
    pub id: RecipientId,
    pub name: String,
    pub city: Option<String>,
    pub state: Option<String>,
    pub uei: Option<String>,
    /// From 0 to 1.
    pub score: f32,
    pub band: Option<MatchBand>,
}

impl NamedRecipient {
    fn new(row: recipient::Model, score: f32, band: Option<MatchBand>) -> Self {
        let uei = Some(row.uei).filter(|uei| !uei.is_empty());
        let recipient::Model { id, name, city, state, .. } = row;
        Self { id, name, city, state, uei, score, band }
    }
}

/// Returns for each record up to `limit` recipients that are probably the same firm, best first, each firm
/// once.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports, and as [`Compute::run`].
#[tracing::instrument(skip_all, fields(records = records.len()))]
pub async fn match_recipients(
    db: &Database,
    viewer: &Viewer,
    records: Vec<Record>,
    limit: usize,
) -> Result<Vec<Vec<NamedRecipient>>> {
    viewer.reading_exports()?;
    let recipients = RecipientIndex::refreshed(db).await?;
    let search = move || {
        let search =
            |record: &Record| recipients.search(&Profile::new(record), limit, MIN_CANDIDATE_SCORE);
        records.iter().map(search).collect::<Vec<_>>()
    };
    let mut hits = db.cached::<Compute>().run(&viewer.subject, search).await?;
    for hits in &mut hits {
        hits.retain(|hit| hit.best.relation == Relation::Same);
    }
    let first = |hit: &RecipientHit| hit.recipients.first().copied();
    let ids = hits.iter().flatten().filter_map(first).map(RecipientId::uuid).collect();
    let rows = store::recipients::list_by_ids(&db.read, ids).await?;
    let rows: HashMap<RecipientId, recipient::Model> =
        rows.into_iter().map(|row| (row.id, row)).collect();
    let named = hits.iter().map(|hits| {
        let named = hits.iter().filter_map(|hit| {
            let row = rows.get(&first(hit)?)?.clone();
            Some(NamedRecipient::new(row, hit.best.score, hit.best.band))
        });
        named.collect()
    });
    Ok(named.collect())
}

/// Finds a recipient by its id.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports.
#[tracing::instrument(skip_all, fields(%id))]
pub async fn find_recipient(
    db: &Database,
    viewer: &Viewer,
    id: RecipientId,
) -> Result<Option<NamedRecipient>> {
    viewer.reading_exports()?;
    let row = store::recipients::list_by_ids(&db.read, vec![id.uuid()]).await?.pop();
    Ok(row.map(|row| NamedRecipient::new(row, 1.0, None)))
}

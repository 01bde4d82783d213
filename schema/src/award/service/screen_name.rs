//! Searches the recipients of federal awards by name.
use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::queries::{AwardWithRecipient, load_recipients_of};
use super::recipient_index::{RecipientHit, RecipientIndex};
use super::store;
use super::store::awards::AwardTotals;
use crate::award::model::{Evidence, NameInput, RecipientId};
use crate::award::rules::relation_scope;
use crate::compute::Compute;
use crate::database::Database;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{DhsComponent, EntityScope, MatchBand};
use crate::organization::model::Viewer;
use crate::preloaded::Preloaded;
use crate::text::{MAX_LINE_CHARS, validate_optional, validate_required};
use crate::user_message::UserMessage;
use candor_matcher::{Profile, Record};

/// The maximum number of firms in one result.
const MAX_FIRMS: i32 = 100;

/// How much a name search returns.
#[derive(Clone, Copy, Debug)]
pub struct NameSearch {
    /// The maximum number of firms, 1 to 100.
    pub limit: i32,
    /// The minimum score, in [0, 1].
    pub min_score: f64,
    /// Whether to load each firm's awards.
    pub includes_awards: bool,
}

/// A firm among the recipients that the name may belong to.
#[derive(Clone, Debug)]
pub struct ScreenedFirm {
    /// The best matching name.
    pub name: String,
    /// All of the firm's names in the award data.
    pub names: Vec<String>,
    pub uei: Option<String>,
    /// From 0 to 1.
    pub score: f32,
    /// `None` below [`POSSIBLE_SCORE`](candor_matcher::POSSIBLE_SCORE).
    pub band: Option<MatchBand>,
    pub relation: EntityScope,
    pub reasons: Evidence,
    pub components: BTreeSet<DhsComponent>,
    /// The number of the firm's awards with the Department of Homeland Security, under all names.
    pub award_count: i64,
    /// The obligated total of these awards in US cents.
    pub obligated_cents: i64,
    /// The day of the first known action on these awards.
    pub first_on: Option<NaiveDate>,
    /// The day of the last known action on these awards.
    pub last_on: Option<NaiveDate>,
    /// The awards, earliest signed first.
    pub awards: Preloaded<Vec<AwardWithRecipient>>,
}

/// Returns the recipients most similar to a name, best first.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff, `Invalid` without a name or with a limit or score out
/// of range, and as [`Compute::run`].
#[tracing::instrument(skip_all)]
pub async fn screen_name(
    db: &Database,
    viewer: &Viewer,
    input: &NameInput,
    NameSearch { limit, min_score, includes_awards }: NameSearch,
) -> Result<Vec<ScreenedFirm>> {
    viewer.require_staff("only City staff may screen names")?;
    let mut errors = InputErrors::default();
    let path = |name: &str| FieldPath::argument(name);
    let name = validate_required(&input.name, MAX_LINE_CHARS, &path("name"), &mut errors);
    let mut optional_text = |text: &Option<String>, name: &str| {
        let text = validate_optional(
            text.as_deref().unwrap_or_default(),
            MAX_LINE_CHARS,
            &path(name),
            &mut errors,
        );
        (!text.is_empty()).then_some(text)
    };
    let record = Record {
        uei: optional_text(&input.uei, "uei"),
        city: optional_text(&input.city, "city"),
        state: optional_text(&input.state, "state"),
        ..Record::from_name(name)
    };
    if !(1..=MAX_FIRMS).contains(&limit) {
        errors.add(&path("limit"), UserMessage::NameLimitInvalid { max: MAX_FIRMS });
    }
    if !(0.0..=1.0).contains(&min_score) {
        errors.add(&path("minScore"), UserMessage::ScoreInvalid);
    }
    errors.finish()?;
    let recipients = RecipientIndex::refreshed(db).await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let search = move || recipients.search(&Profile::new(&record), limit, to_f32(min_score));
    let hits = db.cached::<Compute>().run(&viewer.subject, search).await?;
    load_screened_firms(db, viewer, hits, includes_awards).await
}

#[expect(clippy::cast_possible_truncation, reason = "a score needs no more than 24 bits")]
fn to_f32(score: f64) -> f32 {
    score as f32
}

async fn load_screened_firms(
    db: &Database,
    viewer: &Viewer,
    hits: Vec<RecipientHit>,
    includes_awards: bool,
) -> Result<Vec<ScreenedFirm>> {
    let ids: Vec<Uuid> = hits.iter().flat_map(|hit| &hit.recipients).map(|id| id.uuid()).collect();
    let rows = store::recipients::list_by_ids(&db.read, ids.clone()).await?;
    let rows: HashMap<RecipientId, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut totals = HashMap::<RecipientId, Vec<AwardTotals>>::new();
    for total in store::awards::sum_by_recipient_and_component(&db.read, ids.clone()).await? {
        totals.entry(total.recipient_id).or_default().push(total);
    }
    let mut awards = HashMap::<RecipientId, Vec<AwardWithRecipient>>::new();
    if includes_awards {
        let rows = store::awards::list_visible_by_recipients(&db.read, viewer, ids).await?;
        for award in load_recipients_of(&db.read, rows).await?.into_values() {
            awards.entry(award.row.recipient_id).or_default().push(award);
        }
    }
    let firms = hits.into_iter().map(|RecipientHit { best, recipients }| {
        let rows_of_firm: Vec<_> = recipients.iter().filter_map(|id| rows.get(id)).collect();
        let first = rows_of_firm.first().ok_or(Fault::NotFound)?;
        let ueis = rows_of_firm.iter().map(|row| &row.uei).filter(|uei| !uei.is_empty());
        let mut names: Vec<String> = Vec::new();
        for name in
            rows_of_firm.iter().flat_map(|row| [&row.name].into_iter().chain(&row.other_names.0))
        {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let totals: Vec<&AwardTotals> =
            recipients.iter().filter_map(|id| totals.get(id)).flatten().collect();
        let obligated = totals.iter().filter_map(|total| total.obligated_cents);
        let mut own_awards: Vec<AwardWithRecipient> =
            recipients.iter().flat_map(|id| awards.remove(id).unwrap_or_default()).collect();
        own_awards.sort_by_key(|award| (award.row.signed_on, award.row.id));
        Ok(ScreenedFirm {
            name: first.name.clone(),
            names,
            uei: ueis.map(ToString::to_string).next(),
            score: best.score,
            band: best.band,
            relation: relation_scope(best.relation),
            reasons: Evidence::from(&best.reasons[..]),
            components: totals.iter().map(|total| total.component).collect(),
            award_count: totals.iter().map(|total| total.award_count).sum(),
            obligated_cents: obligated.fold(0, i64::saturating_add),
            first_on: totals.iter().filter_map(|total| total.first_on).min(),
            last_on: totals.iter().filter_map(|total| total.last_on).max(),
            awards: Preloaded::if_requested(includes_awards, || own_awards),
        })
    });
    firms.collect()
}

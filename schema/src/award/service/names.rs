//! Looking a name up among the recipients of federal awards.
use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::recipients::{Hit, Recipients};
use super::show::{Award, with_recipients};
use super::store;
use super::store::awards::AwardTotals;
use crate::award::matcher::{Profile, Record};
use crate::award::model::{Evidence, NameInput, RecipientId};
use crate::award::rules::scope_of;
use crate::compute::Compute;
use crate::database::Database;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{DhsComponent, EntityScope, MatchBand};
use crate::organization::model::Viewer;
use crate::preloaded::Preloaded;
use crate::text::{MAX_LINE_CHARS, validate_optional, validate_required};

/// The most firms that one look-up answers.
const MOST: i32 = 100;

/// A firm among the recipients that a name may be.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name that matches best.
    pub name: String,
    /// All names that the award data has for the firm.
    pub names: Vec<String>,
    pub uei: Option<String>,
    /// From 0 to 1.
    pub score: f32,
    /// None if nothing speaks for it.
    pub band: Option<MatchBand>,
    pub relation: EntityScope,
    pub reasons: Evidence,
    pub components: BTreeSet<DhsComponent>,
    /// How many awards it has with the Department of Homeland Security, under all of its names.
    pub count: i64,
    /// What was committed under them, in cents of the dollar.
    pub obligated: i64,
    /// The first and the last day on which anything was done about them.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
    /// The awards themselves, the earliest signed first.
    pub awards: Preloaded<Vec<Award>>,
}

/// The recipients most like a name, best first.
///
/// # Errors
/// `Forbidden` to all but the City's staff, `Invalid` with all that is wrong: no name, a limit or a
/// score out of range. As [`Compute::run`].
pub async fn screen_name(
    db: &Database,
    viewer: &Viewer,
    input: &NameInput,
    (limit, min_score): (i32, f64),
    awards: bool,
) -> Result<Vec<Named>> {
    if !viewer.is_staff() {
        return Err(Fault::Forbidden("only the City's staff screens names"));
    }
    let mut problems = InputErrors::default();
    let at = |name: &str| FieldPath::argument(name);
    let name = validate_required(&input.name, MAX_LINE_CHARS, &at("name"), &mut problems);
    let mut part = |text: &Option<String>, name: &str| {
        let text = validate_optional(text.as_deref().unwrap_or_default(), MAX_LINE_CHARS, &at(name), &mut problems);
        (!text.is_empty()).then_some(text)
    };
    let record = Record {
        uei: part(&input.uei, "uei"),
        city: part(&input.city, "city"),
        state: part(&input.state, "state"),
        ..Record::from_name(name)
    };
    if !(1..=MOST).contains(&limit) {
        problems.add(&at("limit"), "invalid", format!("Ask for 1 to {MOST} firms."));
    }
    if !(0.0..=1.0).contains(&min_score) {
        problems.add(&at("minScore"), "invalid", "A score is from 0 to 1.");
    }
    problems.finish()?;
    let recipients = Recipients::current(db).await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let search = move || recipients.search(&Profile::new(&record), limit, narrowed(min_score));
    let hits = db.cached::<Compute>().run(&viewer.subject, search).await?;
    told(db, viewer, hits, awards).await
}

#[expect(clippy::cast_possible_truncation, reason = "a score needs no more than 24 bits")]
fn narrowed(score: f64) -> f32 {
    score as f32
}

async fn told(db: &Database, viewer: &Viewer, hits: Vec<Hit>, asked: bool) -> Result<Vec<Named>> {
    let ids: Vec<Uuid> = hits.iter().flat_map(|hit| &hit.recipients).map(|id| id.uuid()).collect();
    let rows = store::recipients::list_by_ids(&db.read, ids.clone()).await?;
    let rows: HashMap<RecipientId, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut totals = HashMap::<RecipientId, Vec<AwardTotals>>::new();
    for total in store::awards::sum_by_recipient_and_component(&db.read, ids.clone()).await? {
        totals.entry(total.recipient_id).or_default().push(total);
    }
    let mut awards = HashMap::<RecipientId, Vec<Award>>::new();
    if asked {
        let rows = store::awards::list_visible_by_recipients(&db.read, viewer, ids).await?;
        for award in with_recipients(&db.read, rows).await?.into_values() {
            awards.entry(award.row.recipient_id).or_default().push(award);
        }
    }
    let told = hits.into_iter().map(|Hit { found, recipients }| {
        let known: Vec<_> = recipients.iter().filter_map(|id| rows.get(id)).collect();
        let first = known.first().ok_or(Fault::NotFound)?;
        let ueis = known.iter().map(|row| &row.uei).filter(|uei| !uei.is_empty());
        let mut names: Vec<String> = Vec::new();
        for name in known.iter().flat_map(|row| [&row.name].into_iter().chain(&row.other_names.0)) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let totals: Vec<&AwardTotals> =
            recipients.iter().filter_map(|id| totals.get(id)).flatten().collect();
        let obligated = totals.iter().filter_map(|total| total.obligated_cents);
        let mut own: Vec<Award> =
            recipients.iter().flat_map(|id| awards.remove(id).unwrap_or_default()).collect();
        own.sort_by_key(|award| (award.row.signed_on, award.row.id));
        Ok(Named {
            name: first.name.clone(),
            names,
            uei: ueis.map(ToString::to_string).next(),
            score: found.score,
            band: found.band,
            relation: scope_of(found.relation),
            reasons: Evidence::from(&found.reasons[..]),
            components: totals.iter().map(|total| total.component).collect(),
            count: totals.iter().map(|total| total.award_count).sum(),
            obligated: obligated.fold(0, i64::saturating_add),
            days: (
                totals.iter().filter_map(|total| total.first_on).min(),
                totals.iter().filter_map(|total| total.last_on).max(),
            ),
            awards: Preloaded::if_requested(asked, || own),
        })
    });
    told.collect()
}

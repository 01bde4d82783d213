//! Lists what waits for a firm's people, in due order.
use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;

use super::item_objects::{ItemIds, ItemInclude, ItemObjects, PageObjects};
use crate::database::Database;
use crate::decision;
use crate::decision::model::DecisionId;
use crate::fault::Result;
use crate::gate::Policy;
use crate::organization::model::Viewer;
use crate::page::{CountedPage, ListRequest, page_of_rows};
use crate::policy::service::{PolicyTimeline, load_timeline};
use crate::screening::entity::waiting_item;
use crate::screening::model::WaitingKind;
use crate::screening::rules::{WaitingFacts, describe_waiting, held_kind, list_held_for};
use crate::screening::store::{self, WaitingWindow};

/// The number of days before the last one of a contract from which it waits.
const CONTRACT_NOTICE_DAYS: u64 = 180;
/// The number of days before a filing is stale from which it waits.
const STALE_NOTICE_DAYS: u64 = 60;
/// The maximum number of rows that wait for one person. Rows beyond are left out; a person with more
/// lists contracts and bids by themselves.
const MAX_WAITING_ROWS: u64 = 2_000;

/// Something that waits for a firm's people, with the requested children.
#[derive(Clone, Debug)]
pub struct WaitingItem {
    pub row: waiting_item::Model,
    /// What waits: of a held bid, by who has to act.
    pub kind: WaitingKind,
    /// When it is due (UTC).
    pub due_at: DateTime<Utc>,
    /// What it is and what to do, in words.
    pub text: String,
    pub objects: ItemObjects,
}

/// Lists a page of what waits for the people of the viewer's own organizations, the earliest due first.
/// Empty for a person without organizations.
///
/// # Errors
/// `Invalid` for page arguments that are out of range or a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn list_waiting(
    db: &Database,
    viewer: &Viewer,
    request: ListRequest<'_, ItemInclude>,
) -> Result<CountedPage<WaitingItem>> {
    let ListRequest { arguments, includes_total, include } = request;
    let (rows, policy) = if viewer.own_organizations().is_empty() {
        (Vec::new(), None)
    } else {
        let timeline = load_timeline(&db.read).await?;
        let policy = timeline.in_force_at(viewer.now);
        let today = timeline.local_date(viewer.now);
        let window = WaitingWindow {
            today,
            ends_until: today.checked_add_days(Days::new(CONTRACT_NOTICE_DAYS)).unwrap_or(today),
            filed_before: policy.as_deref().and_then(|policy| filed_before(policy, today)),
        };
        let rows = store::list_waiting(&db.read, viewer, window, MAX_WAITING_ROWS).await?;
        let keyed = rows.into_iter().map(|row| {
            let (due_at, day) = due(&row, &timeline, policy.as_deref(), viewer.now);
            ((due_at, position_id(&row)), (row, due_at, day))
        });
        (keyed.collect(), policy)
    };
    let total = includes_total.then_some(rows.len() as u64);
    let page = page_of_rows("WAITING", rows, arguments)?;
    let ids: Vec<ItemIds> = page.rows.iter().map(|(_, (row, ..))| row.into()).collect();
    let objects = PageObjects::load(db, viewer, &ids, include).await?;
    let held = page.rows.iter().filter_map(|(_, (row, ..))| row.decision_id);
    let held = held.map(DecisionId::uuid).collect();
    let held = decision::service::find_visible_by_ids(&db.read, viewer, held).await?;
    let page = page.replace(|rows| {
        let items = rows.into_iter().map(|(row, due_at, day)| {
            let held = row.decision_id.and_then(|id| held.get(&id));
            let held =
                held.map(|it| list_held_for(&it.policy, &it.facts, &it.decision, viewer.now));
            let held = held.unwrap_or_default();
            let facts = WaitingFacts {
                kind: held_kind(row.kind, &held),
                due_at,
                day,
                appeal_by: row.appeal_by,
                held: &held,
                label: row.label.as_deref(),
                code: row.code.as_deref(),
                now: viewer.now,
            };
            let (kind, text) = (facts.kind, describe_waiting(facts, policy.as_deref()));
            WaitingItem { kind, due_at, text, objects: objects.of((&row).into()), row }
        });
        items.collect()
    });
    Ok((page, total))
}

/// The time before which a filing was filed that is stale within the notice: the local midnight that
/// ends the last such day.
fn filed_before(policy: &Policy, today: NaiveDate) -> Option<DateTime<Utc>> {
    let fresh = u64::from(policy.parameters().freshness_days.value);
    let day = today
        .checked_add_days(Days::new(STALE_NOTICE_DAYS))
        .and_then(|day| day.checked_sub_days(Days::new(fresh)))?;
    Some(policy.calendar().midnight(day))
}

/// Returns when something is due (UTC), and the local day that its text names, if any.
fn due(
    row: &waiting_item::Model,
    timeline: &PolicyTimeline,
    policy: Option<&Policy>,
    now: DateTime<Utc>,
) -> (DateTime<Utc>, Option<NaiveDate>) {
    let midnight = |day: NaiveDate| timeline.local_midnight(day, now);
    match (row.kind, row.due_at, row.due_on, policy) {
        (WaitingKind::FilingStale, Some(filed_at), _, Some(policy)) => {
            let days = u64::from(policy.parameters().freshness_days.value).saturating_add(1);
            let filed_on = policy.calendar().local_date(filed_at);
            let stale = filed_on.checked_add_days(Days::new(days)).unwrap_or(filed_on);
            (midnight(stale), Some(stale))
        }
        // The last day of a contract counts in full.
        (WaitingKind::ContractEnding, _, Some(day), _) => {
            (midnight(day.succ_opt().unwrap_or(day)), Some(day))
        }
        (_, None, Some(day), _) => (midnight(day), Some(day)),
        (_, due_at, ..) => (due_at.unwrap_or(now), None),
    }
}

/// A contract waits twice, as ending and as out of compliance, and so does a disclosure, as stale and as
/// rejected: the second has another position in pages.
fn position_id(row: &waiting_item::Model) -> Uuid {
    match row.kind {
        WaitingKind::ContractNoncompliant | WaitingKind::DisclosureRejected => {
            Uuid::from_u128(!row.id.as_u128())
        }
        _ => row.id,
    }
}

//! What the gate needs to know of the awards that were matched with an organization.
use std::collections::{BTreeSet, HashMap};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::store;
use crate::award::entity::award::Model as AwardRow;
use crate::award::entity::found::Model as MatchRow;
use crate::award::model::{AwardKind, MatchStatus};
use crate::award::rules::find_coverage;
use crate::disclosure::service::FilingFacts;
use crate::fault::Result;
use crate::gate::facts::{AwardFacts, NoticeFacts};
use crate::gate::{EntityScope, MatchBand, Money};
use crate::organization::model::OrganizationId;

/// A federal award that is probably an organization's, or was confirmed to be, and not dismissed.
#[derive(Clone, Debug)]
pub struct Matched {
    row: MatchRow,
    award: AwardRow,
    recipient: String,
    appeal_open: bool,
}

/// The awards that were matched with each of some organizations, and may count; those that have
/// none are not in it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn matched(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, Vec<Matched>>> {
    let mut rows = store::matches::list_by_organizations(db, organizations).await?;
    rows.retain(|row| {
        let is_sure = row.band >= MatchBand::Probable || row.confirmed_at.is_some();
        is_sure && row.status != MatchStatus::Dismissed
    });
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let awards = rows.iter().map(|row| row.award_id.uuid()).collect();
    let awards = store::awards::by_ids(db, awards).await?;
    let recipients = awards.iter().map(|award| award.recipient_id.uuid()).collect();
    let recipients = store::recipients::list_by_ids(db, recipients).await?;
    let recipients: HashMap<_, _> = recipients.into_iter().map(|it| (it.id, it.name)).collect();
    let awards: HashMap<_, _> = awards.into_iter().map(|award| (award.id, award)).collect();
    let ids = rows.iter().map(|row| row.id.uuid()).collect();
    let appeals = store::matches::list_appeals(db, ids).await?;
    let mut found = HashMap::<OrganizationId, Vec<Matched>>::new();
    for row in rows {
        let Some(award) = awards.get(&row.award_id).cloned() else { continue };
        let recipient = recipients.get(&award.recipient_id).cloned().unwrap_or_default();
        let mut appeals = appeals.get(&row.id).into_iter().flatten();
        let appeal_open = appeals.any(|appeal| appeal.outcome.is_none());
        let of = found.entry(row.organization_id).or_default();
        of.push(Matched { row, award, recipient, appeal_open });
    }
    Ok(found)
}

impl Matched {
    /// What the gate is told of it, with those of the filings whose agreements cover it.
    #[must_use]
    pub fn facts(&self, filings: &[&FilingFacts]) -> Option<AwardFacts> {
        let Self { row, award, recipient, appeal_open } = self;
        let terms = award.comparable()?;
        let linked = row.linked_agreement_sha256.as_deref();
        let covering =
            filings.iter().filter(|told| find_coverage(&terms, linked, &told.agreements).is_some());
        let covered_by: BTreeSet<String> =
            covering.map(|told| told.facts.filing.id.clone()).collect();
        let money = |cents| Money { cents, currency: "USD".to_owned() };
        Some(AwardFacts {
            id: row.id.to_string(),
            number: award.award_id.clone(),
            parent_number: award.parent_award_id.clone(),
            component: terms.component,
            recipient: recipient.clone(),
            relation: EntityScope::of(&row.relation)?,
            band: row.band,
            is_subaward: award.kind == AwardKind::Subaward,
            is_vehicle: award.kind == AwardKind::Vehicle,
            signed_on: award.signed_on,
            ends_on: award.ends_on,
            latest_on: award.latest_on,
            value: award.value_cents().map(money),
            covered_by,
            notice: row
                .confirmed_at
                .zip(row.respond_by)
                .map(|(at, respond_by)| NoticeFacts { sent_at: at, respond_by }),
            has_open_appeal: *appeal_open,
        })
    }
}

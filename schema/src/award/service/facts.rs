//! Provides the gate's facts about an organization's matched awards.
use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::store;
use crate::award::entity::award::Model as AwardRow;
use crate::award::model::{
    AwardKind, AwardMatch, Confirmation, ConfirmationAppeal, MatchId, MatchStatus,
};
use crate::award::rules::{find_coverage, select_counting};
use crate::disclosure;
use crate::disclosure::service::FilingFacts;
use crate::fault::Result;
use crate::gate::facts::{AwardDataFacts, AwardFacts, NoticeFacts};
use crate::gate::{AnswerState, AwardScope, MatchBand, Money, Policy, find_out_of_scope};
use crate::organization;
use crate::organization::model::{Groups, OrganizationId};

/// A federal award with a probable or confirmed match that was not dismissed.
#[derive(Clone, Debug)]
pub struct MatchedAward {
    award_match: AwardMatch,
    award: AwardRow,
    recipient: String,
    has_open_appeal: bool,
    /// Whether the firm has appealed against the confirmation in effect.
    has_appealed: bool,
}

/// Loads the matched awards of each of the firms, given by the survivors of their groups, that may count
/// for a policy. A match of any organization of the group counts, each award once. Firms without any are
/// absent from the map.
pub async fn load_matched_awards(
    db: &impl ConnectionTrait,
    groups: &Groups,
    firms: &BTreeSet<OrganizationId>,
) -> Result<HashMap<OrganizationId, Vec<MatchedAward>>> {
    let organizations = firms.iter().flat_map(|firm| groups.ids_of(*firm));
    let organizations = organizations.map(OrganizationId::uuid).collect();
    let mut by_firm = HashMap::<OrganizationId, Vec<AwardMatch>>::new();
    for found in store::matches::list_by_organizations(db, organizations).await? {
        by_firm.entry(groups.survivor_of(found.organization_id)).or_default().push(found);
    }
    let counting =
        by_firm.into_iter().flat_map(|(firm, found)| select_counting(found, firm).counting);
    let mut matches: Vec<AwardMatch> = counting.collect();
    matches.retain(|found| {
        let is_probable = found.assessment.band >= MatchBand::Probable || found.is_notified();
        is_probable && found.status() != MatchStatus::Dismissed
    });
    let mut by_organization = HashMap::<OrganizationId, Vec<MatchedAward>>::new();
    for matched in load_awards_of(db, matches).await? {
        let firm = groups.survivor_of(matched.award_match.organization_id);
        by_organization.entry(firm).or_default().push(matched);
    }
    remove_vehicles_with_orders(db, &mut by_organization).await?;
    Ok(by_organization)
}

/// Loads the awards of matches, with their recipients and appeals.
async fn load_awards_of(
    db: &impl ConnectionTrait,
    matches: Vec<AwardMatch>,
) -> Result<Vec<MatchedAward>> {
    if matches.is_empty() {
        return Ok(Vec::new());
    }
    let awards = matches.iter().map(|found| found.award_id.uuid()).collect();
    let awards = store::awards::list_by_ids(db, awards).await?;
    let recipients = awards.iter().map(|award| award.recipient_id.uuid()).collect();
    let recipients = store::recipients::list_by_ids(db, recipients).await?;
    let recipients: HashMap<_, _> = recipients.into_iter().map(|it| (it.id, it.name)).collect();
    let awards: HashMap<_, _> = awards.into_iter().map(|award| (award.id, award)).collect();
    let ids = matches.iter().map(|found| found.id.uuid()).collect();
    let appeals = store::matches::list_appeals(db, ids).await?;
    let loaded = matches.into_iter().filter_map(|award_match| {
        let award = awards.get(&award_match.award_id).cloned()?;
        let recipient = recipients.get(&award.recipient_id).cloned().unwrap_or_default();
        let appeals = appeals.get(&award_match.id).map(Vec::as_slice).unwrap_or_default();
        let has_open_appeal = appeals.iter().any(ConfirmationAppeal::is_open);
        let confirmed_at = award_match.state.confirmation().map(|it| it.at);
        let has_appealed = appeals.iter().any(|appeal| Some(appeal.filed_at) >= confirmed_at);
        Some(MatchedAward { award_match, award, recipient, has_open_appeal, has_appealed })
    });
    Ok(loaded.collect())
}

/// Removes each vehicle of which an order is listed: the two are one award, and a vehicle carries no
/// money of its own.
async fn remove_vehicles_with_orders(
    db: &impl ConnectionTrait,
    by_organization: &mut HashMap<OrganizationId, Vec<MatchedAward>>,
) -> Result<()> {
    let listed = || by_organization.values().flatten();
    let vehicles = listed().filter(|it| it.award.kind == AwardKind::Vehicle);
    let vehicles: Vec<Uuid> = vehicles.map(|it| it.award_match.id.uuid()).collect();
    if vehicles.is_empty() {
        return Ok(());
    }
    let ids: HashSet<MatchId> = listed().map(|it| it.award_match.id).collect();
    let mut orders = store::matches::list_matched_orders(db, vehicles).await?;
    orders.retain(|_, orders| orders.iter().any(|order| ids.contains(order)));
    for matched in by_organization.values_mut() {
        matched.retain(|it| !orders.contains_key(&it.award_match.id));
    }
    Ok(())
}

/// Finds why the policy does not ask for a matched award, at a time and given the time at which the firm
/// filed the disclosure that then counts (both UTC). None if it does, or if the award is unknown.
pub(super) async fn find_match_out_of_scope(
    db: &impl ConnectionTrait,
    policy: &Policy,
    found: &AwardMatch,
    now: DateTime<Utc>,
) -> Result<Option<(AwardScope, AwardFacts)>> {
    let matched = load_awards_of(db, vec![found.clone()]).await?.pop();
    let Some(facts) = matched.and_then(|matched| matched.facts(&[])) else { return Ok(None) };
    let groups = organization::service::load_group(db, found.organization_id).await?;
    let histories = disclosure::service::load_histories(db, &groups, now).await?;
    let history = histories.get(&groups.survivor_of(found.organization_id));
    let on_file = history.and_then(|history| history.as_of(now).effective);
    let filed_at = on_file.map(|filing| filing.facts.filing.filed_at);
    let scope = find_out_of_scope(policy, &facts, filed_at, now);
    Ok(scope.map(|scope| (scope, facts)))
}

/// Loads which award data decisions are compared with now.
pub async fn load_award_data(db: &impl ConnectionTrait) -> Result<AwardDataFacts> {
    let row = store::recipients::load_revision_row(db).await?;
    let (newest_on, sha256) = row.as_ref().map(|it| (it.newest_on, it.sha256.clone())).unzip();
    Ok(AwardDataFacts {
        revision: row.map_or(0, |row| row.number.unsigned_abs()),
        newest_on: newest_on.flatten(),
        sha256: sha256.flatten(),
    })
}

/// What became of the firm's answer to a notice; an appeal that is decided while the notice stands upheld it.
fn answer_state(confirmation: &Confirmation, has_appealed: bool) -> Option<AnswerState> {
    let answer = confirmation.answer.as_ref();
    if has_appealed || answer.is_some_and(|it| it.consideration.is_some()) {
        return Some(AnswerState::Upheld);
    }
    answer.map(|_| AnswerState::Open)
}

impl MatchedAward {
    /// Returns the gate's facts about the award, with the ids of those `filings` whose agreements
    /// cover it. `None` if the award is not with the department.
    #[must_use]
    pub fn facts(&self, filings: &[&FilingFacts]) -> Option<AwardFacts> {
        let Self { award_match, award, recipient, has_open_appeal, has_appealed } = self;
        let AwardMatch { id, assessment, link, state, .. } = award_match;
        let comparable = award.comparable()?;
        let linked = link.as_ref().and_then(|link| link.agreement_sha256.as_deref());
        let covering = filings
            .iter()
            .filter(|filing| find_coverage(&comparable, linked, &filing.agreements).is_some());
        let covered_by: BTreeSet<String> =
            covering.map(|filing| filing.facts.filing.id.clone()).collect();
        let money = |cents| Money { cents, currency: "USD".to_owned() };
        Some(AwardFacts {
            id: id.to_string(),
            number: award.award_id.clone(),
            parent_number: award.parent_award_id.clone(),
            component: comparable.component,
            recipient: recipient.clone(),
            relation: assessment.relation,
            band: assessment.band,
            is_subaward: award.kind == AwardKind::Subaward,
            is_vehicle: award.kind == AwardKind::Vehicle,
            signed_on: award.signed_on,
            ends_on: award.ends_on,
            latest_on: award.latest_on,
            value: award.value_cents().map(money),
            covered_by,
            notice: state.confirmation().map(|it| NoticeFacts {
                sent_at: it.at,
                respond_by: it.respond_by,
                appeal_by: (!has_appealed).then_some(it.appeal_by),
                answer: answer_state(it, *has_appealed),
            }),
            has_open_appeal: *has_open_appeal,
        })
    }
}

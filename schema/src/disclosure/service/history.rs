//! The filings of a firm over time, and which of them was in effect.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{parse_attestation, parse_filed_statement, rules, store};
use crate::disclosure::model::{
    Agreement, AttestationForm, DisclosureId, DisclosureRecord, RejectionAppeal,
};
use crate::fault::{Fault, Result};
use crate::gate::ReviewState;
use crate::gate::facts::{ClarificationFacts, DisclosureFacts, FilingStatus, RejectionFacts};
use crate::organization::model::{Groups, OrganizationId};
use crate::policy;
use store::{FiledDisclosure, sort_history};

/// The gate's facts about a filing, and its agreements, which awards are compared with.
#[derive(Clone, Debug)]
pub struct FilingFacts {
    pub facts: DisclosureFacts,
    pub agreements: Vec<Agreement>,
}

/// One firm's filings as of a time.
#[derive(Clone, Debug, Default)]
pub struct FilingsAsOf {
    /// The filing in effect at that time; none if there is none or it was withdrawn.
    pub effective: Option<FilingFacts>,
    /// The later filings, earliest first.
    pub later: Vec<FilingFacts>,
}

/// The gate's facts about one firm's filings from a time on: those of its organization and of all that
/// were merged into it.
#[derive(Clone, Debug, Default)]
pub struct FilingHistory {
    /// In the order of filing, each with its facts; none if it was withdrawn.
    filings: Vec<(HistoricFiling, Option<FilingFacts>)>,
}

impl FilingHistory {
    /// The organization that filed one of the history's filings.
    #[must_use]
    pub fn find_filer(&self, id: DisclosureId) -> Option<OrganizationId> {
        let filing = self.filings.iter().find(|(filing, _)| filing.id == id);
        filing.map(|(filing, _)| filing.filed_for)
    }

    /// The filings as of a time, which must not be before the history starts. A filing that was withdrawn
    /// at any time is not in effect at any.
    #[must_use]
    pub fn as_of(&self, at: DateTime<Utc>) -> FilingsAsOf {
        let split = self.filings.partition_point(|(filing, _)| filing.filed_at <= at);
        let (until, later) = self.filings.split_at(split);
        let in_effect = find_in_effect(until, |(filing, _)| filing, |it| it.withdrawal.is_some());
        FilingsAsOf {
            effective: in_effect.and_then(|(_, facts)| facts.clone()),
            later: later.iter().filter_map(|(_, facts)| facts.clone()).collect(),
        }
    }
}

/// A filing of a firm's history.
#[derive(Clone, Debug)]
struct HistoricFiling {
    id: DisclosureId,
    /// The organization that filed it.
    filed_for: OrganizationId,
    version: i64,
    filed_at: DateTime<Utc>,
    withdrawal: Option<HistoricWithdrawal>,
}

/// That a filing was withdrawn.
#[derive(Clone, Debug)]
struct HistoricWithdrawal {
    at: DateTime<Utc>,
    /// The organizations that were one firm with the filer then. The withdrawal does not bring back their
    /// earlier filings, which the withdrawn one had superseded.
    firm: Vec<OrganizationId>,
}

impl HistoricFiling {
    fn new(record: &DisclosureRecord, groups: &Groups) -> Self {
        let filed_for = record.organization_id;
        let withdrawal = record.withdrawal().map(|withdrawal| HistoricWithdrawal {
            at: withdrawal.at,
            firm: groups.ids_of_at(filed_for, withdrawal.at),
        });
        let DisclosureRecord { id, version, filed_at, .. } = *record;
        Self { id, filed_for, version, filed_at, withdrawal }
    }
}

/// Finds the filing in effect among the filings of one firm, which are in the order of filing: the newest one that
/// neither was withdrawn nor had been superseded by a withdrawn one. `filing` returns what is known of one of them, and
/// `is_withdrawn` whether its withdrawal counts.
fn find_in_effect<T>(
    filings: &[T],
    filing: impl Fn(&T) -> &HistoricFiling,
    is_withdrawn: impl Fn(&HistoricFiling) -> bool,
) -> Option<&T> {
    let mut withdrawn: Vec<&HistoricWithdrawal> = Vec::new();
    for candidate in filings.iter().rev() {
        let known = filing(candidate);
        if withdrawn.iter().any(|later| later.firm.contains(&known.filed_for)) {
            continue;
        }
        match &known.withdrawal {
            Some(withdrawal) if is_withdrawn(known) => withdrawn.push(withdrawal),
            _ => return Some(candidate),
        }
    }
    None
}

/// Finds the disclosure that each group had on file before a time, by its survivor. What the group's organizations filed
/// counts for all of them, also from before they were merged. Groups without one are left out.
#[tracing::instrument(skip_all)]
pub async fn find_filings_in_effect(
    db: &impl ConnectionTrait,
    groups: &Groups,
    before: DateTime<Utc>,
) -> Result<HashMap<OrganizationId, DisclosureId>> {
    let mut by_firm = HashMap::<OrganizationId, Vec<HistoricFiling>>::new();
    for record in store::list_records_before(db, groups.all_uuids(), before).await? {
        let firm = groups.survivor_of(record.organization_id);
        by_firm.entry(firm).or_default().push(HistoricFiling::new(&record, groups));
    }
    let in_effect = by_firm.into_iter().filter_map(|(firm, mut filings)| {
        sort_history(&mut filings, |it| (it.filed_for, it.version, it.filed_at, it.id));
        let was_withdrawn =
            |it: &HistoricFiling| it.withdrawal.as_ref().is_some_and(|it| it.at < before);
        Some((firm, find_in_effect(&filings, |it| it, was_withdrawn)?.id))
    });
    Ok(in_effect.collect())
}

/// The filing history of each group, by its survivor: for each of its organizations the filing that was
/// the newest at `since`, and all later ones. Groups without filings are left out.
pub async fn load_histories(
    db: &impl ConnectionTrait,
    groups: &Groups,
    since: DateTime<Utc>,
) -> Result<HashMap<OrganizationId, FilingHistory>> {
    let filed = store::list_filed_since(db, groups.all_uuids(), since).await?;
    let ids: Vec<Uuid> = filed.iter().map(|filed| filed.record.id.uuid()).collect();
    let versions = filed.iter().map(|filed| filed.filing.policy_version).collect();
    let policies = policy::service::load_versions(db, versions).await?;
    let questions: HashMap<i64, _> =
        policies.iter().map(|(version, policy)| (*version, policy.questions())).collect();
    let mut open = store::reviews::find_open_clarifications(db, ids.clone()).await?;
    let mut rejections = store::reviews::find_rejections_in_effect(db, ids.clone()).await?;
    let appeals = store::reviews::list_appeals(db, ids).await?;
    let mut histories = HashMap::<OrganizationId, FilingHistory>::new();
    for FiledDisclosure { record, filing } in filed {
        let historic = HistoricFiling::new(&record, groups);
        let firm = groups.survivor_of(historic.filed_for);
        let filings = &mut histories.entry(firm).or_default().filings;
        if historic.withdrawal.is_some() {
            filings.push((historic, None));
            continue;
        }
        let missing = || {
            Fault::Internal(
                format!("policy version {} does not exist", filing.policy_version).into(),
            )
        };
        let answered = questions.get(&filing.policy_version).ok_or_else(missing)?;
        let statement = parse_filed_statement(&filing)?;
        let statement_facts = rules::statement_facts(&statement);
        let rejection = rejections.remove(&record.id);
        let appeals = appeals.get(&record.id).map(Vec::as_slice).unwrap_or_default();
        let has_appealed = rejection
            .as_ref()
            .is_some_and(|it| appeals.iter().any(|appeal| appeal.against.review_id == it.id));
        let filing_status = FilingStatus {
            id: record.id.to_string(),
            version: u32::try_from(record.version).unwrap_or(u32::MAX),
            sha256: filing.sha256.clone(),
            filed_at: filing.filed_at,
            policy_version: u32::try_from(filing.policy_version).unwrap_or(u32::MAX),
            questions: answered.clone(),
            review: record.review,
            clarification: open
                .remove(&record.id)
                .map(|it| ClarificationFacts { path: it.path.0, due_at: it.due_at }),
            rejection: rejection.map(|it| RejectionFacts {
                reasons: it.reasons.0,
                explanation: it.explanation,
                appeal_by: it.appeal_by.filter(|_| !has_appealed),
                decided_at: Some(it.decided_at),
            }),
            has_open_appeal: record.review == ReviewState::Rejected
                && appeals.iter().any(RejectionAppeal::is_open),
            is_paper: parse_attestation(&filing)?.form == AttestationForm::Paper,
        };
        let facts = DisclosureFacts {
            filing: filing_status,
            withheld: statement_facts.withheld,
            agreements: statement_facts.agreements,
            arrangements: statement_facts.arrangements,
        };
        let agreements = statement.dhs.agreements;
        let facts = Some(FilingFacts { facts, agreements });
        filings.push((historic, facts));
    }
    for FilingHistory { filings } in histories.values_mut() {
        sort_history(filings, |(it, _)| (it.filed_for, it.version, it.filed_at, it.id));
    }
    Ok(histories)
}

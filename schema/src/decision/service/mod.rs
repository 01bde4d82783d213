//! Evaluates subjects, and stores and loads decisions.
mod evaluate;
mod parties;
mod party_choice;
mod party_reference;
mod report;
mod substitution;
mod verification;

pub use evaluate::{Evaluation, PreparedEvaluations, evaluate, evaluate_all, prepare_all};
pub use parties::{
    SubcontractorList, insert_parties, list_current_members, list_parties, list_subcontractors,
    load_parties, lock_parties, replace_contract_members, resolve_parties, save_resolutions,
    select_subjects_naming, validate_subcontractors,
};
pub use party_choice::{ChoiceScope, choose_party};
pub use report::{DecisionReport, RenderedFinding};
pub use substitution::{
    ValidSubstitution, list_submitted_subcontractors, list_substitutions, lock_replacement,
    substitute, validate_substitution,
};
pub use verification::{recorded_tables, verify};

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::entity::decision::Model;
use super::entity::finding;
use super::model::DecisionId;
use super::store;
use crate::canonical::canonical;
use crate::database::{Database, Tx};
use crate::fault::{Fault, Result};
use crate::gate::{BidStanding, Decision, Facts, Policy, Reading, Severity, SubjectKind, wording};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::organization::model::{OrganizationId, Viewer};
use crate::policy;
use crate::principal::ServiceActor;

/// The actor of re-evaluations, which no person requested. The person whose change caused one is
/// not recorded: a prime contractor may learn about a subcontractor only whether it is current.
pub const SERVICE_ACTOR: ServiceActor = ServiceActor::Service;

/// A stored decision with its parsed JSON and its policy.
#[derive(Clone, Debug)]
pub struct StoredDecision {
    pub row: Model,
    pub decision: Decision,
    pub facts: Facts,
    pub policy: Arc<Policy>,
    /// What had become of it when it was loaded.
    pub standing: SubjectStanding,
}

/// What has become of a decision and its subject since it was made. As loaded for no viewer: nothing.
#[derive(Clone, Debug, Default)]
pub struct SubjectStanding {
    /// The identifier of the later decision about the subject that replaced it, if the viewer may see one.
    pub replaced_by: Option<String>,
    /// None unless the subject is a bid.
    pub bid: Option<BidStanding>,
}

impl StoredDecision {
    /// The decision as it is read at `at` (UTC).
    #[must_use]
    pub fn read_at(&self, at: DateTime<Utc>) -> Reading<'_> {
        let mut reading = Reading::new(&self.policy, &self.facts, &self.decision, at);
        if let Some(bid) = self.standing.bid {
            reading = reading.of_bid(bid);
        }
        match &self.standing.replaced_by {
            Some(by) => reading.as_replaced(by),
            None => reading,
        }
    }

    /// What blocked a bid, as its letter says it, and what is left to do about it at `now` (UTC).
    #[must_use]
    pub fn describe_blocking(&self, now: DateTime<Utc>) -> String {
        let Self { decision, facts, policy, .. } = self;
        let reading = self.read_at(now);
        let blocking = decision.findings.iter().filter(|it| it.severity == Severity::Block);
        let texts = blocking.map(|finding| {
            let message = wording::render_message(finding, policy, facts);
            format!("{message} {}", wording::render_remedy(finding, &reading))
        });
        texts.collect::<Vec<_>>().join(" ")
    }
}

/// Stores an evaluation as a decision. Call it before the subject's own row is written.
///
/// # Errors
/// `Conflict` if a concurrent request stored a decision about the same subject.
pub async fn save(tx: &Tx, actor: Actor<'_>, evaluation: Evaluation) -> Result<StoredDecision> {
    let Evaluation { kind, subject, organization, policy, facts, decision, .. } = evaluation;
    let (facts_json, decision_json) = (canonical(&facts)?, canonical(&decision)?);
    let last = store::find_last(&**tx, subject.uuid).await?;
    let row = Model {
        id: DecisionId::generate(),
        subject_kind: kind,
        subject_id: subject.uuid,
        sequence: last.map_or(0, |last| last.sequence) + 1,
        organization_id: organization,
        policy_version: i64::from(policy.version()),
        facts: facts_json.text,
        facts_sha256: facts_json.sha256,
        outcome: decision.outcome,
        decision: decision_json.text,
        decision_sha256: decision_json.sha256,
        decided_at: facts.decided_at,
    };
    let findings = finding_rows(row.id, &decision);
    let row = store::insert(tx, row, findings).await?;
    append(tx, actor, subject, LedgerAction::DecisionMade, &ledger_data(&row)).await?;
    Ok(StoredDecision { row, decision, facts, policy, standing: SubjectStanding::default() })
}

/// The ledger entry's data for a decision.
fn ledger_data(row: &Model) -> Value {
    json!({
        "organization": row.organization_id,
        "decision": row.id,
        "outcome": row.outcome,
        "policyVersion": row.policy_version,
        "factsSha256": row.facts_sha256,
        "decisionSha256": row.decision_sha256,
    })
}

/// The rows of a decision's findings for screening: each code and severity once.
fn finding_rows(decision_id: DecisionId, decision: &Decision) -> Vec<finding::Model> {
    let distinct = decision.findings.iter().map(|it| (it.code(), it.severity));
    let distinct: BTreeSet<_> = distinct.collect();
    let rows = distinct.into_iter().map(|(code, severity)| finding::Model {
        decision_id,
        code: code.as_str().to_owned(),
        severity,
    });
    rows.collect()
}

/// Inserts the finding rows of decisions that have none, because an older version stored them.
/// Returns the number of such decisions.
///
/// # Errors
/// A database fault, or a decision that cannot be parsed.
pub async fn insert_missing_findings(db: &Database) -> Result<u64> {
    const BATCH: u64 = 500;
    // First without the write lock, which only the start after an upgrade needs.
    if store::list_without_finding_rows(&db.read, None, 1).await?.is_empty() {
        return Ok(0);
    }
    let (mut written, mut last) = (0, None);
    loop {
        let tx = db.begin().await?;
        let missing = store::list_without_finding_rows(&*tx, last, BATCH).await?;
        let Some(end) = missing.last() else { return Ok(written) };
        last = Some(end.id.uuid());
        written += u64::try_from(missing.len()).unwrap_or(u64::MAX);
        let mut rows = Vec::new();
        for row in missing {
            let decision: Decision = parse_json(row.id, &row.decision)?;
            rows.extend(finding_rows(row.id, &decision));
        }
        store::insert_findings(&tx, rows).await?;
        tx.commit().await?;
    }
}

/// Finds the last stored decision about a subject.
pub async fn find_last(db: &impl ConnectionTrait, subject: Uuid) -> Result<Option<StoredDecision>> {
    let row = store::find_last(db, subject).await?;
    Ok(load_policies_and_parse(db, row.into_iter().collect()).await?.pop())
}

/// Loads the facts of the first decision about each of the subjects, which the caller has found that the
/// viewer may see: names, numbers and times as they were then. Subjects without a decision have no entry.
pub async fn load_first_facts(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Facts>> {
    let rows = store::list_first(db, subjects).await?.into_iter();
    rows.map(|row| Ok((row.subject_id, parse_json(row.id, &row.facts)?))).collect()
}

/// Whether a new evaluation equals the last decision, apart from its time, the state of the award data
/// and the facts about members and subcontractors. An import that changes nothing for the firm makes no
/// new decision. A change at a party that changes no finding makes no new decision,
/// which would reveal to a prime contractor that its subcontractor filed.
#[must_use]
pub fn is_unchanged(last: &StoredDecision, evaluation: &Evaluation) -> bool {
    let now = &evaluation.facts;
    let then = Facts {
        decided_at: now.decided_at,
        members: now.members.clone(),
        subcontractors: now.subcontractors.clone(),
        award_data: now.award_data.clone(),
        ..last.facts.clone()
    };
    last.decision == evaluation.decision && then == *now
}

/// Lists the decisions about subjects that `viewer` may see, by the subject's UUID, earliest first.
/// A viewer of the subject may not see all of them: a contract's award was decided for the firm
/// that held the contract at that time.
#[tracing::instrument(skip_all)]
pub async fn list_visible_by_subject(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<StoredDecision>>> {
    let rows = store::list_visible_by_subject(db, viewer, subjects).await?;
    let mut by_subject = HashMap::<Uuid, Vec<StoredDecision>>::new();
    for decision in load_with_standing(db, viewer, rows).await? {
        by_subject.entry(decision.row.subject_id).or_default().push(decision);
    }
    Ok(by_subject)
}

/// Finds what has become of the bids among subjects, regardless of the viewer.
///
/// # Errors
/// Database faults only.
pub async fn find_bid_standings(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, BidStanding>> {
    let rows = store::list_bid_standings(db, subjects).await?.into_iter();
    let standings = rows.map(|row| {
        let standing =
            BidStanding { due_at: row.due_at, ended: row.ended, has_appealed: row.appeals > 0 };
        (row.bid_id, standing)
    });
    Ok(standings.collect())
}

fn parse_json<T: serde::de::DeserializeOwned>(id: DecisionId, text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Fault::Internal(format!("decision {id}: {error}").into()))
}

/// Rows of decisions with their policies, before their JSON is parsed.
#[derive(Debug)]
pub struct UnparsedDecisions {
    rows: Vec<Model>,
    policies: HashMap<i64, Arc<Policy>>,
}

impl UnparsedDecisions {
    /// Parses the decisions. CPU time grows with the size of their facts.
    ///
    /// # Errors
    /// `Internal` if the JSON of a decision is invalid or its policy is missing.
    pub fn parse(self) -> Result<Vec<StoredDecision>> {
        let Self { rows, policies } = self;
        let parsed = rows.into_iter().map(|row| {
            let missing = || Fault::Internal(format!("no policy {}", row.policy_version).into());
            let policy = policies.get(&row.policy_version).cloned().ok_or_else(missing)?;
            let (decision, facts) =
                (parse_json(row.id, &row.decision)?, parse_json(row.id, &row.facts)?);
            let standing = SubjectStanding::default();
            Ok(StoredDecision { row, decision, facts, policy, standing })
        });
        parsed.collect()
    }
}

async fn load_policies(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<UnparsedDecisions> {
    let versions = rows.iter().map(|row| row.policy_version).collect();
    let policies = policy::service::load_versions(db, versions).await?;
    let policies: HashMap<i64, Arc<Policy>> =
        policies.into_iter().map(|(version, policy)| (version, Arc::new(policy))).collect();
    Ok(UnparsedDecisions { rows, policies })
}

async fn load_policies_and_parse(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<Vec<StoredDecision>> {
    load_policies(db, rows).await?.parse()
}

/// Parses decisions that the viewer may see, and finds what has become of them.
async fn load_with_standing(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    rows: Vec<Model>,
) -> Result<Vec<StoredDecision>> {
    let subjects: BTreeSet<Uuid> = rows.iter().map(|row| row.subject_id).collect();
    let subjects: Vec<Uuid> = subjects.into_iter().collect();
    let mut decisions = load_policies_and_parse(db, rows).await?;
    if decisions.is_empty() {
        return Ok(decisions);
    }
    let ids = store::list_visible_ids_by_subject(db, viewer, subjects.clone()).await?;
    // In a map, the last decision about a subject replaces the earlier ones.
    let last: HashMap<Uuid, DecisionId> = ids.into_iter().collect();
    let bids = find_bid_standings(db, subjects).await?;
    for decision in &mut decisions {
        let (id, subject) = (decision.row.id, decision.row.subject_id);
        let replaced_by = last.get(&subject).filter(|last| **last != id);
        decision.standing = SubjectStanding {
            replaced_by: replaced_by.map(ToString::to_string),
            bid: bids.get(&subject).copied(),
        };
    }
    Ok(decisions)
}

/// Finds a decision, if `viewer` may see it.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find(
    db: &Database,
    viewer: &Viewer,
    id: DecisionId,
) -> Result<Option<StoredDecision>> {
    let row = store::find(&db.read, viewer, id).await?;
    Ok(load_with_standing(&db.read, viewer, row.into_iter().collect()).await?.pop())
}

/// The subject of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecidedSubject {
    pub kind: SubjectKind,
    /// The bare UUID of the bid, contract or contract action.
    pub id: Uuid,
    /// The firm that was decided about.
    pub organization: OrganizationId,
}

/// Finds the subject of a decision regardless of the viewer: for rules, never for an answer.
pub async fn find_subject(
    db: &impl ConnectionTrait,
    id: DecisionId,
) -> Result<Option<DecidedSubject>> {
    let row = store::find_unfiltered(db, id).await?;
    Ok(row.map(|row| DecidedSubject {
        kind: row.subject_kind,
        id: row.subject_id,
        organization: row.organization_id,
    }))
}

/// Finds the decisions that `viewer` may see, by identifier.
#[tracing::instrument(skip_all)]
pub async fn find_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<DecisionId, StoredDecision>> {
    let rows = store::find_visible_by_ids(db, viewer, ids).await?;
    let decisions = load_with_standing(db, viewer, rows).await?;
    Ok(decisions.into_iter().map(|it| (it.row.id, it)).collect())
}

/// Loads the decisions that `viewer` may see without parsing them, so that the caller can parse
/// them on a blocking thread.
#[tracing::instrument(skip_all)]
pub async fn load_unparsed_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<UnparsedDecisions> {
    let rows = store::find_visible_by_ids(db, viewer, ids).await?;
    load_policies(db, rows).await
}

//! Asking the gate about subjects, and keeping what it said.
mod consider;
mod parties;
mod verification;

pub use consider::{Considered, consider, consider_all};
pub use parties::{lock_parties, members_now, resolve_parties};
pub use verification::{recorded_tables, verify};

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

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
use crate::gate::{Decision, Facts, Policy};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::organization::model::Viewer;
use crate::policy;
use crate::principal::ServiceActor;

/// What decisions are made in the name of when nobody asked for them: something that they rest on
/// has changed. Who changed it is not told: a prime contractor learns of a subcontractor only
/// whether it is current.
pub const SERVICE: ServiceActor = ServiceActor::Service;

/// What the ledger calls it when a decision is kept.
const MADE: LedgerAction = LedgerAction::DecisionMade;

/// A decision as it was kept, with what it says.
#[derive(Clone, Debug)]
pub struct Kept {
    pub row: Model,
    pub decision: Decision,
    pub facts: Facts,
    pub policy: Arc<Policy>,
}

/// Keeps what the gate said, before what it is about is written.
///
/// # Errors
/// `Conflict` if the same subject was decided meanwhile.
pub async fn keep(tx: &Tx, actor: Actor<'_>, considered: Considered) -> Result<Kept> {
    let Considered { kind, subject, organization, policy, facts, decision, .. } = considered;
    let (known, said) = (canonical(&facts)?, canonical(&decision)?);
    let last = store::last(&**tx, subject.uuid).await?;
    let row = Model {
        id: DecisionId::generate(),
        subject_kind: kind,
        subject_id: subject.uuid,
        sequence: last.map_or(0, |last| last.sequence) + 1,
        organization_id: organization,
        policy_version: i64::from(policy.version()),
        facts: known.text,
        facts_sha256: known.sha256,
        outcome: decision.outcome,
        decision: said.text,
        decision_sha256: said.sha256,
        decided_at: facts.decided_at,
    };
    let found = findings(row.id, &decision);
    let row = store::insert(tx, row, found).await?;
    append(tx, actor, subject, MADE, &told(&row)).await?;
    Ok(Kept { row, decision, facts, policy })
}

/// What the ledger is told of a decision.
fn told(row: &Model) -> Value {
    json!({
        "organization": row.organization_id,
        "decision": row.id,
        "outcome": row.outcome,
        "policyVersion": row.policy_version,
        "factsSha256": row.facts_sha256,
        "decisionSha256": row.decision_sha256,
    })
}

/// The rows by which a decision is screened.
fn findings(decision_id: DecisionId, decision: &Decision) -> Vec<finding::Model> {
    let found = decision.findings.iter().map(|it| (it.code, it.severity));
    let found: BTreeSet<_> = found.collect();
    let found = found.into_iter().map(|(code, severity)| finding::Model {
        decision_id,
        code: code.as_str().to_owned(),
        severity,
    });
    found.collect()
}

/// Writes the rows of the decisions that have none: those of a version that did not know of them.
/// Answers how many there were.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn index_missing(db: &Database) -> Result<u64> {
    const BATCH: u64 = 500;
    let mut written = 0;
    loop {
        let tx = db.begin().await?;
        let missing = store::without_rows(&tx, BATCH).await?;
        if missing.is_empty() {
            return Ok(written);
        }
        for row in missing {
            let decision: Decision = read(row.id, &row.decision)?;
            store::insert_findings(&tx, findings(row.id, &decision)).await?;
            written += 1;
        }
        tx.commit().await?;
    }
}

/// The last decision that was kept on a subject.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn last(db: &impl ConnectionTrait, subject: Uuid) -> Result<Option<Kept>> {
    let row = store::last(db, subject).await?;
    Ok(kept(db, row.into_iter().collect()).await?.pop())
}

/// Whether a subject that was decided would be decided the same, and what is its own is the same.
/// What members and subcontractors did without changing what is found of them makes no new
/// decision: a prime contractor learns of a subcontractor only whether it is current.
#[must_use]
pub fn is_unchanged(last: &Kept, considered: &Considered) -> bool {
    let now = &considered.facts;
    let then = Facts {
        decided_at: now.decided_at,
        members: now.members.clone(),
        subcontractors: now.subcontractors.clone(),
        ..last.facts.clone()
    };
    last.decision == considered.decision && then == *now
}

/// The decisions on some subjects that `viewer` may see, by the subject's bare UUID, the earliest
/// first. Who may see a subject may not see all of them: the award of a contract was decided on
/// the firm that held it then.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn visible_of_subjects(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Kept>>> {
    let rows = store::visible_of_subjects(db, viewer, subjects).await?;
    let mut found = HashMap::<Uuid, Vec<Kept>>::new();
    for kept in kept(db, rows).await? {
        found.entry(kept.row.subject_id).or_default().push(kept);
    }
    Ok(found)
}

fn read<T: serde::de::DeserializeOwned>(id: DecisionId, text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Fault::Internal(format!("decision {id}: {error}").into()))
}

/// Reads what kept decisions say, with their policies, in one statement more.
/// Stored decisions, with the policies that decided them, before their JSON is read.
#[derive(Debug)]
pub struct StoredDecisions {
    rows: Vec<Model>,
    policies: HashMap<i64, Arc<Policy>>,
}

impl StoredDecisions {
    /// The decisions, read: about as much computing as their facts are long.
    ///
    /// # Errors
    /// `Internal` if one cannot be read.
    pub fn read(self) -> Result<Vec<Kept>> {
        let Self { rows, policies } = self;
        let kept = rows.into_iter().map(|row| {
            let missing = || Fault::Internal(format!("no policy {}", row.policy_version).into());
            let policy = policies.get(&row.policy_version).cloned().ok_or_else(missing)?;
            let (decision, facts) = (read(row.id, &row.decision)?, read(row.id, &row.facts)?);
            Ok(Kept { row, decision, facts, policy })
        });
        kept.collect()
    }
}

async fn stored(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<StoredDecisions> {
    let versions = rows.iter().map(|row| row.policy_version).collect();
    let policies = policy::service::load_versions(db, versions).await?;
    let policies: HashMap<i64, Arc<Policy>> =
        policies.into_iter().map(|(version, policy)| (version, Arc::new(policy))).collect();
    Ok(StoredDecisions { rows, policies })
}

async fn kept(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Kept>> {
    stored(db, rows).await?.read()
}

/// The decision, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find(db: &Database, viewer: &Viewer, id: DecisionId) -> Result<Option<Kept>> {
    let row = store::find(&db.read, viewer, id).await?;
    Ok(kept(&db.read, row.into_iter().collect()).await?.pop())
}

/// Those of some decisions that `viewer` may see, by id.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<DecisionId, Kept>> {
    let rows = store::visible_by_ids(db, viewer, ids).await?;
    Ok(kept(db, rows).await?.into_iter().map(|kept| (kept.row.id, kept)).collect())
}

/// Those of some decisions that `viewer` may see, to be read away from the threads that answer
/// requests.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn stored_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<StoredDecisions> {
    let rows = store::visible_by_ids(db, viewer, ids).await?;
    stored(db, rows).await
}

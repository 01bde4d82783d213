//! How clients see decisions.
use async_graphql::{Context, ID, Json, Object};
use chrono::{DateTime, Utc};

use super::model::DecisionId;
use super::service::{self, Considered, Kept};
use crate::fault::{Fault, Result};
use crate::gate::{self, Outcome, Policy, Severity, SubjectKind, letter, words};
use crate::organization::graphql::asker;

/// One thing that the gate found.
#[derive(Clone, Debug)]
pub struct Finding {
    found: gate::Finding,
    message: String,
    remedy: String,
    citation: String,
}

impl Finding {
    fn of(finding: &gate::Finding, policy: &Policy) -> Self {
        Self {
            message: words::message(finding, policy),
            remedy: words::remedy(finding, policy),
            citation: policy.citation(finding.code).to_owned(),
            found: finding.clone(),
        }
    }
}

/// One thing that the gate found: the code, its weight, and what to do about it.
#[Object]
impl Finding {
    /// Stable, for programs, such as `disclosure.missing`.
    async fn code(&self) -> &'static str {
        self.found.code.as_str()
    }
    /// `BLOCK` refuses, `REVIEW` holds for a reviewer, `NOTE` is only said.
    async fn severity(&self) -> Severity {
        self.found.severity
    }
    /// What was found, in words.
    async fn message(&self) -> &str {
        &self.message
    }
    /// Whom or what it is about, from the subject inwards.
    async fn path(&self) -> &[String] {
        &self.found.path
    }
    /// What to do about it; empty where there is nothing to do.
    async fn remedy(&self) -> &str {
        &self.remedy
    }
    /// The rule's source.
    async fn citation(&self) -> &str {
        &self.citation
    }
    /// Until when it can be mended, exclusive (UTC, a local midnight); null if there is no such
    /// time.
    async fn cure_by(&self) -> Option<DateTime<Utc>> {
        self.found.cure_by
    }
}

fn findings(decision: &gate::Decision, policy: &Policy) -> Vec<Finding> {
    decision.findings.iter().map(|finding| Finding::of(finding, policy)).collect()
}

/// What the gate said of a subject.
#[derive(Clone, Debug)]
pub struct Decision(Kept);

impl From<Kept> for Decision {
    fn from(kept: Kept) -> Self {
        Self(kept)
    }
}

/// What the gate said of a subject, kept with all that it was decided from, so that anyone can
/// replay it and get the same bytes.
#[Object]
impl Decision {
    /// Its identifier.
    pub async fn id(&self) -> DecisionId {
        self.0.row.id
    }
    /// What kind of thing was decided on.
    async fn subject_kind(&self) -> SubjectKind {
        self.0.row.subject_kind
    }
    /// What was decided on: an identifier of that kind.
    async fn subject_id(&self) -> ID {
        ID(self.0.facts.subject.id.clone())
    }
    /// From 1, one more each time the same subject is decided anew.
    async fn sequence(&self) -> i64 {
        self.0.row.sequence
    }
    /// The worst of the findings.
    async fn outcome(&self) -> Outcome {
        self.0.row.outcome
    }
    /// What was found, the worst first.
    async fn findings(&self) -> Vec<Finding> {
        findings(&self.0.decision, &self.0.policy)
    }
    /// Until when a held bid can be mended, exclusive (UTC): the earliest of its findings' times.
    async fn cure_by(&self) -> Option<DateTime<Utc>> {
        self.0.decision.cure_by()
    }
    /// The version of the policy that decided.
    async fn policy_version(&self) -> i64 {
        self.0.row.policy_version
    }
    /// When it was decided (UTC).
    async fn decided_at(&self) -> DateTime<Utc> {
        self.0.row.decided_at
    }
    /// SHA-256 of the facts as canonical JSON (RFC 8785).
    async fn facts_hash(&self) -> &str {
        &self.0.row.facts_sha256
    }
    /// SHA-256 of outcome and findings as canonical JSON (RFC 8785).
    async fn decision_hash(&self) -> &str {
        &self.0.row.decision_sha256
    }
    /// The letter to the firm: findings, remedies, deadlines and whom to ask, in plain English.
    async fn letter(&self) -> String {
        letter(&self.0.policy, &self.0.facts, &self.0.decision)
    }
    /// What it was decided from; to staff, null to the firm.
    async fn facts(&self, ctx: &Context<'_>) -> Result<Option<Json<serde_json::Value>>> {
        let (_, viewer) = asker(ctx)?;
        if !viewer.is_staff() {
            return Ok(None);
        }
        let facts = serde_json::from_str(&self.0.row.facts);
        let facts = facts.map_err(|error| Fault::Internal(error.to_string().into()))?;
        Ok(Some(Json(facts)))
    }
}

/// What the gate would say now; nothing was written.
#[derive(Clone, Debug)]
pub struct Readiness(Considered);

impl From<Considered> for Readiness {
    fn from(considered: Considered) -> Self {
        Self(considered)
    }
}

/// What the gate would say if it were asked now; nothing was written.
#[Object]
impl Readiness {
    /// The worst of the findings.
    async fn outcome(&self) -> Outcome {
        self.0.decision.outcome
    }
    /// What would be found, the worst first.
    async fn findings(&self) -> Vec<Finding> {
        findings(&self.0.decision, &self.0.policy)
    }
    /// Until when what would hold it can be mended, exclusive (UTC).
    async fn cure_by(&self) -> Option<DateTime<Utc>> {
        self.0.decision.cure_by()
    }
    /// The version of the policy that would decide.
    async fn policy_version(&self) -> u32 {
        self.0.policy.version()
    }
    /// The letter that the firm would get.
    async fn letter(&self) -> String {
        letter(&self.0.policy, &self.0.facts, &self.0.decision)
    }
}

/// Queries of decisions.
#[derive(Debug, Default)]
pub struct DecisionQuery;

#[Object]
impl DecisionQuery {
    /// One decision; null if there is none or it is not yours to see.
    async fn decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision's identifier.")] id: DecisionId,
    ) -> Result<Option<Decision>> {
        let (db, viewer) = asker(ctx)?;
        Ok(service::find(db, viewer, id).await?.map(Decision))
    }
}

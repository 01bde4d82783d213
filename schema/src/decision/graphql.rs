//! How clients see decisions.
use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, ID, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::DecisionId;
use super::service::{self, Considered, Kept};
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::gate::{self, DhsComponent, Outcome, Policy, Severity, SubjectKind, letter, wording};
use crate::organization::graphql::request_context;
use crate::organization::model::Viewer;

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
            message: wording::message(finding, policy),
            remedy: wording::remedy(finding, policy),
            citation: policy.citation(finding.code).to_owned(),
            found: finding.clone(),
        }
    }

    /// What to do about it; none where it is only said.
    #[must_use]
    pub fn first_step(&self) -> Option<String> {
        (self.found.severity != Severity::Note).then(|| self.remedy.clone())
    }
}

/// One thing that the gate found: the code, its weight, and what to do about it.
#[Object(crate = "crate::budget")]
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
    /// The component of the Department of Homeland Security that it is about; null if it is about
    /// none, or that is withheld.
    async fn component(&self) -> Option<DhsComponent> {
        let word = self.found.value("component");
        DhsComponent::ALL.iter().copied().find(|component| component.word() == word)
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

/// What a decision found, in words, the worst first.
#[must_use]
pub fn findings(decision: &gate::Decision, policy: &Policy) -> Vec<Finding> {
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

impl Decision {
    async fn before(&self, ctx: &Context<'_>) -> Result<Option<Kept>> {
        if self.0.row.sequence == 1 {
            return Ok(None);
        }
        let decisions: &DataLoader<DecisionsOfSubjects> = ctx.data_unchecked();
        let all = decisions.load_one(self.0.row.subject_id).await?.unwrap_or_default();
        Ok(all.into_iter().find(|kept| kept.row.sequence == self.0.row.sequence - 1))
    }
}

/// What the gate said of a subject, kept with all that it was decided from, so that anyone can
/// replay it and get the same bytes.
#[Object(crate = "crate::budget")]
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
    /// The decision before it on the same subject; null for the first.
    async fn previous(&self, ctx: &Context<'_>) -> Result<Option<Decision>> {
        Ok(self.before(ctx).await?.map(Decision))
    }
    /// What changed from the decision before it, finding by finding; empty for the first.
    async fn changes(&self, ctx: &Context<'_>) -> Result<Vec<FindingChange>> {
        let before = self.before(ctx).await?;
        Ok(before.map(|before| changes(&before, &self.0)).unwrap_or_default())
    }
    /// What it was decided from; to staff, null to the firm.
    async fn facts(&self, ctx: &Context<'_>) -> Result<Option<Json<serde_json::Value>>> {
        let (_, viewer) = request_context(ctx)?;
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
#[Object(crate = "crate::budget")]
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

vocabulary! {
    /// How a finding differs from the decision before.
    pub enum FindingChangeKind {
        /// It was not found before.
        New,
        /// It is not found any more.
        Gone,
        /// It weighs more or less, or can be mended until another time.
        Changed,
    }
}

/// A finding that differs from the decision before on the same subject.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct FindingChange {
    /// How it differs.
    change: FindingChangeKind,
    /// As it was found before; null if it was not.
    before: Option<Finding>,
    /// As it is found now; null if it is not.
    after: Option<Finding>,
}

/// What changed from one decision to the next, finding by finding.
fn changes(before: &Kept, after: &Kept) -> Vec<FindingChange> {
    let same = |in_one: &gate::Finding, other: &Kept| other.decision.findings.contains(in_one);
    let mut gone: Vec<_> =
        before.decision.findings.iter().filter(|was| !same(was, after)).collect();
    // A rule may find several things in one place: of several components, one each.
    let key = |it: &gate::Finding| {
        let about = ["component", "componentName", "name"].map(|name| it.value(name).to_owned());
        (it.code, it.path.clone(), about)
    };
    let mut found = Vec::new();
    for now in after.decision.findings.iter().filter(|now| !same(now, before)) {
        let was = gone.iter().position(|was| key(was) == key(now)).map(|at| gone.remove(at));
        found.push(FindingChange {
            change: match was {
                Some(_) => FindingChangeKind::Changed,
                None => FindingChangeKind::New,
            },
            before: was.map(|was| Finding::of(was, &before.policy)),
            after: Some(Finding::of(now, &after.policy)),
        });
    }
    found.extend(gone.into_iter().map(|was| FindingChange {
        change: FindingChangeKind::Gone,
        before: Some(Finding::of(was, &before.policy)),
        after: None,
    }));
    found
}

/// Reads the decisions on several subjects. Made anew for each request: it holds the viewer.
#[derive(Clone, Debug)]
pub struct DecisionsOfSubjects {
    pub db: Database,
    pub viewer: Viewer,
}

impl Loader<Uuid> for DecisionsOfSubjects {
    type Value = Vec<Kept>;
    type Error = Fault;

    async fn load(&self, subjects: &[Uuid]) -> Result<HashMap<Uuid, Vec<Kept>>> {
        service::visible_of_subjects(&self.db.read, &self.viewer, subjects.to_vec()).await
    }
}

/// Queries of decisions.
#[derive(Debug, Default)]
pub struct DecisionQuery;

#[Object(crate = "crate::budget")]
impl DecisionQuery {
    /// One decision; null if there is none or it is not yours to see.
    async fn decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision's identifier.")] id: DecisionId,
    ) -> Result<Option<Decision>> {
        let (db, viewer) = request_context(ctx)?;
        Ok(service::find(db, viewer, id).await?.map(Decision))
    }
}
